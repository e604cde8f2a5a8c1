import type { TerminalSize } from '../../contract/terminals.ts';
import { OutputBacklog } from '../platform/outputBacklog.ts';
import { captureScreen, isBetweenSequences } from '../platform/screenState.ts';
import { type DrawableTerminal, drawableTerminal } from './drawScreen.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import type { ParseTurns, TurnWorker } from './parseTurns.ts';
import type { ScreenDrawer } from './screenDrawer.ts';

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

/** Where output stands: between two characters, or in the middle of one or of an escape sequence. */
export type OutputPlace = 'between' | 'inCharacter' | 'inSequence';

type Work =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly answers: boolean }
  | { readonly kind: 'resize'; readonly size: TerminalSize }
  | { readonly kind: 'snapshot'; readonly resolve: (snapshot: string | null | Promise<string | null>) => void }
  | { readonly kind: 'place'; readonly resolve: (place: OutputPlace) => void }
  | { readonly kind: 'capture'; readonly resolve: (state: Uint8Array | null) => void };

/** The headless terminal's own way to parse at once. Its public `write` parses up to 12 ms at a time behind a timer, which eight floods turn into a tenth of a second. */
interface SynchronousCore {
  readonly _core: { writeSync(bytes: Uint8Array): void };
}

/**
 * Headless terminal that follows a pty, so that a viewer that comes later gets the screen as it is. Everything happens
 * in the order it was asked for, a piece at a time when `ParseTurns` says so, and parsing is put off: until somebody asks for
 * the screen, a program asks the terminal, output pauses, or too much waits. By then most of a flood has gone out at the top
 * and is never parsed (main/platform/outputBacklog.ts).
 */
export class ScreenModel implements TurnWorker {
  readonly #events: ScreenModelEvents;
  readonly #scrollback: number;
  readonly #turns: ParseTurns;
  readonly #output: OutputBacklog;
  #size: TerminalSize;
  readonly #drawer: ScreenDrawer | null;
  #screen: DrawableTerminal;
  /** The first is no output: what came before it is in the backlog. */
  #work: Work[] = [];
  /** Bytes among it. */
  #behindWork = 0;
  /** What was written up to here has to be parsed without waiting for more. */
  #dueTo = 0;
  #disposed = false;

  /**
   * @param scrollback lines kept above the screen.
   * @param drawer draws large screens elsewhere; without it all are drawn here.
   */
  constructor(
    size: TerminalSize,
    scrollback: number,
    turns: ParseTurns,
    events: ScreenModelEvents,
    drawer: ScreenDrawer | null = null,
  ) {
    this.#events = events;
    this.#scrollback = scrollback;
    this.#turns = turns;
    this.#size = size;
    this.#drawer = drawer;
    this.#screen = this.#create(size);
    this.#output = new OutputBacklog(this.#screen.terminal, { scrollback }, (bytes) =>
      (this.#screen.terminal as unknown as SynchronousCore)._core.writeSync(bytes),
    );
  }

  /** Bytes written and not parsed yet. */
  get backlog(): number {
    return this.#output.bytes + this.#behindWork;
  }

  /** Bytes parsed so far, without those that were left out. */
  get parsed(): number {
    return this.#output.work;
  }

  /** Bytes that will have to be parsed, as far as can be told: of a flood of lines almost nothing will. */
  get owed(): number {
    return this.#output.isPlain ? Math.max(0, this.backlog - HOST_LIMITS.screenPlainBytes) : this.backlog;
  }

