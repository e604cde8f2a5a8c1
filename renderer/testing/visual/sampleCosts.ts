import type { AgentView } from '../../../contract/agents.ts';
import type { CostFigures, CostGroup, CostOverview } from '../../../contract/costs.ts';
import type { RunReport } from '../../../contract/runReport.ts';
import { ago } from '../fixtures.ts';
import type { PlayedRoom } from '../playedRoom.ts';
import { play } from './play.ts';

/** Figures that fit dollars spent: about what a turn with most of its input from the cache costs. */
function figures(usd: number, agents: readonly AgentView[]): CostFigures {
  const tokens = (perDollar: number) => Math.round(usd * perDollar);
  return {
    agents: agents.length,
    turns: agents.reduce((sum, agent) => sum + agent.turnCount, 0),
    runningTurns: agents.filter((agent) => agent.turn !== null).length,
    unpricedTurns: 0,
    silentTurns: 0,
    inputTokens: tokens(41_300),
    outputTokens: tokens(12_900),
    cacheReadTokens: tokens(612_000),
    cacheCreationTokens: tokens(58_000),
    reportedUsd: usd,
    estimatedUsd: 0,
    usd,
    lastAt:
      agents
        .map(({ lastEvidenceAt }) => lastEvidenceAt)
        .sort()
        .at(-1) ?? null,
  };
}

const spent = (agents: readonly AgentView[]): number =>
  Math.round(agents.reduce((sum, agent) => sum + (agent.costUsd ?? 0), 0) * 100) / 100;

function group(key: string, agents: readonly AgentView[]): CostGroup {
  const common = (of: (agent: AgentView) => string | null) => {
    const values = new Set(agents.map(of));
    return values.size === 1 ? ([...values][0] ?? '') : null;
  };
  return {
    ...figures(spent(agents), agents),
    key,
    capability: common((agent) => agent.capability),
    model: common((agent) => agent.model),
    runtime: common((agent) => agent.runtime),
    taskId: common((agent) => agent.taskId),
  };
}

function groups(fleet: readonly AgentView[], of: (agent: AgentView) => string): CostGroup[] {
  return [...Map.groupBy(fleet, of)]
    .map(([key, agents]) => group(key, agents))
    .sort((one, other) => (other.usd ?? 0) - (one.usd ?? 0));
}

/** The spending of the fleet in the pictures; its sum is the one in the top strip. */
function overview(fleet: readonly AgentView[], by: string | undefined): CostOverview {
  const keys: Readonly<Record<string, (agent: AgentView) => string>> = {
    task: (agent) => agent.taskId,
    capability: (agent) => agent.capability,
    model: (agent) => agent.model ?? '',
    runtime: (agent) => agent.runtime,
    run: () => 'run-1',
  };
  return {
    totals: figures(spent(fleet), fleet),
    groups: groups(fleet, keys[by ?? ''] ?? ((agent) => agent.name)),
    moreGroups: 0,
    roles: groups(fleet, (agent) => agent.capability),
    // Nothing before the run began 38 minutes ago.
    lastHour: Array.from({ length: 60 }, (_, minute) => (minute < 22 ? 0 : 0.05 + ((minute * 7) % 13) / 100)),
    burnUsdPerMinute: 0.12,
    caps: [
      { scope: 'run', id: 'run-1', measure: 'usd', used: 4.18, limit: 10, level: 'ok', minutesLeft: 48 },
      { scope: 'day', id: '2026-11-23', measure: 'usd', used: 17.42, limit: 20, level: 'soft', minutesLeft: 21 },
      { scope: 'agent', id: 'fixtures', measure: 'turns', used: 3, limit: 3, level: 'over', minutesLeft: null },
    ],
    notes: [
      {
        id: 3,
        at: ago(330),
        agentName: 'fixtures',
        runId: 'run-1',
        level: 'warn',
        summary: 'cap reached: 3 of 3 turns',
      },
      {
        id: 2,
        at: ago(410),
        agentName: 'fixtures',
        runId: 'run-1',
        level: 'info',
        summary: 'near its cap: 2 of 3 turns',
      },
      {
        id: 1,
        at: ago(1_500),
        agentName: 'operator',
        runId: 'run-1',
        level: 'info',
        summary: 'run raised by $5.00',
      },
    ],
    triage: { asked: 2, failed: 0, charactersIn: 9_400, charactersOut: 610, tokensIn: 2_350, tokensOut: 152 },
    merging: { asked: 3, failed: 1, charactersIn: 18_200, charactersOut: 3_940, ms: 10_980 },
  };
}

function report(fleet: readonly AgentView[]): RunReport {
  return {
    runId: 'run-1',
    status: 'active',
    startedAt: ago(2_280),
    completedAt: null,
    wallMs: 2_280_000,
    agents: {
      total: fleet.length,
      byRole: { coordinator: 1, lead: 2, builder: 7, reviewer: 1, scout: 1 },
      dead: ['fixtures'],
    },
    turns: { total: 36, failed: 2, peak: 6, busyMs: 6_840_000 },
    merges: { merged: 2, byTier: { 'clean-merge': 1, 'auto-resolve': 1 }, open: 2, lines: 412 },
    money: { usd: 4.18, estimated: false, usdPerMergedLine: 4.18 / 412 },
    mail: { total: 31, deadLetters: 0 },
    people: { mails: 3, questions: 2, waitedMs: 888_000, unanswered: 2 },
    watchdog: { actions: 3, mistaken: [] },
  };
}

/** Plays what the Costs screen asks. */
export function playCosts(played: PlayedRoom, fleet: readonly AgentView[]): void {
  play(played, 'costs.overview', ({ by }) => overview(fleet, by));
  play(played, 'runs.report', () => report(fleet));
}
