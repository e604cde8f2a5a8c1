import type { LossAudit } from '../../../contract/lossAudit.ts';
import type { MergeTier } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { advanceTarget } from './advance.ts';
import {
  type Change,
  changesBetween,
  dirtyFiles,
  type Holder,
  holderOf,
  inTheWay,
  untrackedInTheWay,
} from './checkout.ts';
import { mergeMessage, type Provenance } from './commitMessage.ts';
import { NO_HISTORY } from './conflictHistory.ts';
import { conflictKindsOf } from './conflictKind.ts';
import type { GateFailure } from './gates.ts';
import { type CommitHook, type CommitRules, commitHooks, commitRules, runCommitHooks } from './hooks.ts';
import { type MergeJournal, scratchPath, writeJournal } from './journal.ts';
import { auditMerge } from './lossAuditMerge.ts';
import { NOBODY, type ReportedStep } from './mergeTrace.ts';
import { type MergedTree, mergeTree } from './mergeTree.ts';
import { fillMergeWorktree } from './mergeWorktree.ts';
import { type BranchTip, branchTips, branchTipsAt } from './refs.ts';
import { gitReason, isAncestor } from './repositoryState.ts';
import { commitRuntimeState } from './runtimeState.ts';
import type { MergeSite } from './site.ts';
import { climbTiers, type Proposal, type TierAids, unresolvedReason } from './tiers.ts';

/** What came of one attempt to merge; a conflict is an outcome, not an error. */
export interface MergeAttempt {
  readonly success: boolean;
  /** Last tier entered. */
  readonly tier: MergeTier;
  /** Files that conflicted: resolved ones on success, what was left on failure. */
  readonly conflictFiles: readonly string[];
  readonly errorMessage: string | null;
  readonly warnings: readonly string[];
  /** The merge was made and waits for a person; the target has not moved. */
  readonly held?: HeldMerge;
}

/** A merge commit that may not become the target yet, and why. */
export interface HeldMerge {
  readonly from: string;
  readonly commit: string;
  readonly audit: LossAudit | null;
  readonly gate: GateFailure | null;
}

/** How the gates judged a commit: null when they pass. */
export type Verify = (commit: string, tier: MergeTier) => Promise<Result<GateFailure | null, CallError>>;

/** What a merge may use beyond git; everything has a default, so that a bare merge is tiers 1 and 2. */
export interface MergeAids extends Omit<TierAids, 'onTier'> {
  readonly provenance: Provenance;
  /** Runs the quality gates on the merged commit; null: none. */
  readonly verify: Verify | null;
  /** Runs work while nobody else uses the project's checkout. */
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** Where the target stands, when that was just read. */
  readonly tip: BranchTip | null;
  /** Waited for before a checkout with uncommitted changes is touched. An error refuses the merge. */
  readonly beforeTouch: (() => Promise<Result<null, CallError>>) | null;
}

export const BARE_AIDS: MergeAids = {
  model: null,
  aiResolve: false,
  reimagine: false,
  history: async () => NO_HISTORY,
  context: async () => ({ branch: '', target: '', branchIntent: '', targetIntent: '' }),
  signal: new AbortController().signal,
  provenance: { agentName: null, taskId: null, runId: null },
  verify: null,
  tip: null,
  exclusively: (work) => work(),
  beforeTouch: null,
  observe: NOBODY,
  modelUse: () => null,
};

/** Times a merge is made anew because somebody moved the target meanwhile. */
const ATTEMPTS = 5;

/**
 * Merges `journal.commit` into `journal.target` (spec 02 §2.4, §2.5). The merge is made in the object database; a
 * checkout is touched only in the last step, when the target moves (docs/decisions/merge.md). Until then every failure
 * leaves files, index and refs as they were. An error means that nothing was tried, or that it was cancelled. The journal
 * stays on disk: the caller removes it once the outcome is stored.
 */
export async function resolveMerge(
  site: MergeSite,
  journal: MergeJournal,
  aids: Partial<MergeAids> = {},
): Promise<Result<MergeAttempt, CallError>> {
  const all: MergeAids = { ...BARE_AIDS, ...aids };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const made = await makeMerge(site, journal, attempt === 1 ? all : { ...all, tip: null });
    if (!made.ok || made.value !== 'overtaken') return made as Result<MergeAttempt, CallError>;
  }
  return fail('merge', `${journal.target} was moved by others ${ATTEMPTS} times during the merge; merge again`);
}

