import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import type { TerminalSize } from '../../contract/terminals.ts';

/** Milliseconds without progress after which the parser counts as broken; a full backlog of 1 MiB parses in about 30 ms. */
const STUCK_MS = 5_000;

export interface ScreenModelEvents {
  /** The model's own answer to a device query that came in bytes marked with `answers`. */
  onAnswer(data: string): void;
  /** Bytes were parsed: backlog went down. */
  onParsed(): void;
  /** The model failed. It goes on with what comes next, empty when it had to be started anew. */
  onFault(error: unknown): void;
}

/**
 * Headless terminal that follows a pty, so that a viewer that comes later gets the screen as it is. Writes are parsed in
 * order and asynchronously; `snapshot` waits for everything written before it.
 */
export class ScreenModel {
  readonly #events: ScreenModelEvents;
  readonly #scrollback: number;
  #terminal: headless.Terminal;
  #serializer: SerializeAddon;
  #backlog = 0;
  /** Whether the bytes being parsed may be answered, and what the last enqueued switch set it to. */
  #answering = false;
  #enqueuedAnswering = false;
  #parsed = 0;
  #disposed = false;
  #watch: NodeJS.Timeout | null = null;
  #waiting: Array<(snapshot: string | null) => void> = [];

  /** @param scrollback lines kept above the screen. */
  constructor(size: TerminalSize, scrollback: number, events: ScreenModelEvents) {
    this.#events = events;
    this.#scrollback = scrollback;
    [this.#terminal, this.#serializer] = this.#create(size);
  }

  /** Bytes written and not parsed yet. */
  get backlog(): number {
    return this.#backlog;
  }

  /**
   * Writes bytes after everything before them. `answers` says whether device queries in them are for the model to
   * answer: decided when the bytes are handed out, because that decides who sees the query.
   */
  write(bytes: Uint8Array, answers: boolean): void {
    if (this.#disposed) return;
    const { length } = bytes;
    this.#backlog += length;
    try {
      if (answers !== this.#enqueuedAnswering) {
        this.#enqueuedAnswering = answers;
        this.#terminal.write('', () => {
          this.#answering = answers;
        });
      }
      const terminal = this.#terminal;
      terminal.write(bytes, () => {
        if (terminal !== this.#terminal || this.#disposed) return;
        this.#backlog -= length;
        this.#parsed += 1;
        this.#events.onParsed();
      });
      this.#watchProgress();
    } catch (error) {
      // An exception here would end the host and every agent with it; the screen may miss these bytes, the ring and the log do not.
      this.#backlog -= length;
      this.#events.onFault(error);
    }
  }

  /** Takes effect after the bytes written so far: they were drawn for the old size. */
  resize(size: TerminalSize): void {
    const terminal = this.#terminal;
    this.#inOrder(() => terminal.resize(size.cols, size.rows));
  }

  /**
   * Escape sequences that redraw screen and scrollback as of the bytes written so far. Serialising happens inside the
   * parser's own callback: later bytes are parsed after it. Null when the model failed meanwhile.
   */
  snapshot(): Promise<string | null> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      const answer = (snapshot: string | null): void => {
        this.#waiting = this.#waiting.filter((other) => other !== resolve);
        resolve(snapshot);
      };
      const done = this.#inOrder(() => {
        this.#parsed += 1;
        answer(this.#serializer.serialize({ scrollback: this.#scrollback }));
      });
      if (!done) answer(null);
      this.#watchProgress();
    });
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#terminal.dispose();
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }

  /** Runs something after the bytes written so far, with faults kept inside the model. False when it cannot be queued. */
  #inOrder(run: () => void): boolean {
    const terminal = this.#terminal;
    const guarded = () => {
      if (terminal !== this.#terminal || this.#disposed) return;
      try {
        run();
      } catch (error) {
        this.#events.onFault(error);
        this.#restart();
      }
    };
    try {
      terminal.write('', guarded);
      return true;
    } catch (error) {
      this.#events.onFault(error);
      return false;
    }
  }

  /** An exception in the parser leaves its queue stuck for good: notices that and starts anew, so that no pty waits for it. */
  #watchProgress(): void {
    if (this.#watch !== null) return;
    const before = this.#parsed;
    this.#watch = setTimeout(() => {
      this.#watch = null;
      if (this.#backlog === 0 && this.#waiting.length === 0) return;
      if (this.#parsed !== before) {
        this.#watchProgress();
        return;
      }
      this.#events.onFault(new Error('the screen model does not answer; it was started anew'));
      this.#restart();
    }, STUCK_MS);
    this.#watch.unref();
  }

  #create(size: TerminalSize): [headless.Terminal, SerializeAddon] {
    const terminal = new headless.Terminal({
      cols: size.cols,
      rows: size.rows,
      scrollback: this.#scrollback,
      allowProposedApi: true,
      logLevel: 'off',
    });
    const serializer = new SerializeAddon();
    // The add-on is typed for the browser's terminal and uses only what the headless one has too.
    terminal.loadAddon(serializer as unknown as headless.ITerminalAddon);
    terminal.onData((data) => {
      if (this.#answering) this.#events.onAnswer(data);
    });
    return [terminal, serializer];
  }

  #restart(): void {
    const { cols, rows } = this.#terminal;
    this.#terminal.dispose();
    this.#backlog = 0;
    this.#answering = false;
    this.#enqueuedAnswering = false;
    for (const resolve of this.#waiting.splice(0)) resolve(null);
    [this.#terminal, this.#serializer] = this.#create({ cols, rows });
    this.#events.onParsed();
  }
}
