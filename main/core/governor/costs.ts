import type { CostsInput, CostTotals, SessionCost } from '../../../contract/governor.ts';
import type { Stores } from '../stores.ts';
import { dayRange } from './scopeUsage.ts';
import type { TurnFilter } from './usageStore.ts';

/** Answer of `costs.list`. */
export interface CostsReply {
  readonly sessions: SessionCost[];
  readonly totals: CostTotals;
}

/** Sessions summed up; a project has no more. */
const ALL = 1_000_000;

/**
 * What sessions cost (spec 03 §2.4): rows by session, newest first, from the turn rows; sessions of the original overstory,
 * which have no turn rows, come from metrics.db. Totals are over all that fit, the rows are the newest `last`.
 */
export function listCosts(
  stores: Pick<Stores, 'usage' | 'metrics' | 'sessions'>,
  input: CostsInput,
  burnUsdPerMinute: number | null,
): CostsReply {
  const filter: TurnFilter = {
    ...(input.agent === undefined ? {} : { agentName: input.agent }),
    ...(input.task === undefined ? {} : { taskId: input.task }),
    ...(input.run === undefined ? {} : { runId: input.run }),
    ...(input.day === undefined ? {} : dayRange(input.day)),
  };
  const own = stores.usage.sessions(filter, ALL).map((use): SessionCost => {
    const session = stores.sessions.getByName(use.agentName);
    const current = session?.id === use.sessionId ? session : null;
    const over = current === null || current.state === 'completed' || current.state === 'zombie';
    const metrics = stores.metrics.getByTask(use.taskId).find((row) => row.agentName === use.agentName);
    const { sessionId: _session, estimatedTurns, ...row } = use;
    return {
      ...row,
      durationMs: Math.round(use.durationMs),
      completedAt: over ? use.completedAt : null,
      mergeResult: metrics?.mergeResult ?? null,
      parentAgent: current?.parentAgent || null,
      estimated: estimatedTurns > 0,
    };
  });
  const known = new Set(own.map((row) => `${row.agentName} ${row.taskId}`));
  const all = [...own, ...foreign(stores, input).filter((row) => !known.has(`${row.agentName} ${row.taskId}`))].sort(
    (one, other) => other.startedAt.localeCompare(one.startedAt),
  );
  const sums = stores.usage.sums(filter);
  const total = (pick: (row: SessionCost) => number): number => all.reduce((sum, row) => sum + pick(row), 0);
  return {
    sessions: all.slice(0, input.last),
    totals: {
      inputTokens: total((row) => row.inputTokens),
      outputTokens: total((row) => row.outputTokens),
      cacheTokens: total((row) => row.cacheReadTokens + row.cacheCreationTokens),
      costUsd: all.some((row) => row.estimatedCostUsd !== null) ? total((row) => row.estimatedCostUsd ?? 0) : null,
      estimated: all.some((row) => row.estimated),
      turns: sums.turns,
      unpricedTurns: sums.unpriced,
      burnRatePerMin: burnUsdPerMinute,
    },
  };
}

/** Rows the original wrote; its dollars are always estimates. Agents of ours are known by their turns. */
function foreign(stores: Pick<Stores, 'usage' | 'metrics'>, input: CostsInput): readonly SessionCost[] {
  const rows =
    input.agent !== undefined
      ? stores.metrics.getByAgent(input.agent)
      : input.task !== undefined
        ? stores.metrics.getByTask(input.task)
        : input.run !== undefined
          ? stores.metrics.getByRun(input.run)
          : stores.metrics.getRecent(ALL);
  const range = input.day === undefined ? null : dayRange(input.day);
  return rows
    .filter(
      (row) =>
        (input.task === undefined || row.taskId === input.task) &&
        (input.run === undefined || row.runId === input.run) &&
        (range === null || (row.startedAt >= range.from && row.startedAt < range.to)) &&
        stores.usage.agentTask(row.agentName, row.taskId) === null,
    )
    .map((row) => ({ ...row, estimated: row.estimatedCostUsd !== null, turns: 0 }));
}
