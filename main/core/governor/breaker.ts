/** State of a runtime's circuit breaker; a runtime without one is closed. Times are milliseconds since the epoch. */
export interface Breaker {
  /** `open`: nobody is admitted before `until`, then one. `probing`: that one is under way. */
  readonly state: 'open' | 'probing';
  readonly until: number;
  readonly openedAt: number;
  /** What the runtime said, one line. */
  readonly reason: string;
  /** Refusals in a row. */
  readonly failures: number;
  /** Agent whose turn tries whether the account works again; null unless probing. */
  readonly probe: string | null;
}

/** Milliseconds of the first wait when no end is announced; doubled with each further refusal. */
const FIRST_WAIT_MS = 5 * 60_000;
/** Milliseconds. An account that was filled up should not stay unused for longer. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** The account refused for good: closed for all until the announced time, or for a growing while when none was. */
export function openBreaker(
  before: Breaker | null,
  refusal: { readonly until: number | null; readonly reason: string },
  now: number,
): Breaker {
  const failures = (before?.failures ?? 0) + 1;
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  const until = refusal.until ?? now + wait;
  // Turns that were under way when the first was refused are refused too: they announce nothing new, and make no wait longer.
  if (before?.state === 'open' && before.until > now)
    return { ...before, until: refusal.until === null ? before.until : Math.max(before.until, until) };
  return { state: 'open', until: Math.max(now, until), openedAt: now, reason: refusal.reason, failures, probe: null };
}

/** What a breaker says to a further turn of this agent. */
export type BreakerVerdict = { readonly kind: 'admit' | 'deny' | 'probe' };

export function judgeBreaker(breaker: Breaker | null, agentName: string, now: number): BreakerVerdict {
  if (breaker === null) return { kind: 'admit' };
  if (breaker.state === 'probing') return { kind: breaker.probe === agentName ? 'probe' : 'deny' };
  return { kind: now >= breaker.until ? 'probe' : 'deny' };
}

export function startProbe(breaker: Breaker, agentName: string): Breaker {
  return { ...breaker, state: 'probing', probe: agentName };
}

/** The probe has not come to be, or ended in a way that says nothing of the account: another one may try at once. */
export function giveUpProbe(breaker: Breaker, now: number): Breaker {
  return { ...breaker, state: 'open', until: Math.min(breaker.until, now), probe: null };
}

/**
 * What an ended turn means for its runtime's breaker; null is closed. Any turn the model answered proves that the account
 * works, so it need not be the probe's own; a refusal opens it. Everything else says nothing.
 */
export function afterTurn(
  breaker: Breaker | null,
  ended: {
    readonly agentName: string;
    readonly refusal: { readonly until: number | null; readonly reason: string } | null;
    /** The model answered to the end. */
    readonly answered: boolean;
    /** When the turn began. */
    readonly startedAt: number;
  },
  now: number,
): Breaker | null {
  if (ended.refusal !== null) return openBreaker(breaker, ended.refusal, now);
  if (breaker === null) return null;
  // A turn from before the refusal proves nothing about the time after it.
  if (ended.answered && ended.startedAt >= breaker.openedAt) return null;
  return breaker.state === 'probing' && breaker.probe === ended.agentName ? giveUpProbe(breaker, now) : breaker;
}
