import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** One complete line of a log, without its line feed. */
export interface LogLine {
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes, line feed included; the last line of an ended log may lack one. */
  readonly length: number;
  readonly text: string;
}

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;
/** Lines handed over at once: one transaction's worth (engineering.md 2.6). */
const BATCH_LINES = 100;
/** Milliseconds between looks at a file without a change signal: `fs.watch` may stay silent on network and virtual disks. */
const POLL_MS = 1_000;

/**
 * Follows a growing log file by whole lines, without a limit on a line's length. Lines are handed to `take` in order, one
 * batch after the other is finished; what `take` has not confirmed by returning is read again by the next tail that
 * starts at the committed offset.
 */
export class LogTail {
  readonly #path: string;
  readonly #take: (lines: readonly LogLine[], endOffset: number) => Promise<void> | void;
  readonly #onError: (error: unknown) => void;
  readonly #until: number;
  #committed: number;
  #readOffset: number;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #file: FileHandle | null = null;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();
  #wanted = false;
  #stopped = false;

  /**
   * @param offset byte position of the first line not yet committed.
   * @param until byte position at which reading ends, for a stretch that is complete; left out: follows the file.
   */
  constructor(options: {
    readonly path: string;
    readonly offset: number;
    readonly until?: number;
    readonly take: (lines: readonly LogLine[], endOffset: number) => Promise<void> | void;
    readonly onError: (error: unknown) => void;
  }) {
    this.#path = options.path;
    this.#committed = options.offset;
    this.#readOffset = options.offset;
    this.#take = options.take;
    this.#onError = options.onError;
    this.#until = options.until ?? Number.POSITIVE_INFINITY;
  }

  /** Byte position up to which `take` has returned. */
  get committed(): number {
    return this.#committed;
  }

  /** Starts following. The file may not exist yet. */
  start(): void {
    this.#timer = setInterval(() => this.poke(), POLL_MS);
    this.#timer.unref();
    this.poke();
  }

  /** Looks for new lines now; calls during a look are joined into one more look. */
  poke(): void {
    if (this.#stopped || this.#wanted) return;
    this.#wanted = true;
    this.#work = this.#work
      .then(async () => {
        this.#wanted = false;
        if (!this.#stopped) await this.#read();
      })
      .catch(this.#onError);
  }

  /** Does something between two looks, while no line is being taken. */
  async between(work: () => Promise<void>): Promise<void> {
    if (this.#stopped) return;
    const done = this.#work.then(work);
    // The chain goes on whatever comes of it; the caller gets the failure.
    this.#work = done.catch(() => {});
    await done;
  }

  /** Reads to the end of the file, takes an unterminated last line as a line, and stops. */
  async finish(): Promise<void> {
    try {
      this.poke();
      await this.#work;
      await this.#read();
      if (this.#partialBytes > 0) {
        const bytes = Buffer.concat(this.#partial);
        this.#partial = [];
        this.#partialBytes = 0;
        const end = this.#committed + bytes.length;
        await this.#take([{ offset: this.#committed, length: bytes.length, text: bytes.toString('utf8') }], end);
        this.#committed = end;
      }
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#watcher?.close();
    await this.#work;
    await this.#file?.close();
    this.#file = null;
  }

  async #open(): Promise<FileHandle | null> {
    if (this.#file !== null) return this.#file;
    try {
      this.#file = await open(this.#path, 'r');
    } catch (error) {
      // The process has not been started yet: the next look tries again.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    if (!this.#stopped) {
      this.#watcher = watch(this.#path, () => this.poke());
      // A watch that breaks leaves the poll, which is slower and enough.
      this.#watcher.on('error', () => this.#watcher?.close());
    }
    return this.#file;
  }

  async #read(): Promise<void> {
    const file = await this.#open();
    if (file === null) return;
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const wanted = Math.min(READ_BYTES, this.#until - this.#readOffset);
      if (wanted <= 0) return;
      const { bytesRead } = await file.read(chunk, 0, wanted, this.#readOffset);
      if (bytesRead === 0) return;
      this.#readOffset += bytesRead;
      await this.#split(chunk.subarray(0, bytesRead));
    }
  }

  async #split(bytes: Buffer): Promise<void> {
    let lines: LogLine[] = [];
    let end = this.#committed;
    let start = 0;
    for (let feed = bytes.indexOf(0x0a); feed !== -1; feed = bytes.indexOf(0x0a, start)) {
      const piece = bytes.subarray(start, feed);
      const whole = this.#partialBytes === 0 ? piece : Buffer.concat([...this.#partial, piece]);
      this.#partial = [];
      this.#partialBytes = 0;
      lines.push({ offset: end, length: whole.length + 1, text: whole.toString('utf8') });
      end += whole.length + 1;
      start = feed + 1;
      if (lines.length === BATCH_LINES) {
        await this.#take(lines, end);
        this.#committed = end;
        lines = [];
      }
    }
    if (lines.length > 0) {
      await this.#take(lines, end);
      this.#committed = end;
    }
    if (start < bytes.length) {
      // A copy: `bytes` is reused by the next read.
      this.#partial.push(Buffer.from(bytes.subarray(start)));
      this.#partialBytes += bytes.length - start;
    }
  }
}
