import type { MergeStep } from '../../../contract/radar.ts';

/** A worktree as the order sees it. */
export interface OrderedWorktree {
  readonly agentName: string;
  /** Its agent has finished, so that it can be merged first. */
  readonly finished: boolean;
  /** Files that conflict with the target as it is. */
  readonly targetConflicts: number;
  readonly startedAt: string;
}

/** Files that conflict between two worktrees, by both names. */
export type ConflictCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Suggests in which order to merge, so that as few merges as possible meet a conflict (product.md B5). Whoever merges
 * first of a conflicting pair does so cleanly; the other resolves. So those that leave the most others clean go first: of
 * the rest always the one with the fewest conflicts among what is left, which excludes the fewest. What conflicts with
 * something before it comes after all that, the least conflicts first, because its resolution is needed anyhow.
 */
export function suggestOrder(worktrees: readonly OrderedWorktree[], counts: ConflictCounts): readonly MergeStep[] {
  const conflicts = (one: string, other: string): number => counts.get(one)?.get(other) ?? 0;
  const steps: MergeStep[] = [];
  const placed = (): readonly string[] => steps.map((step) => step.agentName);
  const place = (worktree: OrderedWorktree): void => {
    const earlier = placed().filter((name) => conflicts(worktree.agentName, name) > 0);
    const conflictsWith = worktree.targetConflicts > 0 ? [null, ...earlier] : earlier;
    steps.push({ agentName: worktree.agentName, clean: conflictsWith.length === 0, conflictsWith: [...conflictsWith] });
  };

  let open = worktrees.filter((worktree) => worktree.targetConflicts === 0);
  while (open.length > 0) {
    const degree = (worktree: OrderedWorktree): number =>
      open.filter((other) => conflicts(worktree.agentName, other.agentName) > 0).length;
    const [next] = open.toSorted(
      (one, other) =>
        degree(one) - degree(other) ||
        Number(other.finished) - Number(one.finished) ||
        one.startedAt.localeCompare(other.startedAt) ||
        one.agentName.localeCompare(other.agentName),
    );
    if (next === undefined) break;
    place(next);
    open = open.filter((other) => other !== next && conflicts(next.agentName, other.agentName) === 0);
  }
  let rest = worktrees.filter((worktree) => !placed().includes(worktree.agentName));
  while (rest.length > 0) {
    const effort = (worktree: OrderedWorktree): number =>
      worktree.targetConflicts + placed().reduce((sum, name) => sum + conflicts(worktree.agentName, name), 0);
    const [next] = rest.toSorted(
      (one, other) =>
        effort(one) - effort(other) ||
        Number(other.finished) - Number(one.finished) ||
        one.startedAt.localeCompare(other.startedAt) ||
        one.agentName.localeCompare(other.agentName),
    );
    if (next === undefined) break;
    place(next);
    rest = rest.filter((other) => other !== next);
  }
  return steps;
}
