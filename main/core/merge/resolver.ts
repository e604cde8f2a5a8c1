import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MergeTier } from '../../../contract/merges.ts';
import { type CallError, ok, type Result } from '../../../contract/result.ts';
import { isMissing } from '../util/files.ts';
import { applyResolution, autoResolve, type ConflictInput, describeLost, lostLines } from './autoResolve.ts';
import { type MergeJournal, writeJournal } from './journal.ts';
import { abortMerge, type MergeSite, prepareCheckout, restoreCheckout } from './prepare.ts';
import {
  blobText,
  type CheckoutState,
  gitReason,
  hasUnionAttribute,
  isAncestor,
  nameFiles,
  type UnmergedFile,
  unmergedFiles,
} from './repositoryState.ts';

/** What came of one attempt to merge; a conflict is an outcome, not an error. */
export interface MergeAttempt {
  readonly success: boolean;
  /** Last tier entered. */
  readonly tier: MergeTier;
  /** Files that conflicted: resolved ones on success, what was left on failure. */
  readonly conflictFiles: readonly string[];
  readonly errorMessage: string | null;
  readonly warnings: readonly string[];
}

/**
 * Merges `journal.commit` into `journal.target` in the project's checkout, tier 1 then tier 2 (spec 02 §2.4, §2.5). On
 * failure the checkout is as it was. An error means that git was not asked to merge at all: the checkout could not be
 * prepared. The journal stays on disk: the caller removes it once the outcome is stored.
 */
export async function resolveMerge(site: MergeSite, wanted: MergeJournal): Promise<Result<MergeAttempt, CallError>> {
  const prepared = await prepareCheckout(site, wanted);
  if (!prepared.ok) return prepared;
  const { before, journal } = prepared.value;
  let attempted: MergeAttempt;
  try {
    attempted = await attempt(site, journal, before);
  } catch (error) {
    // A bug or a file-system error: what was put aside comes back before anybody hears of it.
    await abortMerge(site, journal.commit, null);
    await restoreCheckout(site, journal, false);
    throw error;
  }
  const warnings = await restoreCheckout(site, journal, attempted.success);
  return ok({ ...attempted, warnings: [...attempted.warnings, ...warnings] });
}

async function attempt(site: MergeSite, journal: MergeJournal, before: CheckoutState): Promise<MergeAttempt> {
  const { git } = site;
  await writeJournal(site.overstory, { ...journal, tier: 'clean-merge' });
  const merge = await git(
    [
      // A recorded resolution (rerere) or `branch.<target>.mergeOptions` such as `-X ours` would decide conflicts unseen.
      '-c',
      'rerere.enabled=false',
      `--config-env=branch.${journal.target}.mergeOptions=OVERSTORY_NO_OPTIONS`,
      'merge',
      '--no-edit',
      '--commit',
      '--no-squash',
      '--no-autostash',
      '--no-overwrite-ignore',
      '--strategy=ort',
      '-m',
      `Merge branch '${journal.branch}' into ${journal.target}`,
      journal.commit,
    ],
    { env: { OVERSTORY_NO_OPTIONS: '' } },
  );
  if (merge.code === 0) {
    if (await isAncestor(git, journal.commit, 'HEAD')) return succeeded('clean-merge', [], []);
    return refused(site, journal, before, 'clean-merge', 'git reported success without merging the branch');
  }
  const unmerged = await unmergedFiles(git);
  // Nothing conflicts: git, a hook or the identity refused, and no tier can help (spec 02 §2.5, last paragraph).
  if (unmerged.length === 0) return refused(site, journal, before, 'clean-merge', gitReason(merge.stderr));
  await writeJournal(site.overstory, { ...journal, tier: 'auto-resolve' });
  return attemptTier2(site, journal, before, unmerged);
}

/** A conflicting file with what tier 2 makes of it. */
interface Decided {
  readonly path: string;
  readonly input: ConflictInput;
  /** Bytes to write, or null when it stays unresolved. */
  readonly content: Buffer | null;
  readonly reason: string | null;
}

