import { BUDGET_MEASURES } from '../../../contract/governor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { type Budgets, type CapFacts, keyText, limitOf, type ScopeKey, type Usage } from './budgets.ts';
import { scopeFilter, scopesOf, scopeUsage } from './scopeUsage.ts';
import type { TurnFilter, UsageStore } from './usageStore.ts';

export interface CapReader {
  /** The caps of these scopes that are set, with what counts for them now, turns about to begin included. */
  capsOf(keys: readonly ScopeKey[]): readonly CapFacts[];
  /** What the stored turns of a scope used. */
  used(key: ScopeKey): Usage;
  /** Which turns count for a scope. */
  turnsOf(key: ScopeKey): TurnFilter;
  /** Turn rows have changed. */
  forget(): void;
}

/** Reads caps and their usage from the turn rows; `pending` are agents whose turn has been admitted and may have no row yet. */
export function createCapReader(options: {
  readonly clock: Clock;
  readonly usage: UsageStore;
  readonly sessions: Pick<SessionStore, 'getByName'>;
  readonly pending: ReadonlySet<string>;
  readonly budgets: () => Budgets;
  readonly raised: () => Readonly<Record<string, number>>;
}): CapReader {
  const { clock, usage, sessions, pending, budgets, raised } = options;
  /** Usage read within one look at the mail: no turn row can change while nothing is awaited. */
  const read = new Map<string, Usage>();

  function used(key: ScopeKey): Usage {
    const text = keyText(key);
    const known = read.get(text);
    if (known !== undefined) return known;
    if (read.size === 0) queueMicrotask(() => read.clear());
    const found = scopeUsage(usage, key, sessionOf(key), budgets()[key.scope].minutes !== undefined, clock.now());
    read.set(text, found);
    return found;
  }

  const sessionOf = (key: ScopeKey): AgentSession | null => (key.scope === 'agent' ? sessions.getByName(key.id) : null);

  /** Agents with a ticket whose turn has no row yet, in a scope. */
  function pendingIn(key: ScopeKey, running: ReadonlySet<string>): number {
    let count = 0;
    for (const name of pending) {
      if (running.has(name)) continue;
      const session = sessions.getByName(name);
      if (session === null) continue;
      if (scopesOf(session, clock.now()).some((one) => keyText(one) === keyText(key))) count += 1;
    }
    return count;
  }

  function capsOf(keys: readonly ScopeKey[]): readonly CapFacts[] {
    const set = budgets();
    const caps: CapFacts[] = [];
    let running: ReadonlySet<string> | null = null;
    for (const key of keys) {
      for (const measure of BUDGET_MEASURES) {
        const limit = limitOf(set, raised(), key, measure);
        if (limit === null) continue;
        running ??= usage.runningAgents();
        const base = used(key);
        const soon = pendingIn(key, running);
        caps.push({ key, measure, limit, usage: { ...base, turns: base.turns + soon, running: base.running + soon } });
      }
    }
    return caps;
  }

  return { capsOf, used, turnsOf: (key) => scopeFilter(key, sessionOf(key)), forget: () => read.clear() };
}
