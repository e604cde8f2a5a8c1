import type { BudgetMeasure, BudgetScope } from '../../../contract/governor.ts';

/** Caps of one scope; a measure without a cap is absent. Dollars, turns, minutes. */
export type Caps = Readonly<Partial<Record<BudgetMeasure, number>>>;

/** `controlRoom.budgets` of config.yaml. */
export interface Budgets {
  /** Part of a cap at which a person is warned, above 0 and at most 1. */
  readonly softFraction: number;
  /** Each of these holds for every single agent, task, run and day. */
  readonly agent: Caps;
  readonly task: Caps;
  readonly run: Caps;
  readonly day: Caps;
}

/** No caps; a warning, where there are some, at four fifths. */
export const NO_BUDGETS: Budgets = { softFraction: 0.8, agent: {}, task: {}, run: {}, day: {} };

/** An agent, task, run or day. */
export interface ScopeKey {
  readonly scope: BudgetScope;
  readonly id: string;
}

/** What the turns of a scope have used. */
export interface Usage {
  /** US dollars of ended turns. */
  readonly usd: number;
  /** Turns begun, running ones included. */
  readonly turns: number;
  /** Minutes in which at least one turn ran. */
  readonly minutes: number;
  /** Turns that run, or are about to. */
  readonly running: number;
}

/** Text form of a scope's key, for stored state. */
export function keyText({ scope, id }: ScopeKey): string {
  return `${scope}:${id}`;
}

/** Text form of one cap's key. */
export function capKey(key: ScopeKey, measure: BudgetMeasure): string {
  return `${keyText(key)}:${measure}`;
}

/** The cap with what people have added to it; null when there is none. */
export function limitOf(
  budgets: Budgets,
  raised: Readonly<Record<string, number>>,
  key: ScopeKey,
  measure: BudgetMeasure,
): number | null {
  const cap = budgets[key.scope][measure];
  return cap === undefined ? null : cap + (raised[capKey(key, measure)] ?? 0);
}

/** How near a cap is. Reaching it is being over it: no further turn begins. */
export function levelOf(used: number, limit: number, softFraction: number): 'ok' | 'soft' | 'over' {
  if (used >= limit) return 'over';
  return used >= limit * softFraction ? 'soft' : 'ok';
}

/**
 * Part of a money cap a running turn is reckoned at while nobody knows what turns cost here: with it at most twenty begin
 * before the first has told.
 */
const UNKNOWN_TURN_SHARE = 0.05;

/** One cap that is looked at before a turn begins. */
export interface CapFacts {
  readonly key: ScopeKey;
  readonly measure: BudgetMeasure;
  readonly limit: number;
  readonly usage: Usage;
}

/** What one cap says to a further turn. */
export type CapVerdict =
  | { readonly kind: 'admit' }
  /** What runs already may use the rest up: wait until it has ended. Nobody is asked. */
  | { readonly kind: 'wait'; readonly cap: CapFacts }
  /** Reached: nobody of this scope gets a turn before a person has raised it. */
  | { readonly kind: 'over'; readonly cap: CapFacts };

/**
 * Whether one more turn may begin. Running turns count as begun, and their dollars are reckoned before they are known, so
 * that many agents at one cap do not all pass it at the same moment.
 * @param expectedUsd what a turn costs here, from the turns before; null when unknown.
 */
export function judgeCap(cap: CapFacts, expectedUsd: number | null): CapVerdict {
  const { usage, limit, measure } = cap;
  if (usage[measure] >= limit) return { kind: 'over', cap };
  if (measure !== 'usd') return { kind: 'admit' };
  const perTurn = expectedUsd ?? limit * UNKNOWN_TURN_SHARE;
  return usage.running > 0 && usage.usd + usage.running * perTurn >= limit ? { kind: 'wait', cap } : { kind: 'admit' };
}

/** The strictest verdict of all caps: one that is reached outweighs one that waits. Narrower scopes come first. */
export function judgeCaps(caps: readonly CapFacts[], expectedUsd: number | null): CapVerdict {
  let verdict: CapVerdict = { kind: 'admit' };
  for (const cap of caps) {
    const one = judgeCap(cap, expectedUsd);
    if (one.kind === 'over') return one;
    if (one.kind === 'wait' && verdict.kind === 'admit') verdict = one;
  }
  return verdict;
}

/** A stretch of time in milliseconds since the epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Minutes covered by at least one interval. */
export function coveredMinutes(intervals: readonly Interval[]): number {
  let covered = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...intervals].sort((one, other) => one.from - other.from)) {
    if (to <= end) continue;
    covered += to - Math.max(from, end);
    end = to;
  }
  return covered / 60_000;
}

/** An ended turn and its dollars. */
export type PaidInterval = Interval & { readonly usd: number };

/** Milliseconds the burn rate looks back over. */
export const BURN_WINDOW_MS = 600_000;
/** Milliseconds. Shorter than this a young project's rate would be noise. */
const LEAST_WINDOW_MS = 60_000;

/**
 * US dollars a minute over the last ten minutes: each turn's dollars are spread over its time. A room younger than that is
 * measured since its first turn. Null when nothing was spent.
 */
export function burnRate(turns: readonly PaidInterval[], now: number): number | null {
  const from = now - BURN_WINDOW_MS;
  let usd = 0;
  let first = now;
  for (const turn of turns) {
    if (turn.to < from || turn.from > now) continue;
    const length = Math.max(1, turn.to - turn.from);
    const inside = Math.max(1, Math.min(turn.to, now) - Math.max(turn.from, from));
    usd += turn.usd * Math.min(1, inside / length);
    first = Math.min(first, Math.max(turn.from, from));
  }
  if (usd <= 0) return null;
  return usd / (Math.max(LEAST_WINDOW_MS, now - first) / 60_000);
}

/** Minutes until a money cap is reached at this rate; null when it is not in sight. */
export function minutesLeft(used: number, limit: number, usdPerMinute: number | null): number | null {
  if (usdPerMinute === null || usdPerMinute <= 0 || used >= limit) return null;
  return (limit - used) / usdPerMinute;
}
