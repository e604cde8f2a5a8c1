import { money } from '../../../contract/amounts.ts';
import type { CostFigures, CostGroup, CostGrouping, CostOverview } from '../../../contract/costs.ts';
import type { BudgetMeasure, CapView } from '../../../contract/governor.ts';
import { counted, dollars } from '../../stores/format.ts';

/** Names of the groupings, as headings of the first column and choices. */
export const GROUP_WORDS: Readonly<Record<CostGrouping, string>> = {
  agent: 'agent',
  task: 'task',
  capability: 'role',
  model: 'model',
  runtime: 'runtime',
  run: 'run',
};

/** Caps a person has to know of first: those that are reached, then by how near they are. */
export function nearestCaps(caps: readonly CapView[]): readonly CapView[] {
  return caps.toSorted((one, other) => other.used / other.limit - one.used / one.limit);
}

/** Units of what is capped, as they stand behind a number. */
export const MEASURE_UNITS: Readonly<Record<BudgetMeasure, string>> = { usd: 'USD', turns: 'turns', minutes: 'min' };

/** "950", "12.4k", "3.1M", "1.2B": tokens to compare at a glance. */
export function shortCount(count: number): string {
  const steps = [
    [1_000_000_000, 'B'],
    [1_000_000, 'M'],
    [1_000, 'k'],
  ] as const;
  for (const [size, letter] of steps) {
    // 999,960 would round to "1000.0k".
    if (count < size * 0.99995) continue;
    const scaled = count / size;
    return `${scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)}${letter}`;
  }
  return String(Math.round(count));
}

/** Turns whose dollars are missing in a sum, and why, in one line; null when none is. */
export function missingWords({ unpricedTurns, silentTurns }: CostFigures): string | null {
  const parts: string[] = [];
  if (unpricedTurns > 0) parts.push(`${counted(unpricedTurns, 'turn')} of a model whose price is not known`);
  if (silentTurns > 0) parts.push(`${counted(silentTurns, 'turn')} whose runtime told nothing of its use`);
  return parts.length === 0 ? null : `not in it: ${parts.join(', ')}`;
}

/** Where the dollars come from: "told by the runtimes", "estimated from tokens", or both with their parts. */
export function sourceWords(figures: CostFigures): string {
  const { usd, reportedUsd, estimatedUsd } = figures;
  if (usd === null) return figures.turns === 0 ? 'no turn yet' : 'no dollars known';
  if (estimatedUsd === 0) return 'told by the runtimes';
  if (reportedUsd === 0) return 'estimated from tokens';
  return `${money(reportedUsd)} told, ${money(estimatedUsd, true)} estimated`;
}

/** A group's dollars as they stand in the table; "?" behind them where turns are missing. */
export function costWords(group: CostFigures): string {
  const missing = group.unpricedTurns + group.silentTurns > 0;
  if (group.usd === null) return missing ? '?' : '–';
  const amount = group.usd > 0 && group.usd < 0.01 ? '<0.01' : dollars(group.usd);
  return `${group.estimatedUsd > 0 ? '~' : ''}${amount}${missing ? ' + ?' : ''}`;
}

/** Roles that lead others, and those that only watch; all others do the work. */
const LEADING = new Set(['coordinator', 'orchestrator', 'lead', 'supervisor', 'ov-co-creation']);
const WATCHING = new Set(['monitor']);

/** How a sum is divided between work and what keeps it going. */
export interface Shares {
  /** What is divided: dollars, or tokens where no dollars are known. */
  readonly measure: 'usd' | 'tokens';
  readonly parts: readonly {
    readonly name: 'work' | 'leading' | 'watching';
    readonly amount: number;
    readonly share: number;
  }[];
}

/** Null while nothing was used. */
export function sharesOf(roles: readonly CostGroup[]): Shares | null {
  const measure = roles.some((role) => (role.usd ?? 0) > 0) ? 'usd' : 'tokens';
  const sums = { work: 0, leading: 0, watching: 0 };
  for (const role of roles) {
    const name = WATCHING.has(role.key) ? 'watching' : LEADING.has(role.key) ? 'leading' : 'work';
    sums[name] += measure === 'usd' ? (role.usd ?? 0) : tokensOf(role);
  }
  const all = sums.work + sums.leading + sums.watching;
  if (all <= 0) return null;
  return {
    measure,
    parts: (['work', 'leading', 'watching'] as const).map((name) => ({
      name,
      amount: sums[name],
      share: sums[name] / all,
    })),
  };
}

export function tokensOf(figures: CostFigures): number {
  return figures.inputTokens + figures.outputTokens + cacheOf(figures);
}

export function cacheOf(figures: CostFigures): number {
  return figures.cacheReadTokens + figures.cacheCreationTokens;
}

/** The groups that fit what was typed: every word must occur in name, role, model, runtime or task. */
export function filterGroups(groups: readonly CostGroup[], typed: string): readonly CostGroup[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return groups;
  return groups.filter((group) => {
    const text = [group.key, group.capability, group.model, group.runtime, group.taskId].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const CSV_COLUMNS = [
  ['role', (group) => group.capability ?? ''],
  ['model', (group) => group.model ?? ''],
  ['runtime', (group) => group.runtime ?? ''],
  ['task', (group) => group.taskId ?? ''],
  ['agents', (group) => group.agents],
  ['turns', (group) => group.turns],
  ['input tokens', (group) => group.inputTokens],
  ['output tokens', (group) => group.outputTokens],
  ['cache read tokens', (group) => group.cacheReadTokens],
  ['cache creation tokens', (group) => group.cacheCreationTokens],
  ['usd told by the runtime', (group) => group.reportedUsd],
  ['usd estimated', (group) => group.estimatedUsd],
  ['turns of unknown price', (group) => group.unpricedTurns + group.silentTurns],
  ['last', (group) => group.lastAt ?? ''],
] as const satisfies readonly (readonly [string, (group: CostGroup) => string | number])[];

/** The groups as CSV with headings, for a spreadsheet. */
export function toCsv(by: CostGrouping, groups: readonly CostGroup[]): string {
  const first = GROUP_WORDS[by];
  const columns = CSV_COLUMNS.filter(([title]) => title !== first);
  const rows = groups.map((group) => [group.key, ...columns.map(([, read]) => read(group))]);
  return [[first, ...columns.map(([title]) => title)], ...rows]
    .map((row) => row.map(csvCell).join(','))
    .join('\r\n')
    .concat('\r\n');
}

/** A cell that starts like a formula would be run by a spreadsheet: agents choose names and models. */
function csvCell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The last hour in words, for those who do not see the chart. `end` in milliseconds since the epoch. */
export function hourWords(overview: Pick<CostOverview, 'lastHour'>): string {
  const all = overview.lastHour.reduce((sum, usd) => sum + usd, 0);
  if (all === 0) return 'Spending by the minute: nothing in the last hour';
  const most = Math.max(...overview.lastHour);
  const ago = overview.lastHour.length - 1 - overview.lastHour.lastIndexOf(most);
  const when = ago === 0 ? 'in this minute' : `${counted(ago, 'minute')} ago`;
  return `Spending by the minute: ${money(all)} in the last hour, most ${when} with ${money(most)}`;
}
