import type { Scheduler } from '../../contract/wire/channel.ts';

/** Memory to join output in, used again by all terminals: few of them have output waiting at the same time. */
const spare: Uint8Array[] = [];
const SPARE = 8;

function memoryOf(bytes: number): Uint8Array {
  const found = spare.pop();
  return found?.length === bytes ? found : Buffer.allocUnsafeSlow(bytes);
}

/**
 * Joins the 4 KiB chunks of a pty before the next hop (engineering.md 2.5). The first chunk after a quiet moment leaves
 * at once, so the echo of a key does not wait; what follows is joined for up to `maxMs` or `maxBytes`. What it hands on
 * is a copy that nobody changes.
 */
export class OutputBatcher {
  readonly #scheduler: Scheduler;
  readonly #maxBytes: number;
  readonly #maxMs: number;
  readonly #sink: (bytes: Uint8Array) => void;
  #memory: Uint8Array | null = null;
  #size = 0;
  /** When what waits has to leave. */
  #due = 0;
  #waiting = false;
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

  /** Takes bytes, whose memory is the caller's again afterwards. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const now = this.#scheduler.now();
      this.#memory ??= memoryOf(this.#maxBytes);
      if (this.#size === 0) this.#due = now + this.#maxMs;
      const part = bytes.subarray(at, at + this.#maxBytes - this.#size);
      this.#memory.set(part, this.#size);
      this.#size += part.length;
      at += part.length;
      if (this.#size === this.#maxBytes || now - this.#lastFlush >= this.#maxMs) this.flush();
    }
    if (this.#size > 0 && !this.#waiting) this.#wait(this.#maxMs);
  }

  /** One timer goes on through many batches: a flood fills them faster than timers are set and cleared. */
  #wait(milliseconds: number): void {
    this.#waiting = true;
    this.#scheduler.after(milliseconds, () => {
      this.#waiting = false;
      if (this.#size === 0) return;
      const left = this.#due - this.#scheduler.now();
      if (left > 0) this.#wait(left);
      else this.flush();
    });
  }

  /** Hands on what is waiting. Called before anything that must come after the output so far: resize, feed, attach, exit. */
  flush(): void {
    const memory = this.#memory;
    if (memory === null || this.#size === 0) return;
    const size = this.#size;
    this.#memory = null;
    this.#size = 0;
    this.#lastFlush = this.#scheduler.now();
    if (size > this.#maxBytes / 2) {
      this.#sink(memory.subarray(0, size));
      return;
    }
    // Little would keep much memory alive for as long as somebody holds it.
    const copy = Buffer.allocUnsafe(size);
    copy.set(memory.subarray(0, size));
    if (spare.length < SPARE) spare.push(memory);
    this.#sink(copy);
  }
}
