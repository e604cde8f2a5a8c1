import type { MergePrediction } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { autoResolve } from './autoResolve.ts';
import { type ConflictHistory, NO_HISTORY } from './conflictHistory.ts';
import { readConflicts } from './conflicts.ts';
import { conflictPaths, type MergedTree, mergeTree } from './mergeTree.ts';
import { type BranchTip, branchTips } from './refs.ts';
import { isAncestor } from './repositoryState.ts';

/**
 * Says which tier a merge would need, without touching HEAD, index, files, queue or lock (spec 02 §2.7). The merge base
 * is git's own choice, because naming it needs git 2.40; a file without readable markers counts as blocking, because
 * tier 2 cannot resolve it either (both TRAPs there). `history` tells of tiers that are hopeless for some files.
 */
export async function predictMerge(
  git: Git,
  branch: string,
  target: string,
  history: (files: readonly string[]) => Promise<ConflictHistory> = async () => NO_HISTORY,
): Promise<Result<MergePrediction, CallError>> {
  const tips = await branchTips(git, [target, branch]);
  return predictFrom(git, { branch, target, tips, history });
}

/** The same when the tips are known already. */
export async function predictFrom(git: Git, facts: PredictionFacts): Promise<Result<MergePrediction, CallError>> {
  const { branch, target } = facts;
  const into = facts.tips.get(target);
  if (into === undefined) return fail('merge', `Branch ${target} not found; name a local branch to merge into`);
  const tip = facts.tips.get(branch);
  if (tip === undefined) return fail('merge', `Branch ${branch} not found; it may have been removed`);
  const asksContained = into.tree === null && facts.changesFiles !== true;
  const [merged, contained] = await Promise.all([
    mergeTree(git, into.commit, tip.commit),
    asksContained ? isAncestor(git, tip.commit, into.commit) : false,
  ]);
  if (!merged.ok) {
    const base = await git(['merge-base', into.commit, tip.commit]);
    if (base.code !== 0) return fail('merge', `No common ancestor of ${branch} and ${target}; git cannot merge them`);
    return merged;
  }
  // Only then the branch can be in the target: merging what is there already changes nothing.
  const unchanged = merged.value.tree === into.tree;
  if (contained || (unchanged && (await isAncestor(git, tip.commit, into.commit))))
    return ok(predicted('clean-merge', [], `${branch} is already an ancestor of ${target}`));
  const paths = conflictPaths(merged.value);
  if (paths.length === 0) return ok(predicted('clean-merge', [], 'git merges it without a conflict'));
  const reasons = await blockingReasons(git, merged.value);
  const [first] = reasons;
  if (first === undefined)
    return ok(predicted('auto-resolve', paths, 'every conflict can be resolved without dropping a line'));
  const count = reasons.length === 1 ? '' : `${reasons.length} files, among them `;
  // A history that cannot be read predicts nothing.
  const past = await facts.history(paths).catch(() => NO_HISTORY);
  if (past.skipTiers.includes('ai-resolve'))
    return ok(predicted('reimagine', paths, `historical merges of these files failed at ai-resolve; ${count}${first}`));
  return ok(predicted('ai-resolve', paths, `needs a decision in ${count}${first}`));
}

export interface PredictionFacts {
  readonly branch: string;
  readonly target: string;
  readonly tips: ReadonlyMap<string, BranchTip>;
  /** The branch has changes of its own since it left the target, so it cannot be in it; absent: not known. */
  readonly changesFiles?: boolean;
  readonly history: (files: readonly string[]) => Promise<ConflictHistory>;
}

/** Why files are beyond tier 2, one line each; the same rule as the tier's own. */
async function blockingReasons(git: Git, merged: MergedTree): Promise<readonly string[]> {
  const conflicts = await readConflicts(git, merged);
  const known = new Set(conflicts.map(({ path }) => path));
  const unknown = conflictPaths(merged).filter((path) => !known.has(path));
  return [
    ...conflicts.flatMap((conflict) => {
      const resolution = autoResolve(conflict);
      return resolution.kind === 'blocked' ? [`${conflict.path}: ${resolution.reason}`] : [];
    }),
    ...unknown.map((path) => `${path}: git cannot mark the conflict`),
  ];
}

function predicted(
  predictedTier: MergePrediction['predictedTier'],
  conflictFiles: readonly string[],
  reason: string,
): MergePrediction {
  const wouldRequireAgent = predictedTier === 'ai-resolve' || predictedTier === 'reimagine';
  return { predictedTier, conflictFiles: [...conflictFiles], wouldRequireAgent, reason };
}
