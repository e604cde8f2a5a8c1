import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import type { TerminalSize } from '../../contract/terminals.ts';
import { captureScreen } from '../platform/screenState.ts';
import type { ParseTurns, TurnWorker } from './parseTurns.ts';

/** Bytes parsed in one step: about 0.3 ms (baselines.md: 25 to 42 MB/s), and fastest at this size. */
const STEP_BYTES = 8 * 1024;

export interface ScreenModelEvents {
  /** The model's own answer to a device query that came in bytes marked with `answers`. */
  onAnswer(data: string): void;
  /** Bytes were parsed: the backlog went down. */
  onParsed(): void;
  /** The model failed and was started anew, empty. It goes on with what comes next. */
  onFault(error: unknown): void;
}

type Work =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly answers: boolean }
  | { readonly kind: 'resize'; readonly size: TerminalSize }
  | { readonly kind: 'snapshot'; readonly resolve: (snapshot: string | null) => void }
  | { readonly kind: 'capture'; readonly resolve: (state: Uint8Array | null) => void };

/** The headless terminal's own way to parse at once. Its public `write` parses up to 12 ms at a time behind a timer, which eight floods turn into a tenth of a second. */
interface SynchronousCore {
  readonly _core: { writeSync(bytes: Uint8Array): void };
}

/**
 * Headless terminal that follows a pty, so that a viewer that comes later gets the screen as it is. Everything happens
 * in the order it was asked for, a piece at a time when `ParseTurns` says so.
 */
export class ScreenModel implements TurnWorker {
  readonly #events: ScreenModelEvents;
  readonly #scrollback: number;
  readonly #turns: ParseTurns;
  #size: TerminalSize;
  #terminal: headless.Terminal;
  #serializer: SerializeAddon;
  #work: Work[] = [];
  /** Bytes of the first piece of work that are parsed already. */
  #parsed = 0;
  #backlog = 0;
  #answering = false;
  #disposed = false;

  /** @param scrollback lines kept above the screen. */
  constructor(size: TerminalSize, scrollback: number, turns: ParseTurns, events: ScreenModelEvents) {
    this.#events = events;
    this.#scrollback = scrollback;
    this.#turns = turns;
    this.#size = size;
    [this.#terminal, this.#serializer] = this.#create(size);
  }

  /** Bytes written and not parsed yet. */
  get backlog(): number {
    return this.#backlog;
  }

  /**
   * Takes bytes, which must not change afterwards. `answers` says whether device queries in them are for the model to
   * answer: decided when the bytes are handed out, because that decides who sees the query.
   */
  write(bytes: Uint8Array, answers: boolean): void {
    if (bytes.length === 0) return;
    this.#backlog += bytes.length;
    this.#add({ kind: 'bytes', bytes, answers });
  }

  /** Takes effect after the bytes written so far: they were drawn for the old size. */
  resize(size: TerminalSize): void {
    this.#size = size;
    this.#add({ kind: 'resize', size });
  }

  /**
   * Escape sequences that redraw screen and scrollback as of the bytes written so far, not one more. Null when the model
   * failed or was thrown away meanwhile.
   */
  snapshot(): Promise<string | null> {
    return new Promise((resolve) => this.#add({ kind: 'snapshot', resolve }));
  }

  /**
   * The complete state as of the bytes written so far (main/platform/screenState.ts), which costs a copy where a snapshot
   * costs drawing. Null where it cannot be taken: in the middle of a sequence, or when the model failed or was thrown away.
   */
  capture(): Promise<Uint8Array | null> {
    return new Promise((resolve) => this.#add({ kind: 'capture', resolve }));
  }

  step(): boolean {
    const [work] = this.#work;
    if (work === undefined) return false;
    try {
      this.#do(work);
    } catch (error) {
      // An exception here would end the host and every agent with it. The screen is lost, the ring and the log are not.
      this.#restart();
      this.#events.onFault(error);
    }
    return this.#work.length > 0;
  }

  dispose(): void {
    this.#disposed = true;
    this.#turns.remove(this);
    this.#abandon();
    this.#terminal.dispose();
  }

  #add(work: Work): void {
    if (this.#disposed) {
      refuse(work);
      return;
    }
    this.#work.push(work);
    this.#turns.add(this);
  }

  #do(work: Work): void {
    switch (work.kind) {
      case 'bytes': {
        const piece = work.bytes.subarray(this.#parsed, this.#parsed + STEP_BYTES);
        this.#answering = work.answers;
        (this.#terminal as unknown as SynchronousCore)._core.writeSync(piece);
        this.#parsed += piece.length;
        this.#backlog -= piece.length;
        if (this.#parsed === work.bytes.length) this.#finishFirst();
        this.#events.onParsed();
        return;
      }
      case 'resize':
        this.#finishFirst();
        this.#terminal.resize(work.size.cols, work.size.rows);
        return;
      case 'snapshot':
        work.resolve(this.#serializer.serialize({ scrollback: this.#scrollback }));
        this.#finishFirst();
        return;
      case 'capture':
        work.resolve(captureScreen(this.#terminal));
        this.#finishFirst();
        return;
    }
  }

  #finishFirst(): void {
    this.#work.shift();
    this.#parsed = 0;
  }

  /** Drops what waits; snapshots and captures among it are answered with null. */
  #abandon(): void {
    const waiting = this.#work;
    this.#work = [];
    this.#parsed = 0;
    this.#backlog = 0;
    for (const work of waiting) refuse(work);
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
    this.#abandon();
    this.#terminal.dispose();
    // The newest size, since a resize may have been among what was dropped.
    [this.#terminal, this.#serializer] = this.#create(this.#size);
    this.#events.onParsed();
  }
}

function refuse(work: Work): void {
  if (work.kind === 'snapshot' || work.kind === 'capture') work.resolve(null);
}
