/**
 * Runs jobs that share a key one after the other, in call order; jobs of different keys run side by side. A job that
 * throws rejects its own caller and does not stop the ones behind it.
 */
export class SerialQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `job` after every earlier job of the same key has ended, and gives its outcome. */
  run<Value>(key: string, job: () => Promise<Value>): Promise<Value> {
    const previous = this.#tails.get(key) ?? Promise.resolve();
    const result = previous.then(job, job);
    // The tail only orders: the failure itself belongs to the caller, who holds `result`.
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return result;
  }
}