/** Everything known about a merge before a tier is entered. */
interface Start {
  readonly from: string;
  readonly holder: Holder | null;
  readonly merged: MergedTree;
  /** Files of the holder with uncommitted changes. */
  readonly dirty: readonly string[];
  readonly rules: CommitRules;
}

async function makeMerge(
  site: MergeSite,
  journal: MergeJournal,
  aids: MergeAids,
): Promise<Result<MergeAttempt | 'overtaken', CallError>> {
  const { observe } = aids;
  observe.stage('merging', 'clean-merge');
  const started = await start(site, journal, aids.tip);
  if (!started.ok) return started;
  const { from, holder, dirty, rules } = started.value;
  observe.step(tierOne(started.value.merged));
  const proposed = await propose(site, journal, started.value, aids);
  if (!proposed.ok) return proposed;
  if (!('tree' in proposed.value)) return ok(proposed.value);
  const { tier, conflictFiles, warnings } = proposed.value;
  const changing = changesBetween(site.git, from, proposed.value.tree);
  /** Merging what is there already changes nothing; only then the branch can be in the target. */
  const isContained = async (): Promise<boolean> => {
    const known = await changing;
    return known.ok && known.value.length === 0 && isAncestor(site.git, journal.commit, from);
  };
  const hooks = await commitHooks(rules, tier === 'clean-merge');
  // No hook is bothered with a commit that is not to be made.
  if (hooks.length > 0 && (await isContained())) return ok(succeeded('clean-merge', [], []));
  const [committed, changed] = await Promise.all([
    commit(site, journal, started.value, proposed.value, aids, hooks),
    changing,
  ]);
  if (!changed.ok) return changed;
  if (hooks.length === 0 && (await isContained())) return ok(succeeded('clean-merge', [], []));
  if (!committed.ok) return ok(failed(journal, tier, committed.error.message));
  const { commit: to, tree, changedByHook } = committed.value;
  const held = (audit: LossAudit | null, gate: GateFailure | null): MergeAttempt => ({
    success: false,
    tier,
    conflictFiles,
    errorMessage: null,
    warnings,
    held: { from, commit: to, audit, gate },
  });
  if (tier !== 'clean-merge' || changedByHook) {
    observe.stage('auditing', tier);
    const audit = await auditMerge(site.git, { ours: from, theirs: journal.commit, result: tree });
    if (!audit.ok) return ok(failed(journal, tier, audit.error.message));
    observe.step({ kind: 'audit', audit: audit.value });
    if (!audit.value.ok) return ok(held(audit.value, null));
  }
  let checkout: KnownCheckout | null =
    changedByHook || tier === 'ai-resolve' || tier === 'reimagine' ? null : { holder, dirty, changed };
  if (aids.verify !== null) {
    // Nobody waits for gates for a merge the checkout could not take.
    const free = await obstacles(site, from, to, { holder, dirty, changed: null });
    if (!free.ok) return free;
    await writeJournal(site.overstory, { ...journal, tier });
    const verified = await aids.verify(to, tier);
    if (!verified.ok)
      return verified.error.tag === 'cancelled' ? verified : ok(failed(journal, tier, verified.error.message));
    if (verified.value !== null) return ok(held(null, verified.value));
    // Minutes may have passed.
    checkout = null;
  }
  observe.stage('moving', tier);
  const moved = await moveTarget(site, journal, { from, to, tier, checkout }, aids);
  if (!moved.ok) return moved;
  if (moved.value === 'overtaken') return ok('overtaken');
  return ok(succeeded(tier, conflictFiles, [...warnings, ...moved.value]));
}

