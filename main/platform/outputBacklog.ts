import { WholeCharacters } from '../../contract/utf8.ts';
import { PlainOutput, type PlainScreen } from './plainOutput.ts';
import { isEveryday } from './screenState.ts';

/** The headless terminal that output is parsed into. */
export interface ParsingTerminal {
  readonly cols: number;
  readonly rows: number;
  readonly modes: { readonly wraparoundMode: boolean };
}

interface Piece {
  readonly bytes: Uint8Array;
  /** Position behind it. */
  readonly end: number;
  readonly answers: boolean;
}

/**
 * Output that a terminal has not parsed yet. Where it only prints lines, all of it that cannot be seen any more is left out
 * (plainOutput.ts): a flood costs its reading, and what has to be parsed when somebody looks stays a few hundred lines.
 */
export class OutputBacklog {
  readonly #limits: Pick<PlainScreen, 'scrollback' | 'markBytes'>;
  /** Gives bytes to the terminal. */
  readonly #parse: (bytes: Uint8Array) => void;
  readonly #characters = new WholeCharacters();
  #terminal: ParsingTerminal;
  #pieces: Piece[] = [];
  #written = 0;
  #parsed = 0;
  #work = 0;
  #plain: PlainOutput | null = null;
  /** Where the newest run met something else than printed lines; null while it goes on. */
  #brokenAt: number | null = -1;

  /** @param limits lines the terminal keeps above its screen. */
  constructor(
    terminal: ParsingTerminal,
    limits: Pick<PlainScreen, 'scrollback' | 'markBytes'>,
    parse: (bytes: Uint8Array) => void,
  ) {
    this.#terminal = terminal;
    this.#limits = limits;
    this.#parse = parse;
  }

  get bytes(): number {
    return this.#written - this.#parsed;
  }

  /** Position behind the newest byte. */
  get written(): number {
    return this.#written;
  }

  /** Position behind the newest byte that was parsed, or left out. */
  get parsed(): number {
    return this.#parsed;
  }

  /** Bytes parsed so far, without those that were left out. */
  get work(): number {
    return this.#work;
  }

  /** True while everything that waits only prints lines. */
  get isPlain(): boolean {
    return this.#brokenAt === null;
  }

  /** True when the last bytes parsed began a character and did not finish it: it is drawn with the next. */
  get cutsCharacter(): boolean {
    return this.#characters.isHolding;
  }

  /** Whether the next bytes to parse are marked with `answers`. */
  get answers(): boolean {
    return this.#pieces[0]?.answers ?? false;
  }

  /** Takes bytes, which must not change afterwards. */
  push(bytes: Uint8Array, answers: boolean): void {
    if (bytes.length === 0) return;
    const start = this.#written;
    this.#written += bytes.length;
    this.#pieces.push({ bytes, end: this.#written, answers });
    if (this.#brokenAt === null) this.#scan(bytes, start);
    else this.#beginRun();
  }

  /** Parses the next bytes, at most so many. */
  step(limit: number): void {
    this.skip();
    const [piece] = this.#pieces;
    if (piece === undefined) return;
    const part = this.#rest(piece).subarray(0, limit);
    const whole = this.#characters.push(part);
    if (whole.length > 0) this.#parse(whole);
    this.#parsed += part.length;
    this.#work += part.length;
    if (this.#parsed === piece.end) this.#pieces.shift();
    this.#beginRun();
  }

  /** Leaves out what cannot be seen any more. */
  skip(): void {
    const plain = this.#plain;
    if (plain === null || !plain.hasCut(this.#parsed) || !this.#isEveryday()) return;
    const cut = plain.cut(this.#parsed);
    if (cut === null) return;
    while (this.#pieces[0] !== undefined && this.#pieces[0].end <= cut.at) this.#pieces.shift();
    this.#parsed = cut.at;
    this.#parse(Buffer.from(cut.redraw));
    this.#beginRun();
  }

  /** Drops what waits; what comes next is for another terminal. */
  restart(terminal: ParsingTerminal): void {
    this.#terminal = terminal;
    this.#pieces = [];
    this.#parsed = this.#written;
    this.#characters.reset();
    this.resized();
  }

  /** The terminal has another size. Called when nothing waits. */
  resized(): void {
    this.#plain = null;
    this.#brokenAt = -1;
  }

  #isEveryday(): boolean {
    return !this.cutsCharacter && isEveryday(this.#terminal);
  }

  /** Begins anew behind what ended the last run, as soon as the terminal is as it usually is. */
  #beginRun(): void {
    if (this.#brokenAt === null || this.#parsed <= this.#brokenAt || !this.#isEveryday()) return;
    const { cols, rows, modes } = this.#terminal;
    this.#plain = new PlainOutput({ cols, rows, wraps: modes.wraparoundMode, ...this.#limits }, this.#parsed);
    this.#brokenAt = null;
    let start = this.#parsed;
    for (const piece of this.#pieces) {
      this.#scan(this.#rest(piece), start);
      if (this.#brokenAt !== null) return;
      start = piece.end;
    }
  }

  #scan(bytes: Uint8Array, start: number): void {
    const plain = this.#plain?.scan(bytes) ?? 0;
    if (plain < bytes.length) this.#brokenAt = start + plain;
  }

  /** What of a piece is not parsed yet. */
  #rest(piece: Piece): Uint8Array {
    const left = piece.end - this.#parsed;
    return left >= piece.bytes.length ? piece.bytes : piece.bytes.subarray(piece.bytes.length - left);
  }
}
