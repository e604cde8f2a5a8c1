import type { Clock } from '../../platform/clock.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import type { Log } from '../engineLog.ts';
import type { Governor } from '../governor/governor.ts';
import type { MailStore } from '../mail/mailStore.ts';
import type { WakeBox } from '../mail/wakeService.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { AgentHolds } from './agentHolds.ts';
import type { TurnEngine } from './turnEngine.ts';
import { LONGEST_RETRY_MS } from './turnOutcome.ts';

export interface DispatcherOptions {
  readonly mail: MailStore;
  readonly sessions: SessionStore;
  readonly engine: TurnEngine;
  readonly holds: AgentHolds;
  readonly clock: Clock;
  readonly log: Log;
  /** Asked before each start; its ticket is given back when the turn's row is stored, or none will be. */
  readonly governor: Pick<Governor, 'admitTurn' | 'endWaits' | 'fleetPaused'>;
  /** Mailboxes with queued mail and the wake policies applied; absent: all mail wakes at once. */
  readonly boxes?: (now: number) => readonly WakeBox[];
  /** Done at each look, paused or not. @returns when it wants the next look, milliseconds since the epoch. */
  readonly chores?: (now: number) => number;
}

/** Milliseconds. Looks without a signal: heals a lost change notice, far below what a person would notice as stuck. */
const SAFETY_MS = 5_000;

/**
 * Decides who gets a turn: every resting headless agent with due mail. Woken by mail, by the end of a turn, by the time of
 * a waiting retry, and by nothing else.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #timer: NodeJS.Timeout | null = null;
  #wanted = false;
  #open = false;
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** From now on turns start. Before that, what an earlier engine left has to be taken over. */
  open(): void {
    this.#open = true;
    this.wake();
  }

  /** Looks at the mail soon; many calls are one look. */
  wake(): void {
    if (this.#wanted || this.#closed || !this.#open) return;
    this.#wanted = true;
    setImmediate(() => {
      this.#wanted = false;
      if (!this.#closed) this.#look();
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { mail, sessions, engine, clock, log } = this.#options;
    const now = clock.now();
    let next = this.#options.governor.endWaits(now, this.#endHolds(now, now + SAFETY_MS));
    next = Math.min(next, this.#chores(now));
    if (!this.#options.governor.fleetPaused()) {
      for (const box of this.#options.boxes?.(now) ?? mail.dueAgents(now).map((one) => ({ ...one, wakeAt: null }))) {
        if (box.wakeAt !== null) next = Math.min(next, box.wakeAt);
        if (box.nextAttemptAt !== null) {
          const at = parseTimestamp(box.nextAttemptAt);
          // Nobody is ever made to wait that long: the clock was set back meanwhile.
          if (at - now > 2 * LONGEST_RETRY_MS && mail.hasten(box.agentName) > 0) this.wake();
          next = Math.min(next, at);
        }
        if (box.due === 0 || engine.isBusy(box.agentName) || this.#options.holds.get(box.agentName) !== null) continue;
        const session = sessions.getByName(box.agentName);
        // Mailboxes without a session (operator, orchestrator), ended agents and agents in a terminal of their own read for themselves.
        if (
          session === null ||
          session.tmuxSession !== '' ||
          session.state === 'completed' ||
          session.state === 'zombie'
        )
          continue;
        const ticket = this.#options.governor.admitTurn(box.agentName);
        if (ticket === null) continue;
        engine
          .start(box.agentName)
          .catch((error: unknown) => {
            log('error', 'turn start failed', {
              agent: box.agentName,
              error: error instanceof Error ? error.stack : String(error),
            });
          })
          .finally(() => ticket.release());
      }
    }
    this.#timer = setTimeout(() => this.wake(), Math.max(1, next - now));
    this.#timer.unref();
  }

  #chores(now: number): number {
    try {
      return this.#options.chores?.(now) ?? Number.POSITIVE_INFINITY;
    } catch (error) {
      // Turns have to start all the same; the next look tries again.
      this.#options.log('error', 'mail could not be looked after', {
        error: error instanceof Error ? error.stack : String(error),
      });
      return Number.POSITIVE_INFINITY;
    }
  }

  /** Ends holds whose time has come, such as a quota that is given anew. @returns when to look again, at most `latest`. */
  #endHolds(now: number, latest: number): number {
    const { holds } = this.#options;
    let next = latest;
    for (const [agentName, hold] of [...holds.all()]) {
      if (hold.until === null) continue;
      const until = parseTimestamp(hold.until);
      if (until <= now) holds.remove(agentName);
      else next = Math.min(next, until);
    }
    return next;
  }
}
