import type { CapView, GovernorView, PauseView } from '../../../contract/governor.ts';
import { timestamp } from '../../platform/clock.ts';
import { BURN_WINDOW_MS, burnRate, type CapFacts, levelOf, minutesLeft } from './budgets.ts';
import { capReason, nameOf, type ReachedCap } from './gates.ts';
import type { GovernorState } from './governorState.ts';
import type { TurnSums, UsageStore } from './usageStore.ts';

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
  readonly state: GovernorState;
  readonly isPast: (reached: ReachedCap) => boolean;
}

type CapSources = Pick<GovernorFacts, 'now' | 'softFraction' | 'shared' | 'narrow' | 'paid'>;

/** US dollars a minute; null while nothing was spent. */
export function burnOf({ now, paid }: Pick<CapSources, 'now' | 'paid'>): number | null {
  const turns = paid.paidSince(timestamp(now - BURN_WINDOW_MS)).map((turn) => ({
    from: Date.parse(turn.startedAt),
    to: Date.parse(turn.endedAt ?? turn.startedAt),
    usd: turn.costUsd ?? 0,
  }));
  return burnRate(turns, now);
}

function viewOf({ key, measure, limit, usage }: CapFacts, softFraction: number, burn: number | null): CapView {
  return {
    ...key,
    measure,
    used: usage[measure],
    limit,
    level: levelOf(usage[measure], limit, softFraction),
    minutesLeft:
      measure === 'usd' && (key.scope === 'run' || key.scope === 'day') ? minutesLeft(usage.usd, limit, burn) : null,
  };
}

/** Every cap: of run and day first, then those of agents and tasks. */
export function capViews(facts: CapSources): readonly CapView[] {
  const burn = burnOf(facts);
  return [...facts.shared, ...facts.narrow].map((cap) => viewOf(cap, facts.softFraction, burn));
}

export function governorView(facts: GovernorFacts): GovernorView {
  const { state, softFraction } = facts;
  const burn = burnOf(facts);
  const capView = (cap: CapFacts): CapView => viewOf(cap, softFraction, burn);
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
    burnUsdPerMinute: burn,
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
