import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { LIMITS } from '../../../contract/limits.ts';
import type { TerminalSize } from '../../../contract/terminals.ts';
import type { CastEvent } from '../../platform/castFiles.ts';
import { OutputBacklog } from '../../platform/outputBacklog.ts';
import { restoreScreen, SCREEN_STATE_FORMAT, sizeOfScreen } from '../../platform/screenState.ts';
import { readEvents, readIndex, readKey, type Segment } from './segments.ts';

const inflate = promisify(inflateRaw);

/** Bytes parsed in one step: a fraction of a millisecond. */
const STEP_BYTES = 8 * 1024;
/** Bytes that wait to be parsed, so that what cannot be seen in the end is left out: a screen and its scrollback. */
const BACKLOG_BYTES = 512 * 1024;
/** Milliseconds of this thread before others have their turn: the engine answers while a recording is played. */
const TURN_MS = 4;
/** Milliseconds by which the times of two events may be off after their way through the file. */
const ROUNDING_MS = 0.0005;

/** A terminal's screen at a moment of its recording. */
export interface RecordedScreen {
  /** Escape sequences that draw screen and scrollback. */
  readonly snapshot: string;
  readonly size: TerminalSize;
  /** Milliseconds since the epoch of the newest event in it; null when nothing had been drawn. */
  readonly lastAt: number | null;
  /** False when what the recording began with is not known any more: parts of the screen may be missing. */
  readonly exact: boolean;
}

/** The headless terminal's own way to parse at once; its public `write` parses behind timers. */
interface SynchronousCore {
  readonly _core: { readonly writeSync: (bytes: Uint8Array) => void };
}

/** A terminal that a recording is played into, made as the pty host makes its own (main/pty-host/screenModel.ts). */
class PlayedScreen {
  readonly #terminal: headless.Terminal;
  readonly #serializer = new SerializeAddon();
  readonly #output: OutputBacklog;
  #turnStarted = performance.now();

  constructor(size: TerminalSize) {
    const terminal = new headless.Terminal({
      ...size,
      scrollback: LIMITS.screenScrollback,
      allowProposedApi: true,
      logLevel: 'off',
    });
    // The add-on is typed for the browser's terminal and uses only what the headless one has too.
    terminal.loadAddon(this.#serializer as unknown as headless.ITerminalAddon);
    const { _core: core } = terminal as unknown as SynchronousCore;
    this.#terminal = terminal;
    // Parses in memory, a few kilobytes at a time; no file waits behind it.
    this.#output = new OutputBacklog(terminal, { scrollback: LIMITS.screenScrollback }, core.writeSync.bind(core));
  }

  static restored(state: Uint8Array): PlayedScreen {
    const { cols, rows } = sizeOfScreen(state);
    const screen = new PlayedScreen({ cols, rows });
    restoreScreen(screen.#terminal, state);
    return screen;
  }

  get size(): TerminalSize {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  async play(event: CastEvent): Promise<void> {
    if (event.kind === 'r') {
      const size = parseSize(event.data);
      if (size === null) return;
      await this.#parseDownTo(0);
      this.#terminal.resize(size.cols, size.rows);
      this.#output.resized();
    }
    if (event.kind !== 'o') return;
    this.#output.push(Buffer.from(event.data), false);
    if (this.#output.bytes > BACKLOG_BYTES) await this.#parseDownTo(BACKLOG_BYTES);
  }

  async drawn(): Promise<string> {
    await this.#parseDownTo(0);
    return this.#serializer.serialize({ scrollback: LIMITS.screenScrollback });
  }

  async #parseDownTo(bytes: number): Promise<void> {
    this.#output.skip();
    while (this.#output.bytes > bytes) {
      this.#output.step(STEP_BYTES);
      if (performance.now() - this.#turnStarted < TURN_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      this.#turnStarted = performance.now();
    }
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

/** Reads the data of a resize, `80x24`. */
export function parseSize(text: string): TerminalSize | null {
  const [, cols, rows] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  return cols === undefined || rows === undefined ? null : { cols: Number(cols), rows: Number(rows) };
}

/** Where playing starts so that the screen at the moment comes out right with the least to play. */
interface Start {
  readonly index: number;
  readonly offset: number;
  readonly screen: PlayedScreen;
  readonly exact: boolean;
}

/**
 * Draws a terminal at a moment (milliseconds since the epoch): from the newest kept screen before it, the events up to it.
 * Null when the recording begins later.
 */
export async function screenAt(segments: readonly Segment[], at: number): Promise<RecordedScreen | null> {
  const last = segmentOf(segments, at);
  if (last === -1) return null;
  const start = await startOf(segments, last, at);
  let lastAt: number | null = null;
  try {
    for (let index = start.index; index <= last; index += 1) {
      const segment = segments[index];
      if (segment === undefined) break;
      const { startedAt } = segment.header.overstory;
      const until = index === last ? at - startedAt + ROUNDING_MS : Number.POSITIVE_INFINITY;
      for await (const event of readEvents(segment, index === start.index ? start.offset : 0)) {
        if (event.time > until) break;
        await start.screen.play(event);
        if (event.kind !== 'm') lastAt = startedAt + event.time;
      }
    }
    return { snapshot: await start.screen.drawn(), size: start.screen.size, lastAt, exact: start.exact };
  } finally {
    start.screen.dispose();
  }
}

/** Index of the segment a moment falls into; -1 when it is before all of them. */
export function segmentOf(segments: readonly Segment[], at: number): number {
  return segments.findLastIndex((segment) => segment.header.overstory.startedAt <= at + ROUNDING_MS);
}

async function startOf(segments: readonly Segment[], last: number, at: number): Promise<Start> {
  for (let index = last; ; index -= 1) {
    const segment = segments[index];
    if (segment === undefined) throw new Error('a segment that was just found is not there');
    const { startedAt, starts, epoch, part, screens } = segment.header.overstory;
    const until = index === last ? at - startedAt + ROUNDING_MS : Number.POSITIVE_INFINITY;
    const marks = screens === SCREEN_STATE_FORMAT ? await readIndex(segment) : [];
    for (const mark of marks.toReversed()) {
      if (mark.key === null || mark.time > until) continue;
      const screen = await unpack(segment, mark.key);
      if (screen !== null) return { index, offset: mark.offset, screen, exact: true };
    }
    const before = segments[index - 1]?.header.overstory;
    if (starts === 'follows' && before?.epoch === epoch && before.part === part - 1) continue;
    const { width, height } = segment.header;
    return {
      index,
      offset: segment.headerBytes,
      screen: new PlayedScreen({ cols: width, rows: height }),
      exact: starts === 'blank',
    };
  }
}

async function unpack(segment: Segment, key: { readonly offset: number; readonly length: number }) {
  const packed = await readKey(segment, key);
  if (packed === null) return null;
  try {
    return PlayedScreen.restored(await inflate(packed));
  } catch {
    // Damaged on the disk: an earlier one, or playing from the beginning, gives the same screen.
    return null;
  }
}
