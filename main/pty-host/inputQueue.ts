import { writeSync } from 'node:fs';
import type { Scheduler } from '../../contract/wire/channel.ts';
import { HOST_LIMITS } from './hostLimits.ts';

/**
 * Input on its way into a pty, in order. The descriptor is non-blocking: what the kernel does not take now is tried
 * again with growing pauses, so that a program that never reads its terminal costs neither memory nor processor.
 */
export class InputQueue {
  readonly #descriptor: number;
  readonly #isOpen: () => boolean;
  readonly #scheduler: Scheduler;
  readonly #write: (descriptor: number, bytes: Uint8Array) => number;
  #queue: Uint8Array[] = [];
  #size = 0;
  #pause: number = HOST_LIMITS.inputRetryMs.first;
  #retrying = false;

  /** @param isOpen asked before every write, because a closed descriptor's number may belong to another file by then. */
  constructor(
    descriptor: number,
    isOpen: () => boolean,
    scheduler: Scheduler,
    write: (descriptor: number, bytes: Uint8Array) => number = writeSync,
  ) {
    this.#descriptor = descriptor;
    this.#isOpen = isOpen;
    this.#scheduler = scheduler;
    this.#write = write;
  }

  /** Queues input; false when the program has not read what is waiting already, and nothing was taken. */
  push(bytes: Uint8Array): boolean {
    if (this.#size + bytes.length > HOST_LIMITS.inputQueueBytes) return false;
    if (bytes.length === 0) return true;
    this.#queue.push(bytes);
    this.#size += bytes.length;
    if (!this.#retrying) this.#drain();
    return true;
  }

  #drain(): void {
    this.#retrying = false;
    while (this.#isOpen()) {
      const [first] = this.#queue;
      if (first === undefined) return;
      const written = this.#tryWrite(first.subarray(0, HOST_LIMITS.inputChunkBytes));
      if (written === 0) {
        this.#retrying = true;
        this.#scheduler.after(this.#pause, () => this.#drain());
        this.#pause = Math.min(this.#pause * 2, HOST_LIMITS.inputRetryMs.longest);
        return;
      }
      this.#pause = HOST_LIMITS.inputRetryMs.first;
      this.#size -= written;
      if (written === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(written);
    }
    this.#queue = [];
    this.#size = 0;
  }

  /** Bytes the kernel took; 0 when it is full. */
  #tryWrite(bytes: Uint8Array): number {
    try {
      return this.#write(this.#descriptor, bytes);
    } catch (error) {
      // Full is normal. Any other failure (EIO) means the program is going; its end empties the queue through isOpen.
      if (error instanceof Error) return 0;
      throw error;
    }
  }
}
