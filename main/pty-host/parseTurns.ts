/** Something with work left that can be done a small piece at a time. */
export interface TurnWorker {
  /** Does one small piece. Returns false when nothing is left. */
  step(): boolean;
  /** Everything put off is due now: a while has passed without more of it. */
  rest(): void;
}

/** Milliseconds of one turn of the event loop spent on parsing. Small, because the echo of a key waits behind it (baselines.md: p50 2 ms beside 8 floods). */
const TURN_MS = 1;

/** Milliseconds without new output after which what was put off is parsed. Long beside the pauses within an output, short beside those of a person. */
const REST_MS = 100;

/**
 * Shares the thread between all screen models and everything else: piece by piece in turn, a little in each turn of the
 * event loop, so that eight floods neither starve each other nor the key somebody types into a ninth terminal.
 */
export class ParseTurns {
  readonly #waiting = new Set<TurnWorker>();
  readonly #now: () => number;
  #scheduled = false;
  /** Workers with work that can wait, and whether it has waited since before the last look. */
  readonly #later = new Map<TurnWorker, boolean>();
  #looking = false;

  /** @param now milliseconds of a steady clock with fractions. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Says that a worker has work; harmless when it was said already. */
  add(worker: TurnWorker): void {
    this.#waiting.add(worker);
    this.#schedule();
  }

  /** Says that a worker has work that can wait until nothing is added to it for a while. */
  later(worker: TurnWorker): void {
    this.#later.set(worker, false);
    if (this.#looking) return;
    this.#looking = true;
    setTimeout(() => this.#look(), REST_MS);
  }

  remove(worker: TurnWorker): void {
    this.#waiting.delete(worker);
    this.#later.delete(worker);
  }

  #look(): void {
    this.#looking = false;
    for (const [worker, waited] of this.#later) {
      if (waited) {
        this.#later.delete(worker);
        worker.rest();
      } else this.#later.set(worker, true);
    }
    if (this.#later.size === 0) return;
    this.#looking = true;
    setTimeout(() => this.#look(), REST_MS);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const until = this.#now() + TURN_MS;
    do {
      const [worker] = this.#waiting;
      if (worker === undefined) return;
      // Taken out and put back at the end: a set keeps the order in which its members came.
      this.#waiting.delete(worker);
      if (worker.step()) this.#waiting.add(worker);
    } while (this.#now() < until);
    if (this.#waiting.size > 0) this.#schedule();
  }
}
