import {
  COST_MINUTES,
  type CostFigures,
  type CostGroup,
  type CostGrouping,
  type CostOverview,
  type CostOverviewInput,
  type PastCosts,
} from '../../../contract/costs.ts';
import type { TriageMeter } from '../../../contract/evidence.ts';
import { timestamp } from '../../platform/clock.ts';
import { readModelMeter } from '../merge/modelMeter.ts';
import type { SessionMetrics } from '../metrics/metricsStore.ts';
import type { Stores } from '../stores.ts';
import type { PaidInterval } from './budgets.ts';
import type { Governor } from './governor.ts';
import { burnOf } from './governorView.ts';
import type { PastUsage, TurnFilter, TurnGroup, UsageStore } from './usageStore.ts';

/** Groups in one answer; a project with more shows its most expensive ones. */
const MOST_GROUPS = 500;
/** Notes in one answer, and how far back they go in milliseconds. */
const NOTES = 50;
const NOTES_BACK_MS = 30 * 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** Sessions of the original overstory that are looked through. */
const FOREIGN = 100_000;

/** What everything cost, for the costs screen (product.md B4): the turn rows summed up, and sessions of the original overstory. */
export function costOverview(
  sources: {
    readonly stores: Pick<Stores, 'usage' | 'metrics' | 'control'>;
    readonly governor: Pick<Governor, 'view' | 'caps'>;
    readonly triage: () => TriageMeter;
  },
  input: CostOverviewInput,
  now: number,
): CostOverview {
  const { usage, control } = sources.stores;
  return {
    ...sumUp(sources.stores, usage, input, now),
    burnUsdPerMinute: sources.governor.view().burnUsdPerMinute,
    caps: [...sources.governor.caps()],
    triage: sources.triage(),
    merging: readModelMeter(control),
  };
}

/** The same of a moment (milliseconds since the epoch), by the same rules over the turns as they were recorded by then. */
export function pastCosts(
  stores: Pick<Stores, 'usage' | 'metrics'>,
  input: CostOverviewInput,
  moment: number,
): PastCosts {
  const then = stores.usage.at(timestamp(moment));
  return { ...sumUp(stores, then, input, moment), burnUsdPerMinute: burnOf({ now: moment, paid: then }) };
}

/** @param turns as they are, or as they were at `now`. */
function sumUp(
  { usage, metrics }: Pick<Stores, 'metrics'> & { readonly usage: Pick<UsageStore, 'agentTask'> },
  turns: PastUsage,
  input: CostOverviewInput,
  now: number,
): Omit<PastCosts, 'burnUsdPerMinute'> {
  const filter: TurnFilter = {
    ...(input.run === undefined ? {} : { runId: input.run }),
    ...(input.from === undefined ? {} : { from: input.from }),
  };
  const until = timestamp(now);
  const foreign = (input.run === undefined ? metrics.getRecent(FOREIGN) : metrics.getByRun(input.run)).filter(
    (row) =>
      (input.from === undefined || row.startedAt >= input.from) &&
      (row.completedAt ?? row.startedAt) <= until &&
      usage.agentTask(row.agentName, row.taskId) === null,
  );
  const grouped = (by: CostGrouping): readonly CostGroup[] =>
    [...withForeign(turns.groups(filter, by), foreign, by)].sort(
      (one, other) => (other.usd ?? -1) - (one.usd ?? -1) || allTokens(other) - allTokens(one),
    );
  const groups = grouped(input.by);
  const roles = input.by === 'capability' ? groups : grouped('capability');
  const hourAgo = now - COST_MINUTES * MINUTE_MS;
  return {
    totals: { ...addUp(roles), agents: turns.agentCount(filter) + new Set(foreign.map((row) => row.agentName)).size },
    groups: groups.slice(0, MOST_GROUPS),
    moreGroups: Math.max(0, groups.length - MOST_GROUPS),
    roles: [...roles],
    lastHour: spendingByMinute(
      turns.paidSince(timestamp(hourAgo)).map((turn) => ({
        from: Date.parse(turn.startedAt),
        to: Date.parse(turn.endedAt ?? turn.startedAt),
        usd: turn.costUsd ?? 0,
      })),
      now,
    ),
    notes: [...turns.budgetNotes(timestamp(now - NOTES_BACK_MS), NOTES)],
  };
}

/**
 * US dollars of each of the last sixty minutes, oldest first. A turn's dollars are known at its end and spread evenly over
 * its time; one of no length falls into its minute.
 */
