import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import type { TerminalSize } from '../../../contract/terminals.ts';
import {
  type CastFacts,
  castHeaderLine,
  castLine,
  indexLine,
  segmentName,
  terminalFolder,
} from '../../platform/castFiles.ts';
import { makeLastFolders } from '../../platform/lastFolders.ts';
import { SCREEN_STATE_FORMAT } from '../../platform/screenState.ts';
import { HOST_LIMITS } from '../hostLimits.ts';
import { Appender } from './appender.ts';
import { longestLine, writeOutputLine } from './outputLine.ts';
import { Utf8Text } from './utf8Text.ts';

const deflate = promisify(deflateRaw);
const LIMITS = HOST_LIMITS.recording;

/** Ends of the files of a segment. */
type Ending = 'cast' | 'index' | 'keys';

export interface RecorderOptions {
  /** Folder of all recordings of the project. */
  readonly folder: string;
  readonly terminal: {
    readonly id: string;
    readonly kind: 'agent' | 'shell';
    readonly agent: string | null;
    readonly title: string;
  };
  readonly epoch: string;
  readonly size: TerminalSize;
  /** Milliseconds since the epoch. */
  now(): number;
  isEnabled(): boolean;
  /** The complete screen after everything recorded so far; null where it cannot be taken. */
  capture(): Promise<Uint8Array | null>;
  /** Bytes the screen model has parsed so far: what playing up to here costs. */
  parsed(): number;
  /** A segment was begun: the path of its files without ending. */
  onSegment(base: string): void;
  /** The disk refused; told once for each try. */
  onFault(error: unknown): void;
  readonly write?: (path: string, data: Uint8Array | string) => Promise<void>;
}

type Entry =
  | { readonly kind: 'o'; readonly time: number; readonly bytes: Uint8Array }
  | { readonly kind: 'r' | 'm'; readonly time: number; readonly text: string }
  | { readonly kind: 'key'; readonly time: number; readonly screen: Promise<Uint8Array | null> }
  | {
      readonly kind: 'segment';
      readonly time: number;
      readonly part: number;
      readonly starts: CastFacts['starts'];
      readonly size: TerminalSize;
      readonly screen: Promise<Uint8Array | null> | null;
    };

/** Bytes a character takes at most. */
const LONGEST_CHARACTER = 4;

/** Bytes of a buffer made for a small write, so that the next one fits too. */
const FIRST_BUFFER = 64 * 1024;

/** Buffers to encode into, used again by all recorders: garbage of this size would stay for long beside a flood. */
const buffers = {
  free: [] as Buffer[],
  take(bytes: number): Buffer {
    const index = this.free.findIndex((buffer) => buffer.length >= bytes);
    const [found] = index === -1 ? [] : this.free.splice(index, 1);
    return found ?? Buffer.allocUnsafeSlow(Math.max(bytes, FIRST_BUFFER));
  },
  give(buffer: Buffer): void {
    if (this.free.length < LIMITS.spareBuffers) this.free.push(buffer);
  },
};

/** The segment that is being written. */
interface Open {
  readonly base: string;
  readonly startedAt: number;
  offset: number;
  keyOffset: number;
  marked: number;
  /** Lines of the index that are not written yet: few large writes cost less, and an index that ends early is completed by reading. */
  places: string;
}

