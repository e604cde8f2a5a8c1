import { createHash } from 'node:crypto';
import type { Scope } from '../../contract/wire/definition.ts';
import type { Clock } from '../platform/clock.ts';
import { newToken } from '../platform/secrets.ts';

/** Milliseconds a printed link is good for (engineering.md 3.3 #6). */
const TICKET_MS = 60_000;
/** Milliseconds of a signed-in session; a new link is one command away. */
const SESSION_MS = 7 * 24 * 3_600_000;
/** Wrong tickets within the window before every further one is refused (engineering.md 3.3 #8). */
const MAX_FAILURES = 10;
const FAILURE_WINDOW_MS = 60_000;

export type Redeemed =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: 'wrong' | 'tooMany' };

/** One-time tickets and the session tokens they are exchanged for. Only digests are kept, so a look-up leaks no timing. */
export class Tickets {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, { readonly scope: Scope; readonly until: number }>();
  readonly #sessions = new Map<string, { readonly scope: Scope; readonly until: number }>();
  #failures: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new ticket, 32 random bytes; good once, for a minute. */
  issue(scope: Scope): string {
    const ticket = newToken();
    this.#tickets.set(digest(ticket), { scope, until: this.#clock.now() + TICKET_MS });
    return ticket;
  }

  /** Exchanges a ticket for a session token. A ticket that was tried is gone, whatever came of it. */
  redeem(ticket: string): Redeemed {
    const now = this.#clock.now();
    this.#failures = this.#failures.filter((at) => at > now - FAILURE_WINDOW_MS);
    if (this.#failures.length >= MAX_FAILURES) return { ok: false, reason: 'tooMany' };
    const key = digest(ticket);
    const held = this.#tickets.get(key);
    this.#tickets.delete(key);
    if (held === undefined || held.until < now) {
      this.#failures.push(now);
      return { ok: false, reason: 'wrong' };
    }
    const token = newToken();
    this.#sessions.set(digest(token), { scope: held.scope, until: now + SESSION_MS });
    return { ok: true, token };
  }

  /** What a session token may do; null for none or an expired one. */
  scopeOf(token: string | undefined): Scope | null {
    if (token === undefined) return null;
    const session = this.#sessions.get(digest(token));
    return session === undefined || session.until < this.#clock.now() ? null : session.scope;
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
