import type { Scheduler } from '../../contract/wire/channel.ts';
import { HOST_LIMITS } from './hostLimits.ts';

/** Terminals that are read on in one turn of the event loop: about a millisecond of work with all that follows from their bytes. */
const AT_ONCE = 2;

/**
 * Lets terminals that flood be read one after the other, a little in each turn of the event loop. The kernel always has more
 * of them, so without this a turn takes as long as all floods together, and a key somebody types waits for two of those.
 *
 * While somebody types, floods in all other terminals come to a trickle. Their bytes cost the whole machine, the floods
 * themselves included, and the key's way through page, engine and program goes over the same few processors.
 */
export class ReadTurns {
  readonly #scheduler: Scheduler;
  readonly #waiting = new Set<() => void>();
  #typing: { readonly goOn: () => void; readonly until: number } | null = null;
  #scheduled = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Calls `goOn` once when it is this terminal's turn again; waiting twice counts once. */
  wait(goOn: () => void): void {
    this.#waiting.add(goOn);
    if (goOn === this.#typing?.goOn) setImmediate(() => this.#let(goOn));
    else this.#schedule();
  }

  /** It does not wait any more. */
  leave(goOn: () => void): void {
    this.#waiting.delete(goOn);
    if (this.#typing?.goOn === goOn) this.#typing = null;
  }

  /** A person types into the terminal that waits with this `goOn`. */
  typed(goOn: () => void): void {
    this.#typing = { goOn, until: this.#scheduler.now() + HOST_LIMITS.typing.forMs };
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const typing = this.#typing !== null && this.#scheduler.now() < this.#typing.until;
    if (!typing) this.#typing = null;
    const turn = () => {
      this.#scheduled = false;
      for (const goOn of [...this.#waiting].slice(0, typing ? 1 : AT_ONCE)) this.#let(goOn);
      if (this.#waiting.size > 0) this.#schedule();
    };
    if (typing) this.#scheduler.after(HOST_LIMITS.typing.turnMs, turn);
    else setImmediate(turn);
  }

  #let(goOn: () => void): void {
    if (this.#waiting.delete(goOn)) goOn();
  }
}
