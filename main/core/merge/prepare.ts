import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { dirtyTrackedFiles, restoreStash, stashDirtyFiles } from './autoStash.ts';
import { type MergeJournal, writeJournal } from './journal.ts';
import {
  branchCommit,
  type CheckoutState,
  checkoutState,
  currentBranch,
  gitReason,
  isAncestor,
  mergeHead,
  nameFiles,
  operationInProgress,
  unmergedFiles,
} from './repositoryState.ts';
import { bringBack, collisionError, findCollisions, putAside } from './untracked.ts';

/** Where merges happen. */
export interface MergeSite {
  /** Runs git in the project root; its environment names the merge, see `siteGit`. */
  readonly git: Git;
  readonly root: string;
  /** Absolute path of `.overstory`. */
  readonly overstory: string;
}

/** Environment variable that marks the git processes of one merge, so that a later engine can wait for orphans. */
export const MERGE_ID_VARIABLE = 'OVERSTORY_MERGE_ID';

/** The same site, with every git process marked as belonging to one merge. */
export function siteFor(site: MergeSite, id: string): MergeSite {
  const git: Git = (args, options) => site.git(args, { ...options, env: { ...options?.env, [MERGE_ID_VARIABLE]: id } });
  return { ...site, git };
}

/** State the tools themselves keep in the repository; it is committed, never merged over (spec 02 §2.4, step 2). */
const RUNTIME_STATE = /^(?:\.seeds\/|\.overstory\/|\.greenhouse\/|\.mulch\/|\.canopy\/|\.claude\/|CLAUDE\.md$)/;
const RUNTIME_COMMIT_MESSAGE = 'chore: sync os-eco runtime state';

/** A checkout that is ready: how it is now, and the journal as it is on disk. */
export interface Prepared {
  readonly before: CheckoutState;
  readonly journal: MergeJournal;
}

/**
 * Makes the checkout ready for a merge of `journal.commit` into `journal.target` (spec 02 §2.4) and gives its state, to
 * be compared with after a failure. Nothing is touched before the journal is on disk. When it fails, what it had done
 * is undone.
 */
export async function prepareCheckout(site: MergeSite, journal: MergeJournal): Promise<Result<Prepared, CallError>> {
  const operation = await operationInProgress(site.git, site.root);
  if (operation !== null) {
    return fail('merge', `A ${operation} is in progress in ${site.root}; finish or abort it, then merge again`);
  }
  const unmerged = await unmergedFiles(site.git);
  if (unmerged.length > 0) {
    const names = nameFiles(unmerged.map((file) => file.path));
    return fail('merge', `The checkout has unresolved conflicts in ${names}; resolve them, then merge again`);
  }
  if ((await branchCommit(site.git, journal.target)) === null) {
    return fail('merge', `Failed to checkout ${journal.target}: there is no such local branch`);
  }
  const branch = await currentBranch(site.git);
  const previous = branch === journal.target ? null : (branch ?? (await checkoutState(site.git)).head);
  const current: MergeJournal = { ...journal, previousBranch: previous };
  await writeJournal(site.overstory, current);
  const prepared = await prepareOnTarget(site, current);
  if (!prepared.ok) await restoreCheckout(site, current, false);
  return prepared.ok ? ok({ before: prepared.value, journal: current }) : prepared;
}

async function prepareOnTarget(site: MergeSite, journal: MergeJournal): Promise<Result<CheckoutState, CallError>> {
  const { git, root } = site;
  if (journal.previousBranch !== null) {
    const switched = await switchTo(git, journal.target);
    if (!switched.ok) return switched;
  }
  await commitRuntimeState(git);
  const collisions = await findCollisions(git, root, journal.commit);
  if (!collisions.ok) return collisions;
  if (collisions.value.blocking.length > 0) return collisionError(collisions.value.blocking);
  const dirty = await dirtyTrackedFiles(git);
  if (dirty.length > 0) {
    const stashed = await stashDirtyFiles(git, journal.id, dirty);
    if (!stashed.ok) return stashed;
  }
  await putAside(root, site.overstory, journal.id, collisions.value.same);
  return ok(await checkoutState(git));
}

/** Checks a branch out without overwriting ignored files. A failing post-checkout hook does not undo a checkout, so HEAD decides. */
async function switchTo(git: Git, branch: string): Promise<Result<void, CallError>> {
  const output = await git(['checkout', '--quiet', '--no-guess', '--no-overwrite-ignore', branch, '--']);
  if (output.code === 0 || (await currentBranch(git)) === branch) return ok(undefined);
  return fail('merge', `Failed to checkout ${branch}: ${gitReason(output.stderr)}`);
}

/**
 * Commits changed runtime state with exactly those paths: the reference's commit swept in whatever else was staged
 * (spec 02 §2.4, TRAP).
 */
async function commitRuntimeState(git: Git): Promise<void> {
  const paths = (await dirtyTrackedFiles(git)).filter((path) => RUNTIME_STATE.test(path));
  if (paths.length === 0) return;
  // A refusal (hook, identity) is no reason not to merge: the files are then put aside with the others.
  await git([
    'commit',
    '--quiet',
    '--message',
    RUNTIME_COMMIT_MESSAGE,
    '--',
    ...paths.map((path) => `:(top,literal)${path}`),
  ]);
}

/**
 * Ends a merge whatever came of it: files and uncommitted changes put aside come back, and after a failure the checkout
 * returns to the branch it was on (after a success it stays on the target, spec 02 §2.2). Gives the warnings. Safe to
 * call again, also by another engine after a crash.
 */
export async function restoreCheckout(site: MergeSite, journal: MergeJournal, merged: boolean): Promise<string[]> {
  await bringBack(site.root, site.overstory, journal.id);
  const warnings = await restoreStash(site.git, journal.id);
  if (merged || journal.previousBranch === null || (await currentBranch(site.git)) !== journal.target) return warnings;
  const back = await site.git(['checkout', '--quiet', '--no-overwrite-ignore', journal.previousBranch, '--']);
  if (back.code === 0) return warnings;
  return [
    ...warnings,
    `the checkout stays on ${journal.target}: it cannot return to ${journal.previousBranch}: ${gitReason(back.stderr)}`,
  ];
}

/**
 * Aborts the merge of `commit` if that is the one in progress, and gives a warning when the checkout is not what it was
 * before.
 */
export async function abortMerge(site: MergeSite, commit: string, before: CheckoutState | null): Promise<string[]> {
  const { git, root } = site;
  if ((await mergeHead(git, root)) === commit) {
    const aborted = await git(['merge', '--abort']);
    // The same without the checks of `merge --abort`; local changes are kept as well.
    if (aborted.code !== 0) await git(['reset', '--merge']);
  }
  if (before === null) return [];
  const after = await checkoutState(git);
  if (after.head !== before.head) {
    const contained = await isAncestor(git, before.head, after.head);
    return [`HEAD is at ${after.head} after the failed merge, ${contained ? 'ahead of' : 'not'} ${before.head}`];
  }
  return after.status === before.status ? [] : ['the checkout differs from before the failed merge; see git status'];
}
