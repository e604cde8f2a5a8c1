import { close, open, write } from 'node:fs';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** Milliseconds a file stays open without being written to: a flood writes often, and a thousand quiet terminals hold no descriptors. */
const IDLE_MS = 1_000;

/** Appends to one file at a time, which stays open while it is written to. Mode 0600. */
export class Appender {
  #path: string | null = null;
  #descriptor: number | null = null;
  #idle: NodeJS.Timeout | null = null;
  #busy = false;

  /** One call at a time. Throws the file system's error; what was written of the data then is unknown. */
  async append(path: string, data: Uint8Array): Promise<void> {
    this.#busy = true;
    try {
      if (path !== this.#path) await this.#close();
      this.#path = path;
      this.#descriptor ??= await openFile(path, 'a', 0o600);
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await writeFile(this.#descriptor, data, at, data.length - at, null);
        at += bytesWritten;
      }
    } catch (error) {
      await this.#close();
      throw error;
    } finally {
      this.#busy = false;
      this.#rest();
    }
  }

  #rest(): void {
    if (this.#descriptor === null) return;
    if (this.#idle !== null) {
      this.#idle.refresh();
      return;
    }
    this.#idle = setTimeout(() => {
      this.#idle = null;
      if (this.#busy) this.#rest();
      else void this.#close();
    }, IDLE_MS);
    this.#idle.unref();
  }

  async #close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    this.#path = null;
    if (descriptor === null) return;
    try {
      await closeFile(descriptor);
    } catch {
      // Every write has been answered for already; a descriptor that cannot be closed is not ours any more.
    }
  }
}
