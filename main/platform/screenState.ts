/**
 * The complete state of a headless terminal as bytes, and back. Escape sequences cannot do that: what the serialiser draws
 * loses erased colours, scroll regions, tab stops, saved cursors and character sets, so a screen drawn from it goes on
 * differently from the one it was taken from. This copies the terminal's own cells instead (a megabyte and a half for a
 * full scrollback, under a millisecond), which ties it to one version of the library: `SCREEN_STATE_FORMAT` names it, and
 * whoever reads another one starts from an earlier point of the recording.
 *
 * Only structures are named here: the terminal is handed in, so this needs neither the library nor the pty host.
 */
export const SCREEN_STATE_FORMAT = 'xterm-headless-6.0.0/1';

interface Extended {
  _ext: number;
  _urlId: number;
  clone(): Extended;
}

interface Attributes {
  fg: number;
  bg: number;
  extended: Extended;
  clone(): Attributes;
}

interface Line {
  isWrapped: boolean;
  length: number;
  _data: Uint32Array;
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, Extended | undefined>;
}

interface Lines {
  length: number;
  get(index: number): Line | undefined;
  push(line: Line): void;
  pop(): Line | undefined;
}

interface TerminalBuffer {
  lines: Lines;
  ybase: number;
  ydisp: number;
  x: number;
  y: number;
  scrollTop: number;
  scrollBottom: number;
  savedX: number;
  savedY: number;
  savedCurAttrData: Attributes;
  savedCharset: Charset;
  tabs: Record<number, boolean | undefined>;
  getBlankLine(attributes: Attributes): Line;
}

type Charset = Readonly<Record<string, string>> | undefined;

/** The parts of the terminal's core that hold state (pinned version; a test compares thousands of states). */
interface Core {
  readonly buffers: {
    readonly normal: TerminalBuffer;
    readonly alt: TerminalBuffer;
    readonly active: TerminalBuffer;
    activateAltBuffer(): void;
  };
  readonly coreService: {
    isCursorHidden: boolean;
    isCursorInitialized: boolean;
    modes: Record<string, unknown>;
    decPrivateModes: Record<string, unknown>;
  };
  readonly coreMouseService: { activeProtocol: string; activeEncoding: string };
  readonly _oscLinkService: { _nextId: number };
  readonly _charsetService: { glevel: number; charset: Charset; _charsets: Charset[] };
  readonly _inputHandler: {
    _curAttrData: Attributes;
    readonly _parser: { currentState: number; precedingJoinState: number };
    readonly _utf8Decoder: { readonly interim: Uint8Array };
  };
}

/** Colours and flags, then style and link of the underline. */
type StoredAttributes = readonly [fg: number, bg: number, extended: number, link: number];

interface StoredBuffer {
  readonly at: Readonly<Record<(typeof PLACES)[number], number>>;
  readonly savedAttributes: StoredAttributes;
  readonly savedCharset: Charset | null;
  readonly tabs: readonly number[];
  /** Cells of each line, and for the few lines that need it what cells alone do not say. */
  readonly lengths: readonly number[];
  readonly wrapped: readonly number[];
  readonly extras: readonly (readonly [
    line: number,
    combined: Readonly<Record<string, string>>,
    extended: Readonly<Record<string, readonly [style: number, link: number]>>,
  ])[];
}

interface StoredState {
  readonly cols: number;
  readonly rows: number;
  readonly normal: StoredBuffer;
  readonly alt: StoredBuffer;
  readonly altActive: boolean;
  readonly attributes: StoredAttributes;
  readonly join: number;
  /** Number the next link gets. */
  readonly nextLink: number;
  readonly cursorHidden: boolean;
  readonly cursorInitialized: boolean;
  readonly modes: Readonly<Record<string, unknown>>;
  readonly privateModes: Readonly<Record<string, unknown>>;
  readonly mouse: readonly [protocol: string, encoding: string];
  readonly charsets: {
    readonly level: number;
    readonly active: Charset | null;
    readonly all: readonly (Charset | null)[];
  };
}

const PLACES = ['ybase', 'ydisp', 'x', 'y', 'scrollTop', 'scrollBottom', 'savedX', 'savedY'] as const;
/** Words of 32 bits a cell takes. */
const CELL_WORDS = 3;
/** Bytes before the description that say how long it is. */
const LENGTH_BYTES = 4;

interface Sized {
  readonly cols: number;
  readonly rows: number;
}