async function start(
  site: MergeSite,
  journal: MergeJournal,
  known: BranchTip | null,
): Promise<Result<Start, CallError>> {
  const [tips, held] = await Promise.all([
    known === null ? branchTipsAt(site.git, site.root, [journal.target]) : new Map([[journal.target, known]]),
    holderOf(site, journal.target),
  ]);
  if (!held.ok) return held;
  const holder = held.value;
  let tip = tips.get(journal.target);
  if (tip === undefined) return fail('merge', `Failed to checkout ${journal.target}: there is no such local branch`);
  // Attributes are read where the branch is checked out, else in the project's checkout.
  const git = holder?.git ?? site.git;
  const look = (from: string) =>
    Promise.all([mergeTree(git, from, journal.commit), holder === null ? [] : dirtyFiles(holder), commitRules(site)]);
  let [merged, dirty, rules] = await look(tip.commit);
  if (holder !== null && (await commitRuntimeState(holder, dirty))) {
    tip = (await branchTips(site.git, [journal.target])).get(journal.target) ?? tip;
    [merged, dirty, rules] = await look(tip.commit);
  }
  if (!merged.ok) return merged;
  return ok({ from: tip.commit, holder, merged: merged.value, dirty, rules });
}

/** Enters the tiers that are needed and gives the tree to commit, or the failure. */
async function propose(
  site: MergeSite,
  journal: MergeJournal,
  { from, holder, merged, dirty }: Start,
  aids: MergeAids,
): Promise<Result<Proposal | MergeAttempt, CallError>> {
  const { branch, target } = journal;
  if (merged.clean)
    return ok({ tree: merged.tree, tier: 'clean-merge', conflictFiles: [], warnings: [], decisions: [] });
  // Nobody waits for gates or pays a model for a merge the checkout could not take.
  const free = await obstacles(site, from, merged.tree, { holder, dirty, changed: null });
  if (!free.ok) return free;
  const here: MergeSite = { ...site, git: holder?.git ?? site.git };
  const onTier = (tier: MergeTier): Promise<void> => writeJournal(site.overstory, { ...journal, tier });
  const climbed = await climbTiers(here, merged, { ...aids, onTier }, scratchPath(site.overstory, journal.id, 'index'));
  if (!climbed.ok)
    return climbed.error.tag === 'cancelled' ? climbed : ok(failed(journal, 'auto-resolve', climbed.error.message));
  if ('tree' in climbed.value) return ok(climbed.value);
  const { tier, files, warnings } = climbed.value;
  const errorMessage = unresolvedReason(branch, target, climbed.value);
  return ok({ success: false, tier, conflictFiles: files, errorMessage, warnings });
}

/** The checkout that has to follow, as it was a moment ago. */
export interface KnownCheckout {
  readonly holder: Holder | null;
  readonly dirty: readonly string[];
  /** What the merge changes, when that is known. */
  readonly changed: Result<readonly Change[], CallError> | null;
}

/** Untracked files the merge brings as they are; an error names what it would destroy. */
async function obstacles(
  site: MergeSite,
  from: string,
  tree: string,
  { holder, dirty, changed }: KnownCheckout,
): Promise<Result<readonly Change[], CallError>> {
  if (holder === null) return ok([]);
  const changes = changed ?? (await changesBetween(site.git, from, tree));
  if (!changes.ok) return changes;
  const paths = new Set(changes.value.map(({ path }) => path));
  const edited = dirty.filter((path) => paths.has(path));
  const untracked = await untrackedInTheWay(holder, changes.value);
  if (edited.length === 0 && untracked.blocking.length === 0) return ok(untracked.same);
  return { ok: false, error: inTheWay(holder, edited, untracked.blocking) };
}

/** Commits the proposed tree on nothing but the object database; hooks of the repository have their say. */
async function commit(
  site: MergeSite,
  journal: MergeJournal,
  { from, rules }: Start,
  proposal: Proposal,
  aids: MergeAids,
  hooks: readonly CommitHook[],
): Promise<Result<{ readonly commit: string; readonly tree: string; readonly changedByHook: boolean }, CallError>> {
  const { branch, target } = journal;
  let { tree } = proposal;
  let message = mergeMessage({ ...proposal, branch, target, provenance: aids.provenance });
  if (hooks.length > 0) {
    const hooked = await hookedCommit(site, journal, from, tree, message, hooks);
    if (!hooked.ok) return hooked;
    ({ tree, message } = hooked.value);
  }
  const made = await commitTree(site, tree, [from, journal.commit], message, rules.sign);
  return made.ok ? ok({ commit: made.value, tree, changedByHook: tree !== proposal.tree }) : made;
}

