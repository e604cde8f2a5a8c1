import type { AttentionItem } from '../../../contract/attention.ts';
import { RADAR_FILES, type RadarPair, type RadarView, type RadarWorktree } from '../../../contract/radar.ts';
import { suggestOrder } from './mergeOrder.ts';
import type { RadarMatrix } from './radarLook.ts';

/** What the radar knows of a worktree's agent. */
export interface RadarAgent {
  readonly agentName: string;
  readonly taskId: string;
  readonly branchName: string;
  readonly startedAt: string;
  readonly running: boolean;
}

/** Matrix, agents and order as faces show them. */
export function radarView(
  matrix: RadarMatrix,
  agents: readonly RadarAgent[],
  facts: Pick<RadarView, 'enabled' | 'target' | 'lookedAt'> & { readonly cost: Omit<RadarView['cost'], 'mergedPairs'> },
): RadarView {
  const byName = new Map(agents.map((agent) => [agent.agentName, agent] as const));
  const withTarget = new Map(
    matrix.pairs.flatMap(({ one, other, conflicts }) => (other === null ? [[one, conflicts] as const] : [])),
  );
  const pairs = matrix.pairs.flatMap(({ one, other, conflicts }): RadarPair[] =>
    other === null ? [] : [{ one, other, conflicts: conflicts.slice(0, RADAR_FILES), count: conflicts.length }],
  );
  const counts = new Map<string, Map<string, number>>();
  for (const { one, other, count } of pairs) {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      counts.set(from, (counts.get(from) ?? new Map<string, number>()).set(to, count));
    }
  }
  const worktrees = matrix.worktrees.map((seen): RadarWorktree => {
    const agent = byName.get(seen.name);
    const conflicts = withTarget.get(seen.name) ?? [];
    const taskId = agent?.taskId ?? '';
    return {
      agentName: seen.name,
      taskId: taskId === '' ? null : taskId,
      branch: agent?.branchName ?? '',
      running: agent?.running ?? false,
      changedFiles: seen.changed.all.size,
      uncommittedFiles: seen.uncommitted,
      merged: seen.merged,
      withTarget: conflicts.slice(0, RADAR_FILES),
      withTargetCount: conflicts.length,
      problem: seen.problem,
    };
  });
  const ordered = worktrees
    .filter((worktree) => !worktree.merged && worktree.problem === null)
    .map(({ agentName, running, withTargetCount }) => ({
      agentName,
      finished: !running,
      targetConflicts: withTargetCount,
      startedAt: byName.get(agentName)?.startedAt ?? '',
    }));
  return {
    ...facts,
    worktrees,
    pairs,
    order: [...suggestOrder(ordered, counts)],
    cost: { ...facts.cost, mergedPairs: matrix.mergedPairs },
  };
}

/** Files a line about a collision names. */
const NAMED = 3;

/**
 * One item for each two running agents that are predicted to collide, whatever the number of files. Its id names the two
 * and nothing that changes, so that a collision somebody has seen does not come back with the next file.
 * @param since when each pair was first predicted, by item id.
 */
export function collisionItems(view: RadarView, since: ReadonlyMap<string, string>): readonly AttentionItem[] {
  const running = new Map(
    view.worktrees.flatMap((worktree) => (worktree.running ? [[worktree.agentName, worktree] as const] : [])),
  );
  return view.pairs.flatMap((pair): AttentionItem[] => {
    const one = running.get(pair.one);
    const other = running.get(pair.other);
    if (one === undefined || other === undefined) return [];
    const [first = '', second = ''] = [pair.one, pair.other].sort();
    const id = `collision:${first}+${second}`;
    const named = pair.conflicts
      .slice(0, NAMED)
      .map(({ path, kind }) => (kind === 'content' ? path : `${path} (${kind})`));
    const more = pair.count - named.length;
    return [
      {
        id,
        kind: 'collision',
        agent: first,
        taskId: running.get(first)?.taskId ?? null,
        title: `${first} and ${second} would collide`,
        detail: `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}: tell one of them to wait for the other, or merge in the order of "ov radar"`,
        options: [],
        mailId: null,
        mergeId: null,
        at: since.get(id) ?? view.lookedAt ?? '',
      },
    ];
  });
}