const coreOf = (terminal: Sized): Core => (terminal as unknown as { readonly _core: Core })._core;

/**
 * Copies a terminal's state. Null in the middle of an escape sequence or a character, which is no state to start from:
 * ask again after the next output.
 */
export function captureScreen(terminal: Sized): Uint8Array | null {
  const core = coreOf(terminal);
  const { _parser: parser, _curAttrData: attributes } = core._inputHandler;
  if (!isBetweenSequences(terminal)) return null;
  const altActive = core.buffers.active === core.buffers.alt;
  const lines: Line[] = [];
  const state: StoredState = {
    cols: terminal.cols,
    rows: terminal.rows,
    normal: storeBuffer(core.buffers.normal, lines, true),
    // Entering the alternate screen empties it, so what it held before is never seen again.
    alt: storeBuffer(core.buffers.alt, lines, altActive),
    altActive,
    attributes: storeAttributes(attributes),
    join: parser.precedingJoinState,
    nextLink: core._oscLinkService._nextId,
    cursorHidden: core.coreService.isCursorHidden,
    cursorInitialized: core.coreService.isCursorInitialized,
    modes: { ...core.coreService.modes },
    privateModes: { ...core.coreService.decPrivateModes },
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    charsets: {
      level: core._charsetService.glevel,
      active: core._charsetService.charset ?? null,
      all: Array.from(core._charsetService._charsets, (charset) => charset ?? null),
    },
  };
  const description = Buffer.from(JSON.stringify(state));
  // Copied, because the terminal goes on, and into one piece, because a thousand small ones cost more than the copying.
  const start = LENGTH_BYTES + description.length;
  const bytes = Buffer.allocUnsafe(start + lines.reduce((sum, line) => sum + bytesOf(line), 0));
  bytes.writeUInt32LE(description.length);
  bytes.set(description, LENGTH_BYTES);
  let at = start;
  for (const line of lines) {
    const { buffer, byteOffset } = line._data;
    bytes.set(new Uint8Array(buffer, byteOffset, bytesOf(line)), at);
    at += bytesOf(line);
  }
  return bytes;
}

/**
 * True while a terminal is as most are all the time: between two sequences, on its normal screen, scrolling all of it.
 * Lines that are printed from here on push everything out at the top (plainOutput.ts).
 */
export function isEveryday(terminal: Sized): boolean {
  const { buffers } = coreOf(terminal);
  const { normal } = buffers;
  return (
    isBetweenSequences(terminal) &&
    buffers.active === normal &&
    normal.scrollTop === 0 &&
    normal.scrollBottom === terminal.rows - 1
  );
}

/** True when the last bytes completed a sequence and a character. */
export function isBetweenSequences(terminal: Sized): boolean {
  const { _parser: parser, _utf8Decoder: decoder } = coreOf(terminal)._inputHandler;
  return parser.currentState === 0 && decoder.interim[0] === 0;
}

function bytesOf(line: Line): number {
  return line.length * CELL_WORDS * Uint32Array.BYTES_PER_ELEMENT;
}

/** Size of a stored state, for making the terminal it is restored into. Throws when the bytes are none. */
export function sizeOfScreen(bytes: Uint8Array): Sized {
  const { cols, rows } = describe(bytes).state;
  return { cols, rows };
}

/** Puts a state into a fresh terminal of the same size and scrollback. Throws when the bytes are no state. */
export function restoreScreen(terminal: Sized, bytes: Uint8Array): void {
  const { state, cells } = describe(bytes);
  if (terminal.cols !== state.cols || terminal.rows !== state.rows)
    throw new Error(
      `a state of ${state.cols} by ${state.rows} does not fit a terminal of ${terminal.cols} by ${terminal.rows}`,
    );
  const core = coreOf(terminal);
  const like = core._inputHandler._curAttrData.clone();
  if (state.altActive) core.buffers.activateAltBuffer();
  let at = restoreBuffer(core.buffers.normal, state.normal, cells, 0, like);
  if (state.altActive) at = restoreBuffer(core.buffers.alt, state.alt, cells, at, like);
  else restorePlaces(core.buffers.alt, state.alt, like);
  core._inputHandler._curAttrData = restoreAttributes(state.attributes, like);
  core._inputHandler._parser.precedingJoinState = state.join;
  core._oscLinkService._nextId = state.nextLink;
  core.coreService.isCursorHidden = state.cursorHidden;
  core.coreService.isCursorInitialized = state.cursorInitialized;
  Object.assign(core.coreService.modes, state.modes);
  Object.assign(core.coreService.decPrivateModes, state.privateModes);
  [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding] = state.mouse;
  core._charsetService.glevel = state.charsets.level;
  core._charsetService.charset = state.charsets.active ?? undefined;
  core._charsetService._charsets = state.charsets.all.map((charset) => charset ?? undefined);
}