async function hookedCommit(
  site: MergeSite,
  journal: MergeJournal,
  from: string,
  tree: string,
  message: string,
  hooks: readonly CommitHook[],
) {
  // A hook that outlives its engine is found by the journal.
  await writeJournal(site.overstory, journal);
  const worktree = await fillMergeWorktree(site, from, tree);
  return worktree.ok ? runCommitHooks(worktree.value, hooks, message, journal.id) : worktree;
}

/** Milliseconds a signature may take; an agent that asks for a passphrase nobody sees would hang. */
const SIGN_MS = 60_000;

async function commitTree(
  site: MergeSite,
  tree: string,
  parents: readonly string[],
  message: string,
  sign: boolean,
): Promise<Result<string, CallError>> {
  const args = [
    'commit-tree',
    ...(sign ? ['-S'] : []),
    ...parents.flatMap((parent) => ['-p', parent]),
    '-F',
    '-',
    tree,
  ];
  const output = await site.git(args, { input: message, ...(sign ? { timeoutMs: SIGN_MS } : {}) });
  return output.code === 0 ? ok(output.stdout.trim()) : fail('merge', gitReason(output.stderr));
}

/** A commit made anew with another message: tree and parents stay. */
export async function recommit(
  site: MergeSite,
  commitId: string,
  parents: readonly string[],
  message: string,
): Promise<Result<string, CallError>> {
  return commitTree(site, `${commitId}^{tree}`, parents, message, (await commitRules(site)).sign);
}

/** What moves where. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly tier: MergeTier;
  /** Null when it has to be looked at again: a person may have switched branches or edited files meanwhile. */
  readonly checkout: KnownCheckout | null;
}

/** The last step: the only one that touches a ref or a checkout. Gives warnings, or that somebody was faster. */
export async function moveTarget(
  site: MergeSite,
  journal: MergeJournal,
  { from, to, tier, checkout }: Move,
  aids: Pick<MergeAids, 'exclusively' | 'beforeTouch'>,
): Promise<Result<readonly string[] | 'overtaken', CallError>> {
  return aids.exclusively(async () => {
    const now = checkout === null ? await lookAtCheckout(site, journal.target) : ok(checkout);
    if (!now.ok) return now;
    const { holder, dirty } = now.value;
    const same = await obstacles(site, from, to, now.value);
    if (!same.ok) return same;
    if (dirty.length > 0 && aids.beforeTouch !== null) {
      const kept = await aids.beforeTouch();
      if (!kept.ok) return kept;
    }
    const adopted = same.value.map(({ path }) => path);
    await writeJournal(site.overstory, {
      ...journal,
      tier,
      advance: { from, to, holder: holder?.path ?? null, adopted },
    });
    const { target, branch } = journal;
    const outcome = await advanceTarget(site.git, { target, branch, from, to, holder, same: same.value });
    if (outcome.kind === 'overtaken') return ok('overtaken');
    if (outcome.kind === 'refused') return { ok: false, error: outcome.error };
    return ok(adopted.map((path) => `the untracked file ${path} has the content the branch brings and is tracked now`));
  });
}

async function lookAtCheckout(site: MergeSite, target: string): Promise<Result<KnownCheckout, CallError>> {
  const found = await holderOf(site, target);
  if (!found.ok) return found;
  const holder = found.value;
  return ok({ holder, dirty: holder === null ? [] : await dirtyFiles(holder), changed: null });
}

/** What git's own merge came to, for the trace. */
function tierOne(merged: MergedTree): ReportedStep {
  const left = conflictKindsOf(merged).map(({ path, kind }) => ({ path, reason: kind }));
  return { kind: 'tier', tier: 'clean-merge', resolved: [], left, model: null };
}

function succeeded(tier: MergeTier, files: readonly string[], warnings: readonly string[]): MergeAttempt {
  return { success: true, tier, conflictFiles: files, errorMessage: null, warnings };
}

function failed({ branch, target }: MergeJournal, tier: MergeTier, reason: string): MergeAttempt {
  const errorMessage = `Merge of ${branch} into ${target} failed at ${tier}: ${reason}`;
  return { success: false, tier, conflictFiles: [], errorMessage, warnings: [] };
}