/** All files are decided before the first is written: without a third tier, a part of them resolved is of no use. */
async function attemptTier2(
  site: MergeSite,
  journal: MergeJournal,
  before: CheckoutState,
  unmerged: readonly UnmergedFile[],
): Promise<MergeAttempt> {
  const { git, root } = site;
  const decided: Decided[] = [];
  for (const file of unmerged) decided.push(await decide(site, file));
  const left = decided.filter((file) => file.content === null);
  if (left.length > 0) {
    const warnings = left.map((file) => `auto-resolve skipped ${file.path}: ${file.reason ?? ''}`);
    return conflicted(
      site,
      journal,
      before,
      left.map((file) => file.path),
      warnings,
    );
  }
  for (const file of decided) {
    if (file.content !== null) await writeFile(join(root, file.path), file.content);
  }
  const paths = decided.map((file) => file.path);
  const added = await git(['add', '--', ...paths.map((path) => `:(top,literal)${path}`)]);
  if (added.code !== 0) return refused(site, journal, before, 'auto-resolve', gitReason(added.stderr));
  const commit = await git(['commit', '--quiet', '--no-edit', '--cleanup=strip']);
  if (commit.code !== 0) return refused(site, journal, before, 'auto-resolve', gitReason(commit.stderr));
  return succeeded('auto-resolve', paths, await auditCommit(site, decided));
}

async function decide(site: MergeSite, file: UnmergedFile): Promise<Decided> {
  const bytes = await readIfPresent(join(site.root, file.path));
  const union = await hasUnionAttribute(site.git, file.path);
  const base = await blobText(site.git, file.stages[1]?.oid);
  const ours = await blobText(site.git, file.stages[2]?.oid);
  const theirs = await blobText(site.git, file.stages[3]?.oid);
  const input: ConflictInput = {
    file,
    union,
    content: bytes.toString('utf8'),
    base: base.ok ? base.value : '',
    ours: ours.ok ? ours.value : '',
    theirs: theirs.ok ? theirs.value : '',
  };
  const open = (reason: string): Decided => ({ path: file.path, input, content: null, reason });
  for (const blob of [base, ours, theirs]) if (!blob.ok) return open(blob.error.message);
  const resolution = autoResolve(input);
  if (resolution.kind === 'blocked') return open(resolution.reason);
  // latin1 maps every byte to one character and back, so files of any encoding keep their bytes.
  const content = Buffer.from(applyResolution(bytes.toString('latin1'), resolution.keep), 'latin1');
  return { path: file.path, input, content, reason: null };
}

/** Looks at what was really committed, since a hook of the repository may have changed it. */
async function auditCommit(site: MergeSite, decided: readonly Decided[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const { path, input } of decided) {
    const committed = await site.git(['cat-file', 'blob', `HEAD:${path}`]);
    const lost = lostLines(input, committed.code === 0 ? committed.stdout : '');
    if (lost > 0)
      warnings.push(`the merge commit lacks ${describeLost(lost)} of ${path}; a commit hook may have changed it`);
  }
  return warnings;
}

async function readIfPresent(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    // Deleted on one side, or a folder stands there now: there is nothing to read markers from.
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'EISDIR') return Buffer.alloc(0);
    throw error;
  }
}

function succeeded(tier: MergeTier, files: readonly string[], warnings: readonly string[]): MergeAttempt {
  return { success: true, tier, conflictFiles: files, errorMessage: null, warnings };
}

async function conflicted(
  site: MergeSite,
  { branch, target, commit }: MergeJournal,
  before: CheckoutState,
  files: readonly string[],
  warnings: readonly string[],
): Promise<MergeAttempt> {
  const count = files.length === 1 ? '1 file conflicts' : `${files.length} files conflict`;
  return {
    success: false,
    tier: 'auto-resolve',
    conflictFiles: files,
    errorMessage: `Merge of ${branch} into ${target} failed at auto-resolve: ${count} (${nameFiles(files)}); merge ${target} into ${branch} in its worktree, resolve and commit there, then merge again`,
    warnings: [...warnings, ...(await abortMerge(site, commit, before))],
  };
}

async function refused(
  site: MergeSite,
  { branch, target, commit }: MergeJournal,
  before: CheckoutState,
  tier: MergeTier,
  reason: string,
): Promise<MergeAttempt> {
  return {
    success: false,
    tier,
    conflictFiles: [],
    errorMessage: `Merge of ${branch} into ${target} failed at ${tier}: ${reason}`,
    warnings: await abortMerge(site, commit, before),
  };
}
