import type { CapView, GovernorView, PauseView } from '../../../contract/governor.ts';
import { timestamp } from '../../platform/clock.ts';
import { BURN_WINDOW_MS, burnRate, type CapFacts, levelOf, minutesLeft, type ScopeKey } from './budgets.ts';
import { capReason, nameOf, type ReachedCap } from './gates.ts';
import type { GovernorState } from './governorState.ts';
import type { PaidTurn, TurnFilter, TurnSums, UsageStore } from './usageStore.ts';

/** What a face is shown of the governor. */
export interface GovernorFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly softFraction: number;
  /** Caps of run and day: always shown. */
  readonly shared: readonly CapFacts[];
  /** Caps of agents and tasks: shown when one comes near. */
  readonly narrow: readonly CapFacts[];
  readonly run: TurnSums | null;
  readonly paid: Pick<UsageStore, 'paidSince'>;
  /** Which turns count for a scope. */
  turnsOf(key: ScopeKey): TurnFilter;
  readonly state: GovernorState;
  readonly isPast: (reached: ReachedCap) => boolean;
}

type CapSources = Pick<GovernorFacts, 'now' | 'softFraction' | 'shared' | 'narrow' | 'paid' | 'turnsOf'>;

/** US dollars a minute of the whole project; null while nothing was spent. */
export function burnOf({ now, paid }: Pick<CapSources, 'now' | 'paid'>): number | null {
  return rateOf(recentlyPaid({ now, paid }), now);
}

function recentlyPaid({ now, paid }: Pick<CapSources, 'now' | 'paid'>): readonly PaidTurn[] {
  return paid.paidSince(timestamp(now - BURN_WINDOW_MS));
}

function rateOf(turns: readonly PaidTurn[], now: number): number | null {
  const spent = turns.map((turn) => ({
    from: Date.parse(turn.startedAt),
    to: Date.parse(turn.endedAt ?? turn.startedAt),
    usd: turn.costUsd ?? 0,
  }));
  return burnRate(spent, now);
}

/** Turns of one agent, task or run. A day's rate is everybody's: just after midnight nothing of it has ended yet. */
function within(turns: readonly PaidTurn[], { scope }: ScopeKey, filter: TurnFilter): readonly PaidTurn[] {
  if (scope === 'day') return turns;
  const { agentName, taskId, runId } = filter;
  return turns.filter(
    (turn) =>
      (agentName === undefined || turn.agentName === agentName) &&
      (taskId === undefined || turn.taskId === taskId) &&
      (runId === undefined || turn.runId === runId),
  );
}

/** How near a cap is, and when it is reached if those it holds go on as they do. */
function viewOf(
  { key, measure, limit, usage }: CapFacts,
  { now, softFraction, turnsOf }: CapSources,
  paid: readonly PaidTurn[],
): CapView {
  return {
    ...key,
    measure,
    used: usage[measure],
    limit,
    level: levelOf(usage[measure], limit, softFraction),
    minutesLeft: measure === 'usd' ? minutesLeft(usage.usd, limit, rateOf(within(paid, key, turnsOf(key)), now)) : null,
  };
}

/** Every cap: of run and day first, then those of agents and tasks. */
export function capViews(facts: CapSources): readonly CapView[] {
  const paid = recentlyPaid(facts);
  return [...facts.shared, ...facts.narrow].map((cap) => viewOf(cap, facts, paid));
}

export function governorView(facts: GovernorFacts): GovernorView {
  const { state } = facts;
  const paid = recentlyPaid(facts);
  const capView = (cap: CapFacts): CapView => viewOf(cap, facts, paid);
  const pauses: PauseView[] = Object.entries(state.paused).map(([key, since]) => {
    const colon = key.indexOf(':');
    const scope = key.slice(0, colon) as PauseView['scope'];
    const id = key.slice(colon + 1);
    return { scope, id, by: 'operator', reason: `${nameOf(scope, id)} is paused`, since };
  });
  for (const reached of Object.values(state.reached)) {
    if (facts.isPast(reached)) continue;
    pauses.push({ scope: reached.scope, id: reached.id, by: 'cap', reason: capReason(reached), since: reached.at });
  }
  return {
    burnUsdPerMinute: rateOf(paid, facts.now),
    estimated: (facts.run?.estimated ?? 0) > 0,
    unpricedTurns: facts.run?.unpriced ?? 0,
    caps: [...facts.shared.map(capView), ...facts.narrow.map(capView).filter((cap) => cap.level !== 'ok')],
    pauses,
    breakers: Object.entries(state.breakers).map(([runtime, breaker]) => ({
      runtime,
      state: breaker.state,
      until: timestamp(breaker.until),
      reason: breaker.reason,
    })),
  };
}
