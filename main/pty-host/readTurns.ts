/** Terminals that are read on in one turn of the event loop: about a millisecond of work with all that follows from their bytes. */
const AT_ONCE = 2;

/**
 * Lets terminals that flood be read one after the other, a little in each turn of the event loop. The kernel always has more
 * of them, so without this a turn takes as long as all floods together, and a key somebody types waits for two of those.
 */
export class ReadTurns {
  readonly #waiting = new Set<() => void>();
  #scheduled = false;

  /** Calls `goOn` once when it is this terminal's turn again; waiting twice counts once. */
  wait(goOn: () => void): void {
    this.#waiting.add(goOn);
    this.#schedule();
  }

  /** It does not wait any more. */
  leave(goOn: () => void): void {
    this.#waiting.delete(goOn);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const goOn of [...this.#waiting].slice(0, AT_ONCE)) {
        this.#waiting.delete(goOn);
        goOn();
      }
      if (this.#waiting.size > 0) this.#schedule();
    });
  }
}