export function spendingByMinute(turns: readonly PaidInterval[], now: number): number[] {
  const start = now - COST_MINUTES * MINUTE_MS;
  const minutes = new Array<number>(COST_MINUTES).fill(0);
  for (const { from, to, usd } of turns) {
    if (to < start || from > now) continue;
    const length = Math.max(1, to - from);
    const first = Math.max(0, Math.floor((from - start) / MINUTE_MS));
    const last = Math.min(COST_MINUTES - 1, Math.floor((from + length - 1 - start) / MINUTE_MS));
    for (let minute = first; minute <= last; minute += 1) {
      const begin = start + minute * MINUTE_MS;
      const inside = Math.min(from + length, begin + MINUTE_MS) - Math.max(from, begin);
      minutes[minute] = (minutes[minute] ?? 0) + usd * (inside / length);
    }
  }
  return minutes;
}

/** Sums of several groups; agents of several are not told apart here. */
function addUp(groups: readonly CostFigures[]): CostFigures {
  const sum = (pick: (group: CostFigures) => number): number => groups.reduce((total, group) => total + pick(group), 0);
  const known = groups.filter((group) => group.usd !== null);
  const newest = groups.reduce((last, { lastAt }) => (lastAt !== null && lastAt > last ? lastAt : last), '');
  return {
    agents: sum((group) => group.agents),
    turns: sum((group) => group.turns),
    runningTurns: sum((group) => group.runningTurns),
    unpricedTurns: sum((group) => group.unpricedTurns),
    silentTurns: sum((group) => group.silentTurns),
    inputTokens: sum((group) => group.inputTokens),
    outputTokens: sum((group) => group.outputTokens),
    cacheReadTokens: sum((group) => group.cacheReadTokens),
    cacheCreationTokens: sum((group) => group.cacheCreationTokens),
    reportedUsd: sum((group) => group.reportedUsd),
    estimatedUsd: sum((group) => group.estimatedUsd),
    usd: known.length === 0 ? null : sum((group) => group.usd ?? 0),
    lastAt: newest === '' ? null : newest,
  };
}

function allTokens(group: CostFigures): number {
  return group.inputTokens + group.outputTokens + group.cacheReadTokens + group.cacheCreationTokens;
}

/** The groups with the sessions the original overstory wrote; its dollars are always estimates. */
function withForeign(
  groups: readonly TurnGroup[],
  foreign: readonly SessionMetrics[],
  by: CostGrouping,
): readonly CostGroup[] {
  const byKey = new Map<string, CostGroup>(groups.map((group) => [group.key, asGroup(group)]));
  for (const row of foreign) {
    const key = keyOf(row, by);
    const own = ofForeign(row, key);
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? own : { ...own, ...common(before, own), ...addUp([before, own]) });
  }
  return [...byKey.values()];
}

function asGroup({ knownTurns, ...group }: TurnGroup): CostGroup {
  return { ...group, usd: knownTurns === 0 ? null : group.reportedUsd + group.estimatedUsd };
}

function keyOf(row: SessionMetrics, by: CostGrouping): string {
  switch (by) {
    case 'agent':
      return row.agentName;
    case 'task':
      return row.taskId;
    case 'capability':
      return row.capability;
    case 'model':
      return row.modelUsed ?? '';
    case 'runtime':
      return '';
    case 'run':
      return row.runId ?? '';
  }
}

function ofForeign(row: SessionMetrics, key: string): CostGroup {
  const { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens, estimatedCostUsd } = row;
  return {
    key,
    agents: 1,
    turns: 0,
    runningTurns: 0,
    unpricedTurns: 0,
    silentTurns: 0,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheCreationTokens,
    reportedUsd: 0,
    estimatedUsd: estimatedCostUsd ?? 0,
    usd: estimatedCostUsd,
    lastAt: row.completedAt ?? row.startedAt,
    capability: row.capability,
    model: row.modelUsed ?? '',
    runtime: '',
    taskId: row.taskId,
  };
}

function common(one: CostGroup, other: CostGroup): Pick<CostGroup, 'capability' | 'model' | 'runtime' | 'taskId'> {
  const same = (left: string | null, right: string | null): string | null => (left === right ? left : null);
  return {
    capability: same(one.capability, other.capability),
    model: same(one.model, other.model),
    runtime: same(one.runtime, other.runtime),
    taskId: same(one.taskId, other.taskId),
  };
}