  /**
   * Takes bytes, which must not change afterwards. `answers` says whether device queries in them are for the model to
   * answer: decided when the bytes are handed out, because that decides who sees the query.
   */
  write(bytes: Uint8Array, answers: boolean): void {
    if (bytes.length === 0 || this.#disposed) return;
    if (this.#work.length > 0) {
      this.#work.push({ kind: 'bytes', bytes, answers });
      this.#behindWork += bytes.length;
    } else this.#take(bytes, answers);
    this.#schedule();
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

  /** Where the bytes written so far end. */
  place(): Promise<OutputPlace> {
    return new Promise((resolve) => this.#add({ kind: 'place', resolve }));
  }

  /**
   * The complete state as of the bytes written so far (main/platform/screenState.ts), which costs a copy where a snapshot
   * costs drawing. Null where it cannot be taken: in the middle of a sequence, or when the model failed or was thrown away.
   */
  capture(): Promise<Uint8Array | null> {
    return new Promise((resolve) => this.#add({ kind: 'capture', resolve }));
  }

  step(): boolean {
    try {
      if (this.#output.bytes > 0) {
        this.#output.step(STEP_BYTES);
        this.#events.onParsed();
      } else this.#doFirst();
    } catch (error) {
      // An exception here would end the host and every agent with it. The screen is lost, the ring and the log are not.
      this.#restart();
      this.#events.onFault(error);
    }
    if (this.#isDue()) return true;
    if (this.#output.bytes > 0) this.#turns.later(this);
    return false;
  }

  rest(): void {
    this.#dueTo = this.#output.written;
    this.#schedule();
  }

  dispose(): void {
    this.#disposed = true;
    this.#turns.remove(this);
    this.#abandon();
    this.#screen.terminal.dispose();
  }

  #add(work: Work): void {
    if (this.#disposed) {
      refuse(work);
      return;
    }
    this.#work.push(work);
    this.#schedule();
  }

  #take(bytes: Uint8Array, answers: boolean): void {
    try {
      this.#output.push(bytes, answers);
      if (this.#output.bytes > HOST_LIMITS.screenPutOffBytes) this.#output.skip();
    } catch (error) {
      this.#restart();
      this.#events.onFault(error);
      return;
    }
    // There may be a question in it, and whoever asked waits.
    if (answers && !this.#output.isPlain) this.#dueTo = this.#output.written;
  }

  #isDue(): boolean {
    if (this.#work.length > 0) return true;
    const { bytes, parsed, isPlain } = this.#output;
    return parsed < this.#dueTo || bytes > (isPlain ? HOST_LIMITS.screenPlainBytes : HOST_LIMITS.screenPutOffBytes);
  }

  #schedule(): void {
    if (this.#isDue()) this.#turns.add(this);
    else if (this.#output.bytes > 0) this.#turns.later(this);
  }

  /** Does what is no output, and takes the output behind it. */
  #doFirst(): void {
    const [work] = this.#work;
    if (work === undefined) return;
    switch (work.kind) {
      case 'bytes':
        // Never the first: it was taken with the work before it.
        return;
      case 'resize':
        this.#screen.terminal.resize(work.size.cols, work.size.rows);
        this.#output.resized();
        break;
      case 'snapshot':
        work.resolve(this.#drawn());
        break;
      case 'place':
        work.resolve(this.#place());
        break;
      case 'capture':
        work.resolve(this.#output.cutsCharacter ? null : captureScreen(this.#screen.terminal));
        break;
    }
    this.#work.shift();
    for (let [next] = this.#work; next?.kind === 'bytes'; [next] = this.#work) {
      this.#work.shift();
      this.#behindWork -= next.bytes.length;
      this.#take(next.bytes, next.answers);
    }
  }

  #place(): OutputPlace {
    if (!isBetweenSequences(this.#screen.terminal)) return 'inSequence';
    return this.#output.cutsCharacter ? 'inCharacter' : 'between';
  }

  /** A large screen is copied here, which takes a millisecond, and drawn by another thread once that stands. */
  #drawn(): string | null | Promise<string | null> {
    const { terminal } = this.#screen;
    const cells = terminal.buffer.active.length * terminal.cols;
    const state = cells > HOST_LIMITS.drawHereCells && this.#drawer?.isReady ? captureScreen(terminal) : null;
    if (state === null || this.#drawer === null) return this.#screen.draw();
    return this.#drawer.draw(state, this.#scrollback);
  }

  /** Drops what waits; snapshots and captures among it are answered with null. */
  #abandon(): void {
    const waiting = this.#work;
    this.#work = [];
    this.#behindWork = 0;
    this.#output.restart(this.#screen.terminal);
    for (const work of waiting) refuse(work);
  }

  #create(size: TerminalSize): DrawableTerminal {
    const screen = drawableTerminal(size, this.#scrollback);
    screen.terminal.onData((data) => {
      if (this.#output.answers) this.#events.onAnswer(data);
    });
    return screen;
  }

  #restart(): void {
    this.#screen.terminal.dispose();
    // The newest size, since a resize may have been among what is dropped.
    this.#screen = this.#create(this.#size);
    this.#abandon();
    this.#events.onParsed();
  }
}

function refuse(work: Work): void {
  if (work.kind === 'snapshot' || work.kind === 'capture') work.resolve(null);
  // What comes next is for a fresh screen.
  if (work.kind === 'place') work.resolve('between');
}
