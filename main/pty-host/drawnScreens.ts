interface Drawn {
  /** Offset of the output that is on it. */
  readonly offset: number;
  readonly snapshot: string;
}

/**
 * The screens that were drawn last, of all terminals, each for as long as nothing is written behind it: somebody who walks
 * through the terminals of agents at rest is shown what was drawn before.
 */
export class DrawnScreens {
  readonly #characters: number;
  /** The one that was wanted last comes last. */
  readonly #kept = new Map<object, Drawn>();
  #held = 0;

  /** @param characters kept at most, all screens together. */
  constructor(characters: number) {
    this.#characters = characters;
  }

  /** The screen of a terminal as of that offset; null when it has to be drawn. */
  of(terminal: object, offset: number): string | null {
    const drawn = this.#kept.get(terminal);
    if (drawn === undefined) return null;
    this.forget(terminal);
    if (drawn.offset !== offset) return null;
    this.keep(terminal, offset, drawn.snapshot);
    return drawn.snapshot;
  }

  keep(terminal: object, offset: number, snapshot: string): void {
    this.forget(terminal);
    this.#kept.set(terminal, { offset, snapshot });
    this.#held += snapshot.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#held <= this.#characters) return;
      this.forget(oldest);
    }
  }

  /** What was drawn of it does not hold any more: it has another size, or is gone. */
  forget(terminal: object): void {
    const drawn = this.#kept.get(terminal);
    if (drawn === undefined) return;
    this.#kept.delete(terminal);
    this.#held -= drawn.snapshot.length;
  }
}
