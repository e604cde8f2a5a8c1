import { HOST_LIMITS } from './hostLimits.ts';

/**
 * Remembers up to where each source was drawn into a terminal, so that a range is drawn exactly once however often an
 * engine restarts and repeats itself. Only the newest sources are kept: a source is a turn, and turns do not come back.
 */
export class FeedSources {
  readonly #ends = new Map<string, number>();

  /**
   * Takes a range (bytes of the source, end exclusive) when it starts where the last one ended; the first range of a
   * source must start at 0. `end` is where the source stands after this.
   */
  take(source: string, offset: number, end: number): { readonly accepted: boolean; readonly end: number } {
    const known = this.#ends.get(source) ?? 0;
    if (offset !== known || end <= offset) return { accepted: false, end: known };
    // Set anew, so that the map's order is the order of use.
    this.#ends.delete(source);
    this.#ends.set(source, end);
    for (const oldest of this.#ends.keys()) {
      if (this.#ends.size <= HOST_LIMITS.feedSources) break;
      this.#ends.delete(oldest);
    }
    return { accepted: true, end };
  }
}
