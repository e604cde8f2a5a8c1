/**
 * Finds output that does nothing but print lines: text, line ends, tabs, colours, and the few sequences that stay within their
 * line. Of such output a screen keeps only the end. Once enough lines have been printed behind a place, nothing before it
 * can be seen any more, and all it left behind is where the cursor is and how text looks: `Cut.redraw` says that, so
 * parsing can go on from there and gives the same screen as parsing everything (plainOutput.test.ts compares).
 *
 * Reading a byte here costs a thirtieth of parsing it.
 */

/** A place from which parsing can go on instead of from an earlier one. */
export interface Cut {
  /** Position in the output. */
  readonly at: number;
  /** What the terminal has to be given in place of everything before `at`. */
  readonly redraw: string;
}

/** The terminal the output goes to. */
export interface PlainScreen {
  readonly cols: number;
  readonly rows: number;
  readonly scrollback: number;
  /** Whether text that reaches the edge goes on in the next row. */
  readonly wraps: boolean;
  /** Bytes between two places that are remembered, for tests. */
  readonly markBytes?: number;
}

interface Mark {
  readonly at: number;
  /** Rows the cursor has gone down since the run began, at least. */
  readonly rows: number;
  readonly look: Int32Array;
}

/** Bytes between two places that are remembered. */
const MARK_BYTES = 8 * 1024;
/** Characters of a sequence; longer ones are left to the terminal, which takes at most 32 numbers. */
const LONGEST_SEQUENCE = 30;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const ESCAPE = 0x1b;
const BRACKET = 0x5b;
const SEMICOLON = 0x3b;
const COLOURS = 0x6d;
/** Final bytes of cursor forward, cursor to column and erase in line. */
const STAYS_IN_LINE: readonly number[] = [0x43, 0x47, 0x4b];

/** Where in the output the scanner is. */
const TEXT = 0;
const AFTER_ESCAPE = 1;
const IN_SEQUENCE = 2;
const IN_CHARACTER = 3;

/** Places in `look`: what was said about each property of text since the last reset, in the order in which it is said again. */
const RESET = 0;
const FOREGROUND = 1;
const BACKGROUND = 2;
const PLAIN_WEIGHT = 3;
const BOLD = 4;
const DIM = 5;
const PROPERTIES = 12;

/** The property each number of a colour sequence is about; 0 for numbers that are left to the terminal. */
const PROPERTY = new Uint8Array(108);
const say = (property: number, ...numbers: readonly number[]): void => {
  for (const number of numbers) PROPERTY[number] = property;
};
for (let colour = 0; colour < 8; colour += 1) {
  say(FOREGROUND, 30 + colour, 90 + colour);
  say(BACKGROUND, 40 + colour, 100 + colour);
}
say(FOREGROUND, 39);
say(BACKGROUND, 49);
say(PLAIN_WEIGHT, 22);
say(BOLD, 1);
say(DIM, 2);
// Italic, underline, blink, inverse, invisible, struck out; overline follows.
for (const [index, numbers] of [
  [3, 23],
  [4, 21, 24],
  [5, 25],
  [7, 27],
  [8, 28],
  [9, 29],
].entries())
  say(DIM + 1 + index, ...numbers);
const OVERLINE = PROPERTIES;
say(OVERLINE, 53, 55);

/** Colours by index and by red, green and blue are kept as one number each, above all simple ones. */
const INDEXED = 0x1000000;
const DIRECT = 0x2000000;

/** Follows output from a moment at which the terminal is in its everyday state (`isEveryday` in screenState.ts). */
export class PlainOutput {
  readonly #screen: PlainScreen;
  #at: number;
  #state = TEXT;
  /** Columns that text has filled since the last line end, at least. */
  #columns = 0;
  #rows = 0;
  #afterReturn = false;
  /** Bytes a character still needs, and the least the next of them may be. */
  #missing = 0;
  #least = 0x80;
  #most = 0xbf;
  #numbers: number[] = [];
  #number = 0;
  #length = 0;
  readonly #look = new Int32Array(PROPERTIES + 1);
  #marks: Mark[] = [];

