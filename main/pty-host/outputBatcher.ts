import type { Scheduler } from '../../contract/wire/channel.ts';

/**
 * Joins the 4 KiB chunks of a pty before the next hop (engineering.md 2.5). The first chunk after a quiet moment leaves
 * at once, so the echo of a key does not wait; what follows is joined for up to `maxMs` or `maxBytes`.
 */
export class OutputBatcher {
  readonly #scheduler: Scheduler;
  readonly #maxBytes: number;
  readonly #maxMs: number;
  readonly #sink: (bytes: Uint8Array) => void;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #cancel: (() => void) | null = null;
  #lastFlush = Number.NEGATIVE_INFINITY;

  constructor(
    limits: { readonly maxBytes: number; readonly maxMs: number },
    scheduler: Scheduler,
    sink: (bytes: Uint8Array) => void,
  ) {
    this.#maxBytes = limits.maxBytes;
    this.#maxMs = limits.maxMs;
    this.#scheduler = scheduler;
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= this.#maxBytes || this.#scheduler.now() - this.#lastFlush >= this.#maxMs) this.flush();
    else this.#cancel ??= this.#scheduler.after(this.#maxMs, () => this.flush());
  }

  /** Hands on what is waiting. Called before anything that must come after the output so far: resize, feed, attach, exit. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#size === 0) return;
    this.#lastFlush = this.#scheduler.now();
    const [first] = this.#chunks;
    const joined = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [];
    this.#size = 0;
    this.#sink(joined);
  }
}
