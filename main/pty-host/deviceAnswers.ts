// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal answers start with ESC by definition.
const ALLOWED = [/^\x1b\[\?[\d;]*c$/, /^\x1b\[0n$/, /^\x1b\[\d+;\d+R$/];

/**
 * True for the answers the headless screen may give while nobody watches: primary device attributes (DA1), device
 * status (DSR 5) and cursor position (DSR 6). Anything else could be read by a program as typed keys (engineering.md 2.5).
 */
export function isAllowedAnswer(data: string): boolean {
  return ALLOWED.some((pattern) => pattern.test(data));
}

/**
 * With several viewers each of their terminals answers the same query. Decides whether an input is such a repetition:
 * an answer equal to the last one, from within `windowMs`, while more than one viewer is attached.
 */
export class DuplicateAnswers {
  readonly #windowMs: number;
  #last = '';
  #at = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** @param now milliseconds of any steady clock. */
  isDuplicate(data: string, viewers: number, now: number): boolean {
    if (!isAllowedAnswer(data)) return false;
    const repeated = viewers > 1 && data === this.#last && now - this.#at <= this.#windowMs;
    if (!repeated) {
      this.#last = data;
      this.#at = now;
    }
    return repeated;
  }
}