/**
 * Writes one terminal's recording (main/platform/castFiles.ts says what the files hold). Handing something over costs the
 * caller a push onto a queue: encoding and disk come later, in order, and a disk that cannot keep up costs a gap in the
 * recording, never a wait of the agent. Screens are kept every few megabytes, so that any second can be drawn without
 * playing the recording from its beginning.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #folder: string;
  readonly #text = new Utf8Text();
  readonly #write: (path: string, data: Uint8Array | string) => Promise<void>;
  #size: TerminalSize;
  #queue: Entry[] = [];
  #queued = 0;
  #draining: Promise<void> | null = null;
  /** Time of the newest entry, and the earliest one the next may have: time never runs backwards within a segment. */
  #last = 0;
  #epochStartedAt: number | null = null;
  #parts = 0;
  /** Of the segment being handed over. */
  #segmentAt = 0;
  #segmentBytes = 0;
  #keyBytes = 0;
  #keyParsed = 0;
  /** Set while output is left out; the next segment begins behind the gap. */
  #gap = false;
  #retryAt = 0;
  #open: Open | null = null;
  /** Somebody waits for the files, the index included. */
  #flushing = false;
  /** Begins writing what waits at once. */
  #hurry: () => void = () => {};

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#folder = join(options.folder, terminalFolder(options.terminal.id));
    const output = new Appender();
    const places = new Appender();
    this.#write =
      options.write ??
      ((path, data) =>
        (path.endsWith('.cast') ? output : places).append(path, typeof data === 'string' ? Buffer.from(data) : data));
  }

  /** Output, before the screen takes it. The bytes must not change afterwards. */
  output(bytes: Uint8Array): void {
    if (bytes.length === 0 || !this.#ready(bytes.length)) return;
    this.#segmentBytes += bytes.length;
    this.#keyBytes += bytes.length;
    this.#push({ kind: 'o', time: this.#time(), bytes }, bytes.length);
  }

  /** The terminal has this size from now on. */
  resized(size: TerminalSize): void {
    // A recording that has not begun begins with this size.
    const recorded = this.#parts > 0 && this.#ready(0);
    this.#size = size;
    if (recorded) this.#push({ kind: 'r', time: this.#time(), text: `${size.cols}x${size.rows}` }, 0);
  }

  /** A line for a person at this place: start or end of a turn. */
  mark(text: string): void {
    if (this.#ready(0)) this.#push({ kind: 'm', time: this.#time(), text }, 0);
  }

  /**
   * A moment between what is recorded so far and what comes next, in milliseconds: what comes next is later than it, if
   * only by a microsecond.
   */
  moment(): number {
    const at = Math.max(this.#options.now(), Math.ceil(this.#last));
    this.#last = at + LIMITS.leastStepMs;
    return at;
  }

  /** Resolves when everything handed over so far is in the files, or given up. */
  async flush(): Promise<void> {
    this.#flushing = true;
    if (this.#open !== null && this.#open.places !== '') this.#beginDrain();
    for (; this.#draining !== null; await this.#draining) this.#hurry();
  }

  #time(): number {
    this.#last = Math.max(this.#options.now(), this.#last);
    return this.#last;
  }

  /** Begins segments and keeps screens where they are due. False when nothing can be recorded now. */
  #ready(incoming: number): boolean {
    const now = this.#options.now();
    if (!this.#options.isEnabled()) {
      // Whatever comes first when it is switched on comes after a gap, unless nothing came before.
      this.#gap ||= incoming > 0 || this.#parts > 0;
      return false;
    }
    if (this.#queued + incoming > LIMITS.queueBytes) {
      this.#gap = true;
      return false;
    }
    if (this.#gap && (this.#queued > LIMITS.queueBytes / 2 || now < this.#retryAt)) return false;
    const steppedBack = this.#last - now > LIMITS.clockStepMs;
    const full = this.#segmentBytes >= LIMITS.segmentBytes || now - this.#segmentAt > LIMITS.segmentMs;
    if (this.#parts === 0 || this.#gap || full || steppedBack) this.#begin(now, steppedBack);
    else if (this.#isKeyDue()) this.#keepScreen();
    return true;
  }

  /** Nobody needs a screen where playing costs little: of lines that are only printed the player leaves out most as well. */
  #isKeyDue(): boolean {
    return this.#keyBytes >= LIMITS.keyBytes && this.#options.parsed() - this.#keyParsed >= LIMITS.keyBytes;
  }

  #begin(now: number, steppedBack: boolean): void {
    if (steppedBack) this.#last = now;
    const blank = this.#parts === 0 && !this.#gap;
    const time = this.#time();
    this.#epochStartedAt ??= now;
    if (this.#gap) this.#text.reset();
    this.#push(
      {
        kind: 'segment',
        time,
        part: this.#parts,
        starts: blank ? 'blank' : this.#gap ? 'gap' : 'follows',
        size: this.#size,
        screen: blank ? null : this.#captured(),
      },
      0,
    );
    this.#parts += 1;
    this.#gap = false;
    this.#segmentAt = now;
    this.#segmentBytes = 0;
    this.#keyBytes = 0;
    this.#keyParsed = this.#options.parsed();
  }

  #keepScreen(): void {
    this.#keyBytes = 0;
    this.#keyParsed = this.#options.parsed();
    this.#push({ kind: 'key', time: this.#time(), screen: this.#captured() }, 0);
  }

  /** A screen that cannot be taken here, in the middle of a sequence, is asked for again with the next output. */
  async #captured(): Promise<Uint8Array | null> {
    const screen = await this.#options.capture();
    if (screen === null) {
      this.#keyBytes = LIMITS.keyBytes;
      this.#keyParsed = Number.NEGATIVE_INFINITY;
    }
    return screen;
  }

  #push(entry: Entry, bytes: number): void {
    this.#queue.push(entry);
    this.#queued += bytes;
    this.#beginDrain();
    if (this.#queued >= LIMITS.writeBytes) this.#hurry();
  }

  #beginDrain(): void {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
    });
  }

  async #drain(): Promise<void> {
    // Few large writes cost less than many small ones, and nobody looks at the newest moment of a recording but by `flush`.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LIMITS.writeMs);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    while (this.#queue.length > 0 || this.#flushing) {
      try {
        if (this.#queue.length > 0) await this.#writeSome();
        else {
          this.#flushing = false;
          await this.#writePlaces();
        }
      } catch (error) {
        // A torn line may be the last of the file: what comes goes into another, behind a gap, and not at once again.
        this.#queue = [];
        this.#queued = 0;
        this.#open = null;
        this.#gap = true;
        this.#retryAt = this.#options.now() + LIMITS.retryMs;
        this.#options.onFault(error);
      }
    }
  }

  async #writeSome(): Promise<void> {
    const first = this.#queue[0];
    if (first === undefined) return;
    if (first.kind === 'segment') {
      this.#queue.shift();
      await this.#openSegment(first);
      return;
    }
    if (first.kind === 'key') {
      this.#queue.shift();
      await this.#storeScreen(first.time, first.screen);
      return;
    }
    const open = this.#open;
    const batch: Extract<Entry, { kind: 'o' | 'r' | 'm' }>[] = [];
    let raw = 0;
    let longest = 0;
    for (const entry of this.#queue) {
      if (entry.kind === 'segment' || entry.kind === 'key' || raw >= LIMITS.writeBytes) break;
      batch.push(entry);
      const bytes = entry.kind === 'o' ? entry.bytes.length : Buffer.byteLength(entry.text);
      // The beginning of a character may be left from the chunk before.
      longest += longestLine(bytes + LONGEST_CHARACTER);
      if (entry.kind === 'o') raw += bytes;
    }
    this.#queue.splice(0, batch.length);
    const buffer = buffers.take(longest);
    try {
      let end = 0;
      for (const entry of batch) end = this.#encode(entry, buffer, end);
      if (open === null || end === 0) return;
      await this.#append(open, 'cast', buffer.subarray(0, end));
      const offset = open.offset;
      open.offset += end;
      // Lines are written many at a time: a mark a little early is as good.
      if (offset - open.marked < LIMITS.markBytes) return;
      open.marked = offset;
      const time = (batch[0]?.time ?? open.startedAt) - open.startedAt;
      open.places += indexLine({ time, offset, key: null });
      if (open.places.length >= LIMITS.placesCharacters) await this.#writePlaces();
    } finally {
      buffers.give(buffer);
      this.#queued = Math.max(0, this.#queued - raw);
    }
  }

  /** Puts an entry's line at a place; gives the place behind it. Output of which no character is complete has no line. */
  #encode(entry: Extract<Entry, { kind: 'o' | 'r' | 'm' }>, buffer: Buffer, at: number): number {
    const since = entry.time - (this.#open?.startedAt ?? entry.time);
    if (entry.kind !== 'o') return at + buffer.write(castLine(since, entry.kind, entry.text), at);
    const text = this.#text.push(entry.bytes);
    return text.length === 0 ? at : writeOutputLine(buffer, at, since, text);
  }

  async #openSegment(entry: Extract<Entry, { kind: 'segment' }>): Promise<void> {
    await this.#writePlaces();
    const { terminal, epoch } = this.#options;
    const facts: CastFacts = {
      terminal: terminal.id,
      kind: terminal.kind,
      agent: terminal.agent,
      startedAt: entry.time,
      epoch,
      part: entry.part,
      starts: entry.starts,
      screens: SCREEN_STATE_FORMAT,
    };
    const header = castHeaderLine(entry.size, terminal.title, facts);
    await makeLastFolders(this.#folder, 2, 0o700);
    const base = join(this.#folder, segmentName(this.#epochStartedAt ?? entry.time, epoch, entry.part));
    const open: Open = {
      base,
      startedAt: entry.time,
      offset: Buffer.byteLength(header),
      keyOffset: 0,
      marked: 0,
      places: '',
    };
    this.#options.onSegment(base);
    await this.#append(open, 'cast', header);
    this.#open = open;
    if (entry.screen !== null) await this.#storeScreen(entry.time, entry.screen);
  }

  async #storeScreen(time: number, screen: Promise<Uint8Array | null>): Promise<void> {
    const state = await screen;
    const open = this.#open;
    if (state === null || open === null) return;
    const packed = await deflate(state, { level: 1 });
    await this.#append(open, 'keys', packed);
    const key = { offset: open.keyOffset, length: packed.length };
    open.keyOffset += packed.length;
    open.places += indexLine({ time: time - open.startedAt, offset: open.offset, key });
    await this.#writePlaces();
  }

  async #writePlaces(): Promise<void> {
    const open = this.#open;
    if (open === null || open.places === '') return;
    const { places } = open;
    open.places = '';
    await this.#append(open, 'index', places);
  }

  #append(open: Open, ending: Ending, data: Uint8Array | string): Promise<void> {
    return this.#write(`${open.base}.${ending}`, data);
  }
}