  /** @param at position of the first byte that will be scanned. */
  constructor(screen: PlainScreen, at: number) {
    this.#screen = screen;
    this.#at = at;
  }

  /**
   * Reads on, and says how many bytes do nothing but print lines. When that is not all of them, this run is over: nothing
   * more may be scanned, but cuts before that place stay good.
   */
  scan(bytes: Uint8Array): number {
    const start = this.#at;
    const size = bytes.length;
    const { cols, wraps } = this.#screen;
    // Everything that changes with every byte is kept in variables: this loop reads all output there is.
    let state = this.#state;
    let columns = this.#columns;
    let number = this.#number;
    let length = this.#length;
    let afterReturn = this.#afterReturn;
    for (let index = 0; index < size; index += 1) {
      let byte = bytes[index] ?? 0;
      if (state === TEXT) {
        if (byte >= 0x20 && byte < 0x7f) {
          const from = index;
          do {
            index += 1;
            byte = index < size ? (bytes[index] ?? 0) : 0;
          } while (byte >= 0x20 && byte < 0x7f);
          columns += index - from;
          afterReturn = false;
          if (index === size) break;
        }
        if (byte === LINE_FEED) {
          this.#rows += wraps && columns > cols ? 1 + Math.floor((columns - 1) / cols) : 1;
          columns = 0;
          if (afterReturn) this.#mark(start + index + 1);
          afterReturn = false;
        } else if (byte === RETURN) {
          if (wraps && columns > cols) this.#rows += Math.floor((columns - 1) / cols);
          columns = 0;
          afterReturn = true;
        } else {
          afterReturn = false;
          if (byte === ESCAPE) {
            // Most sequences are a colour of one number that lies here whole.
            const end = bytes[index + 1] === BRACKET ? this.#shortColour(bytes, index + 2) : 0;
            if (end > 0) index = end;
            else state = AFTER_ESCAPE;
          } else if (byte >= 0xc2 && byte <= 0xf4) {
            this.#beginCharacter(byte);
            state = IN_CHARACTER;
          } else if (byte !== TAB) return index;
        }
      } else if (state === IN_SEQUENCE) {
        if (byte >= 0x30 && byte <= 0x39) {
          number = number * 10 + byte - 0x30;
          length += 1;
        } else if (byte === SEMICOLON) {
          this.#numbers.push(number);
          number = 0;
          length += 1;
        } else {
          if (length > LONGEST_SEQUENCE) return index;
          if (byte === COLOURS) {
            if (!this.#applyLook(number)) return index;
          } else if (STAYS_IN_LINE.includes(byte)) {
            // Columns are only counted as far as they are sure.
            columns = 0;
          } else return index;
          state = TEXT;
        }
      } else if (state === AFTER_ESCAPE) {
        if (byte !== BRACKET) return index;
        this.#numbers.length = 0;
        number = 0;
        length = 0;
        state = IN_SEQUENCE;
      } else {
        if (byte < this.#least || byte > this.#most) return index;
        this.#least = 0x80;
        this.#most = 0xbf;
        this.#missing -= 1;
        if (this.#missing === 0) state = TEXT;
      }
    }
    this.#state = state;
    this.#columns = columns;
    this.#number = number;
    this.#length = length;
    this.#afterReturn = afterReturn;
    this.#at = start + size;
    return size;
  }

  /** Whether `cut` would give one. */
  hasCut(parsed: number): boolean {
    return (this.#marks[this.#newest()]?.at ?? 0) > parsed;
  }

  /** The newest place behind `parsed` that parsing can go on from, or null. */
  cut(parsed: number): Cut | null {
    const index = this.#newest();
    const mark = index === -1 ? undefined : this.#marks[index];
    if (mark === undefined || mark.at <= parsed) return null;
    this.#marks.splice(0, index + 1);
    return { at: mark.at, redraw: `\x1b[${this.#screen.rows};1H${redrawn(mark.look)}` };
  }

  /** Index of the newest mark with enough lines before it, for the cursor to be at the bottom, and behind it, to hide what was before. */
  #newest(): number {
    const { rows, scrollback } = this.#screen;
    const last = this.#rows - scrollback - rows;
    return this.#marks.findLastIndex((mark) => mark.rows >= rows && mark.rows <= last);
  }

  #mark(at: number): void {
    const newest = this.#marks.at(-1);
    if (newest !== undefined && at - newest.at < (this.#screen.markBytes ?? MARK_BYTES)) return;
    this.#marks.push({ at, rows: this.#rows, look: this.#look.slice() });
    const usable = this.#newest();
    if (usable > 0) this.#marks.splice(0, usable);
  }

  /** Forms that are too long, halves of pairs and numbers that do not exist are left to the terminal, and so are its control characters above 0x7f. */
  #beginCharacter(first: number): void {
    this.#missing = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    this.#least = first === 0xc2 || first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    this.#most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  }

  /** Applies a colour sequence of one number and gives the place of its last byte; 0 for anything else, of which nothing was read. */
  #shortColour(bytes: Uint8Array, start: number): number {
    let number = 0;
    let index = start;
    let byte = bytes[index] ?? 0;
    while (byte >= 0x30 && byte <= 0x39 && index < start + 4) {
      number = number * 10 + byte - 0x30;
      index += 1;
      byte = bytes[index] ?? 0;
    }
    return byte === COLOURS && this.#say(number) ? index : 0;
  }

  /** Takes the numbers of a colour sequence, of which the last is handed in. False when one of them is left to the terminal. */
  #applyLook(last: number): boolean {
    const numbers = this.#numbers;
    if (numbers.length === 0) return this.#say(last);
    numbers.push(last);
    let known = true;
    for (let index = 0; known && index < numbers.length; index += 1) {
      const number = numbers[index] ?? 0;
      if (number !== 38 && number !== 48) known = this.#say(number);
      else {
        const kind = numbers[index + 1] ?? 0;
        const colour = colourOf(kind, numbers, index + 2);
        known = colour !== null;
        this.#look[number === 38 ? FOREGROUND : BACKGROUND] = colour ?? 0;
        index += kind === 5 ? 2 : 4;
      }
    }
    numbers.length = 0;
    return known;
  }

  #say(number: number): boolean {
    const look = this.#look;
    if (number === 0) {
      look.fill(0);
      look[RESET] = 1;
      return true;
    }
    const property = number < PROPERTY.length ? (PROPERTY[number] ?? 0) : 0;
    if (property === 0) return false;
    if (property === PLAIN_WEIGHT) {
      look[BOLD] = 0;
      look[DIM] = 0;
    }
    look[property] = number;
    return true;
  }
}

/** The colour described by the numbers from `index` on; null for forms that are left to the terminal. */
function colourOf(kind: number, numbers: readonly number[], index: number): number | null {
  const { [index]: one = 256, [index + 1]: two = 256, [index + 2]: three = 256 } = numbers;
  if (kind === 5) return one > 255 ? null : INDEXED + one;
  if (kind !== 2 || one > 255 || two > 255 || three > 255) return null;
  return DIRECT + one * 0x10000 + two * 0x100 + three;
}

/** Sequences that make text look so, whatever it looked like before. */
function redrawn(look: Int32Array): string {
  let text = look[RESET] === 1 ? '\x1b[m' : '';
  for (let property = FOREGROUND; property <= PROPERTIES; property += 1) {
    const said = look[property] ?? 0;
    if (said === 0) continue;
    const base = property === FOREGROUND ? 38 : 48;
    if (said >= DIRECT) text += `\x1b[${base};2;${(said >> 16) & 255};${(said >> 8) & 255};${said & 255}m`;
    else if (said >= INDEXED) text += `\x1b[${base};5;${said - INDEXED}m`;
    else text += `\x1b[${said}m`;
  }
  return text;
}
