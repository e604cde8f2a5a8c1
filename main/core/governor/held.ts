import { BUDGET_MEASURES } from '../../../contract/governor.ts';
import { type Budgets, capKey, keyText, limitOf, type ScopeKey } from './budgets.ts';
import type { ReachedCap } from './gates.ts';
import type { GovernorState } from './governorState.ts';

/** A scope a person has paused. */
export interface PausedScope {
  readonly key: ScopeKey;
  readonly since: string;
}

/** A cap that was reached and still holds: its limit is the one it was reached at, or has been lowered since. */
export function reachedStill(
  state: Pick<GovernorState, 'reached' | 'raised'>,
  budgets: Budgets,
  keys: readonly ScopeKey[],
): ReachedCap | null {
  for (const key of keys) {
    for (const measure of BUDGET_MEASURES) {
      const reached = state.reached[capKey(key, measure)];
      if (reached === undefined) continue;
      const limit = limitOf(budgets, state.raised, key, measure);
      if (limit !== null && reached.used >= limit) return reached;
    }
  }
  return null;
}

/** The narrowest of these scopes that a person has paused. */
export function pausedScope(state: Pick<GovernorState, 'paused'>, keys: readonly ScopeKey[]): PausedScope | null {
  for (const key of keys) {
    const since = state.paused[keyText(key)];
    if (since !== undefined) return { key, since };
  }
  return null;
}
