import { capWords, forecastWords, SCOPE_WORDS } from '../../contract/capWords.ts';
import type { CapView, CostTotals, LiveCost, LiveTotals, SessionCost } from '../../contract/governor.ts';
import { table } from './output.ts';

/** Sums of one capability (spec 03 §2.4). */
export interface CapabilityCosts {
  readonly sessions: SessionCost[];
  readonly totals: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cacheTokens: number;
    readonly costUsd: number;
  };
}

/** Rows by the role of their agents, with sums. */
export function byCapability(sessions: readonly SessionCost[]): Readonly<Record<string, CapabilityCosts>> {
  const grouped: Record<string, CapabilityCosts> = {};
  for (const row of sessions) {
    const before = grouped[row.capability];
    const sums = before?.totals ?? { inputTokens: 0, outputTokens: 0, cacheTokens: 0, costUsd: 0 };
    grouped[row.capability] = {
      sessions: [...(before?.sessions ?? []), row],
      totals: {
        inputTokens: sums.inputTokens + row.inputTokens,
        outputTokens: sums.outputTokens + row.outputTokens,
        cacheTokens: sums.cacheTokens + row.cacheReadTokens + row.cacheCreationTokens,
        costUsd: sums.costUsd + (row.estimatedCostUsd ?? 0),
      },
    };
  }
  return grouped;
}

/** `ov costs --by-capability` for people. */
export function capabilityLines(grouped: Readonly<Record<string, CapabilityCosts>>): string[] {
  const rows = Object.entries(grouped).map(([capability, { sessions, totals }]) => [
    capability,
    String(sessions.length),
    ...tokens(totals.inputTokens, totals.outputTokens, totals.cacheTokens),
    dollars(
      totals.costUsd,
      sessions.some((row) => row.estimated),
    ),
  ]);
  return rows.length === 0 ? NOTHING : table([['role', 'sessions', 'input', 'output', 'cache', 'cost'], ...rows]);
}

/** `ov costs` for people: a row a session, the total, the rate, and what could not be priced. */
export function costLines(sessions: readonly SessionCost[], totals: CostTotals): string[] {
  if (sessions.length === 0) return NOTHING;
  const lines = table([
    ['agent', 'role', 'task', 'turns', 'input', 'output', 'cache', 'cost'],
    ...sessions.map((row) => [
      row.agentName,
      row.capability,
      row.taskId || '-',
      String(row.turns),
      ...tokens(row.inputTokens, row.outputTokens, row.cacheReadTokens + row.cacheCreationTokens),
      dollars(row.estimatedCostUsd, row.estimated),
    ]),
    [
      'Total',
      '',
      '',
      String(totals.turns),
      ...tokens(totals.inputTokens, totals.outputTokens, totals.cacheTokens),
      dollars(totals.costUsd, totals.estimated),
    ],
  ]);
  if (totals.burnRatePerMin !== null)
    lines.push(`$${totals.burnRatePerMin.toFixed(2)} a minute in the last ten minutes`);
  if (totals.unpricedTurns > 0)
    lines.push(
      `${totals.unpricedTurns} ended turns used tokens of a model whose price is not known; their cost is missing (controlRoom.prices gives it)`,
    );
  return lines;
}

/** `ov costs --caps` for people, in the words of the room. */
export function capLines(caps: readonly CapView[]): string[] {
  if (caps.length === 0) return ['No caps are set; controlRoom.budgets in .overstory/config.yaml sets them'];
  return table([
    ['cap of', 'used', 'to be expected'],
    ...caps.map((cap) => [
      cap.scope === 'day' ? SCOPE_WORDS.day : `${SCOPE_WORDS[cap.scope]} ${cap.id}`,
      capWords(cap),
      forecastWords(cap),
    ]),
  ]);
}

/** `ov costs --live` for people. */
export function liveLines(agents: readonly LiveCost[], totals: LiveTotals): string[] {
  if (agents.length === 0) return ['No live data available'];
  return [
    ...table([
      ['agent', 'role', 'running for', 'input', 'output', 'cache', 'cost', 'model'],
      ...agents.map((agent) => [
        agent.agentName,
        agent.capability,
        duration(agent.elapsedMs),
        ...tokens(agent.inputTokens, agent.outputTokens, agent.cacheReadTokens + agent.cacheCreationTokens),
        dollars(agent.estimatedCostUsd, false),
        agent.modelUsed ?? '-',
      ]),
      [
        'Total',
        '',
        '',
        ...tokens(totals.inputTokens, totals.outputTokens, totals.cacheTokens),
        dollars(totals.costUsd, false),
        '',
      ],
    ]),
    `$${totals.burnRatePerMin.toFixed(2)} and ${Math.round(totals.tokensPerMin).toLocaleString('en')} tokens a minute since they were started`,
  ];
}

const NOTHING = ['No session data found'];

export function tokens(...counts: readonly number[]): string[] {
  return counts.map((count) => count.toLocaleString('en'));
}

/** "$1.20", "~$1.20" for an estimate, "-" when nobody knows. */
export function dollars(amount: number | null, estimated: boolean): string {
  return amount === null ? '-' : `${estimated ? '~' : ''}$${amount.toFixed(2)}`;
}

/** Milliseconds as `0s`, `45s`, `1m 30s`, `1h 2m` (spec 03 §1.11). */
export function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  if (hours > 0) return minutes === 0 ? `${hours}h` : `${hours}h ${minutes}m`;
  if (minutes > 0) return rest === 0 ? `${minutes}m` : `${minutes}m ${rest}s`;
  return `${rest}s`;
}
