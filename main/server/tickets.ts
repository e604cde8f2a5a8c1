import { createHash } from 'node:crypto';
import type { Scope } from '../../contract/wire/definition.ts';
import type { WallLinks } from '../core/room/wallLinks.ts';
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
  | { readonly ok: false; readonly reason: 'wrong' | 'tooMany' }
  /** A wallboard's sign-in that could not be kept, with one line on why. */
  | { readonly ok: false; readonly reason: 'unkept'; readonly message: string };

/** Where wallboards are kept, and at which port they look for the engine. */
export interface WallKeeper {
  readonly links: WallLinks;
  port(): number;
}

/**
 * One-time tickets and the session tokens they are exchanged for. Only digests are kept, so a look-up leaks no timing. A
 * wallboard's token outlives the engine; every other one, and every ticket, ends with it.
 */
export class Tickets {
  readonly #clock: Clock;
  readonly #walls: WallKeeper | null;
  readonly #tickets = new Map<string, { readonly scope: Scope; readonly wall: boolean; readonly until: number }>();
  readonly #sessions = new Map<string, { readonly scope: Scope; readonly until: number }>();
  #failures: number[] = [];

  constructor(clock: Clock, walls: WallKeeper | null = null) {
    this.#clock = clock;
    this.#walls = walls;
  }

  /** A new ticket, 32 random bytes; good once, for a minute. One for a wall that only watches is kept once it is used. */
  issue(scope: Scope, wall = false): string {
    const ticket = newToken();
    this.#tickets.set(digest(ticket), {
      scope,
      wall: wall && scope === 'read',
      until: this.#clock.now() + TICKET_MS,
    });
    return ticket;
  }

  /** Exchanges a ticket for a session token. A ticket that was tried is gone, whatever came of it. */
  async redeem(ticket: string): Promise<Redeemed> {
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
    if (held.wall && this.#walls !== null) {
      const kept = await this.#walls.links.add(digest(token), this.#walls.port());
      return kept.ok ? { ok: true, token } : { ok: false, reason: 'unkept', message: kept.error.message };
    }
    this.#sessions.set(digest(token), { scope: held.scope, until: now + SESSION_MS });
    return { ok: true, token };
  }

  /** The wallboard link a token belongs to; null for any other token. */
  wallOf(token: string | undefined): string | null {
    return token === undefined ? null : (this.#walls?.links.find(digest(token)) ?? null);
  }

  /** What a session token may do; null for none or an expired one. */
  scopeOf(token: string | undefined): Scope | null {
    if (token === undefined) return null;
    if (this.wallOf(token) !== null) return 'read';
    const session = this.#sessions.get(digest(token));
    return session === undefined || session.until < this.#clock.now() ? null : session.scope;
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
