const FIRST_BYTES = 16 * 1024;

/**
 * The newest bytes of one terminal, addressed by absolute offset since the terminal was opened. Memory grows with what
 * is written, up to the capacity, so that an idle terminal costs next to nothing.
 */
export class OutputRing {
  readonly #capacity: number;
  #bytes: Uint8Array;
  #total = 0;

  /** @param capacity bytes kept at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, capacity));
  }

  /** Offset after the newest byte: how much was ever written. */
  get total(): number {
    return this.#total;
  }

  /** Offset of the oldest byte still held. */
  get start(): number {
    return Math.max(0, this.#total - this.#bytes.length);
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    const size = this.#bytes.length;
    // Of a write larger than the ring only the end can stay.
    const skipped = Math.max(0, bytes.length - size);
    const kept = skipped === 0 ? bytes : bytes.subarray(skipped);
    const at = (this.#total + skipped) % size;
    const head = Math.min(kept.length, size - at);
    this.#bytes.set(kept.subarray(0, head), at);
    this.#bytes.set(kept.subarray(head), 0);
    this.#total += bytes.length;
  }

  /** A copy of up to `limit` bytes from `offset` on, or null when the ring does not hold that offset (too old, or never written). */
  read(offset: number, limit: number): Uint8Array | null {
    if (!Number.isInteger(offset) || offset < this.start || offset > this.#total) return null;
    const length = Math.min(limit, this.#total - offset);
    const result = new Uint8Array(length);
    const size = this.#bytes.length;
    const at = offset % size;
    const head = Math.min(length, size - at);
    result.set(this.#bytes.subarray(at, at + head), 0);
    result.set(this.#bytes.subarray(0, length - head), head);
    return result;
  }

  /**
   * Up to `limit` bytes from `offset` on where they lie, perhaps fewer, or null as `read` says. They are what they are until
   * the next `append`.
   */
  view(offset: number, limit: number): Uint8Array | null {
    if (!Number.isInteger(offset) || offset < this.start || offset > this.#total) return null;
    const at = offset % this.#bytes.length;
    return this.#bytes.subarray(at, Math.min(at + limit, at + this.#total - offset, this.#bytes.length));
  }

  /** Makes room by doubling, as long as nothing was overwritten yet: then every offset still equals its position. */
  #grow(incoming: number): void {
    const needed = this.#total + incoming;
    let size = this.#bytes.length;
    if (needed <= size || size >= this.#capacity) return;
    while (size < needed && size < this.#capacity) size = Math.min(size * 2, this.#capacity);
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#total));
    this.#bytes = larger;
  }
}
