/** A cell of the whole buffer: rows count from its oldest line. */
export interface CopyPlace {
  readonly row: number;
  readonly column: number;
}

/** What copy mode stands on. */
export interface CopyState {
  readonly cursor: CopyPlace;
  /** Where the selection began; null while nothing is selected. */
  readonly anchor: CopyPlace | null;
  /** True when whole lines are selected. */
  readonly lines: boolean;
}

/** The buffer as copy mode reads it. */
export interface CopyBuffer {
  readonly rows: number;
  readonly columns: number;
  /** Rows one page moves by. */
  readonly page: number;
  /** The character of a cell; empty for the second half of a wide one. */
  cell(row: number, column: number): string;
}

export interface CopyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export type CopyStep = { readonly kind: 'moved'; readonly state: CopyState } | { readonly kind: 'copy' | 'leave' };

/** A stretch of the buffer in reading order, both ends included. */
export interface CopyRange {
  readonly from: CopyPlace;
  readonly to: CopyPlace;
}

/** What is selected; without a selection the line of the cursor, which is what copying takes then. */
export function copyRange({ cursor, anchor, lines }: CopyState, columns: number): CopyRange {
  const other = anchor ?? cursor;
  const forward = other.row < cursor.row || (other.row === cursor.row && other.column <= cursor.column);
  const [from, to] = forward ? [other, cursor] : [cursor, other];
  if (anchor !== null && !lines) return { from, to };
  return { from: { row: from.row, column: 0 }, to: { row: to.row, column: columns - 1 } };
}

/** What a key does in copy mode. Arrows and the letters of `less` and `vi` move; Shift with an arrow selects. */
export function copyKey(state: CopyState, press: CopyPress, buffer: CopyBuffer): CopyStep {
  const held = press.ctrlKey || press.metaKey;
  if (press.key === 'Escape') {
    if (state.anchor === null) return { kind: 'leave' };
    return { kind: 'moved', state: { ...state, anchor: null, lines: false } };
  }
  if (press.key === 'Enter' || (held && press.key.toLowerCase() === 'c')) return { kind: 'copy' };
  if (!held && !press.altKey) {
    if (press.key === 'y') return { kind: 'copy' };
    if (press.key === 'q') return { kind: 'leave' };
    if (press.key === 'v' || press.key === ' ') return { kind: 'moved', state: toggled(state, false) };
    if (press.key === 'V') return { kind: 'moved', state: toggled(state, true) };
  }
  const cursor = moved(state.cursor, press, held, buffer);
  const named = press.key.length > 1;
  const anchor = state.anchor ?? (named && press.shiftKey && !samePlace(cursor, state.cursor) ? state.cursor : null);
  return { kind: 'moved', state: { ...state, cursor, anchor } };
}

function toggled(state: CopyState, lines: boolean): CopyState {
  if (state.anchor !== null && state.lines === lines) return { ...state, anchor: null, lines: false };
  return { ...state, anchor: state.anchor ?? state.cursor, lines };
}

function samePlace(left: CopyPlace, right: CopyPlace): boolean {
  return left.row === right.row && left.column === right.column;
}

function moved(from: CopyPlace, press: CopyPress, held: boolean, buffer: CopyBuffer): CopyPlace {
  const last = { row: Math.max(0, buffer.rows - 1), column: Math.max(0, buffer.columns - 1) };
  const to = (row: number, column: number): CopyPlace => ({
    row: Math.min(Math.max(0, row), last.row),
    column: Math.min(Math.max(0, column), last.column),
  });
  const { row, column } = from;
  switch (press.key) {
    case 'ArrowLeft':
      return held ? wordBefore(from, buffer) : to(row, column - 1);
    case 'ArrowRight':
      return held ? wordAfter(from, buffer) : to(row, column + 1);
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowDown':
      return to(row + 1, column);
    case 'Home':
      return held ? to(0, 0) : to(row, 0);
    case 'End':
      return held ? to(last.row, 0) : to(row, lineEnd(row, buffer));
    case 'PageUp':
      return to(row - buffer.page, column);
    case 'PageDown':
      return to(row + buffer.page, column);
    default:
      break;
  }
  if (held || press.altKey) return from;
  switch (press.key) {
    case 'h':
      return to(row, column - 1);
    case 'l':
      return to(row, column + 1);
    case 'k':
      return to(row - 1, column);
    case 'j':
      return to(row + 1, column);
    case '0':
      return to(row, 0);
    case '$':
      return to(row, lineEnd(row, buffer));
    case 'w':
      return wordAfter(from, buffer);
    case 'b':
      return wordBefore(from, buffer);
    case 'g':
      return to(0, 0);
    case 'G':
      return to(last.row, 0);
    default:
      return from;
  }
}

/** Column of the last character of a line that is not blank; 0 for an empty line. */
function lineEnd(row: number, buffer: CopyBuffer): number {
  for (let column = buffer.columns - 1; column > 0; column -= 1)
    if (buffer.cell(row, column).trim() !== '') return column;
  return 0;
}

/** The first character of the next word, on a later line if need be; the cursor's own place when there is none. */
function wordAfter(from: CopyPlace, buffer: CopyBuffer): CopyPlace {
  let blank = false;
  for (let { row, column } = from; row < buffer.rows; row += 1, column = 0) {
    if (row !== from.row) blank = true;
    for (; column < buffer.columns; column += 1) {
      const empty = buffer.cell(row, column).trim() === '';
      // The second half of a wide character belongs to the word.
      if (empty && buffer.cell(row, column) !== '') blank = true;
      else if (!empty && blank) return { row, column };
    }
  }
  return from;
}

/** The first character of this word, or of the word before when the cursor stands on that already. */
function wordBefore(from: CopyPlace, buffer: CopyBuffer): CopyPlace {
  let found: CopyPlace | null = null;
  for (let { row } = from; row >= 0; row -= 1) {
    for (let column = row === from.row ? from.column - 1 : buffer.columns - 1; column >= 0; column -= 1) {
      const text = buffer.cell(row, column);
      if (text.trim() !== '') found = { row, column };
      else if (text !== '' && found !== null) return found;
    }
    if (found !== null) return found;
  }
  return from;
}