function describe(bytes: Uint8Array): { readonly state: StoredState; readonly cells: Uint32Array } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.readUInt32LE(0);
  // Only ever written by `captureScreen` of the same format, which the caller has compared.
  const state = JSON.parse(view.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + length)) as StoredState;
  // Copied, because words must lie at multiples of four.
  const cells = Uint8Array.from(view.subarray(LENGTH_BYTES + length));
  return { state, cells: new Uint32Array(cells.buffer, 0, Math.floor(cells.length / Uint32Array.BYTES_PER_ELEMENT)) };
}

function storeAttributes(attributes: Attributes): StoredAttributes {
  return [attributes.fg, attributes.bg, attributes.extended._ext, attributes.extended._urlId];
}

/** A link's number is kept, because cells with one are underlined; its address is not. */
function restoreAttributes(stored: StoredAttributes, like: Attributes): Attributes {
  const attributes = like.clone();
  [attributes.fg, attributes.bg] = stored;
  attributes.extended = like.extended.clone();
  attributes.extended._ext = stored[2];
  attributes.extended._urlId = stored[3];
  return attributes;
}

function storeBuffer(buffer: TerminalBuffer, lines: Line[], withLines: boolean): StoredBuffer {
  const lengths: number[] = [];
  const wrapped: number[] = [];
  const extras: StoredBuffer['extras'][number][] = [];
  for (let index = 0; withLines && index < buffer.lines.length; index += 1) {
    const line = buffer.lines.get(index);
    if (line === undefined) continue;
    lines.push(line);
    if (line.isWrapped) wrapped.push(lengths.length);
    const extended: Record<string, readonly [number, number]> = {};
    for (const [cell, value] of Object.entries(line._extendedAttrs))
      if (value !== undefined) extended[cell] = [value._ext, value._urlId];
    if (Object.keys(line._combined).length > 0 || Object.keys(extended).length > 0)
      extras.push([lengths.length, { ...line._combined }, extended]);
    lengths.push(line.length);
  }
  return {
    at: Object.fromEntries(PLACES.map((place) => [place, buffer[place]])) as StoredBuffer['at'],
    savedAttributes: storeAttributes(buffer.savedCurAttrData),
    savedCharset: buffer.savedCharset ?? null,
    tabs: Object.keys(buffer.tabs)
      .filter((column) => buffer.tabs[Number(column)] === true)
      .map(Number),
    lengths,
    wrapped,
    extras,
  };
}

function restoreBuffer(
  buffer: TerminalBuffer,
  stored: StoredBuffer,
  cells: Uint32Array,
  start: number,
  like: Attributes,
): number {
  let at = start;
  while (buffer.lines.length > 0) buffer.lines.pop();
  const lines = stored.lengths.map((length) => {
    const line = buffer.getBlankLine(like);
    line._data = cells.slice(at, at + length * CELL_WORDS);
    line.length = length;
    at += length * CELL_WORDS;
    return line;
  });
  for (const index of stored.wrapped) {
    const line = lines[index];
    if (line !== undefined) line.isWrapped = true;
  }
  for (const [index, combined, extended] of stored.extras) {
    const line = lines[index];
    if (line === undefined) continue;
    for (const [cell, text] of Object.entries(combined)) line._combined[Number(cell)] = text;
    for (const [cell, value] of Object.entries(extended))
      line._extendedAttrs[Number(cell)] = restoreAttributes([0, 0, ...value], like).extended;
  }
  for (const line of lines) buffer.lines.push(line);
  restorePlaces(buffer, stored, like);
  return at;
}

function restorePlaces(buffer: TerminalBuffer, stored: StoredBuffer, like: Attributes): void {
  for (const place of PLACES) buffer[place] = stored.at[place];
  buffer.savedCurAttrData = restoreAttributes(stored.savedAttributes, like);
  buffer.savedCharset = stored.savedCharset ?? undefined;
  buffer.tabs = Object.fromEntries(stored.tabs.map((column) => [column, true]));
}
