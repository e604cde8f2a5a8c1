import type { IMarker, Terminal } from '@xterm/xterm';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type CopyBuffer, type CopyState, copyKey, copyRange } from './copyRules.ts';
import styles from './terminal.module.css';

/** What the bar over a terminal in copy mode says. */
export interface CopyStatus {
  /** Line of the cursor from 1, and how many there are. */
  readonly line: number;
  readonly lines: number;
  /** Characters that are selected; null while nothing is. */
  readonly selected: number | null;
}

/** Selecting by keyboard. The program below gets no key meanwhile; its output goes on. */
export interface CopyMode {
  /** Null while it is off. */
  readonly status: StoreApi<{ readonly on: CopyStatus | null }>;
  start(): void;
  stop(): void;
  /** Takes a key while it is on; true when it did. */
  key(event: KeyboardEvent): boolean;
  dispose(): void;
}

export function createCopyMode(terminal: Terminal, onCopy: (text: string) => void): CopyMode {
  const status = createStore<{ readonly on: CopyStatus | null }>(() => ({ on: null }));
  let state: CopyState | null = null;
  /** They move with their lines when older ones fall out of the scrollback. */
  let cursorMark: IMarker | undefined;
  let anchorMark: IMarker | undefined;
  const shape = document.createElement('div');
  shape.className = styles.copyCursor ?? '';

  const buffer: CopyBuffer = {
    get rows() {
      return terminal.buffer.active.length;
    },
    get columns() {
      return terminal.cols;
    },
    get page() {
      return Math.max(1, terminal.rows - 1);
    },
    cell: (row, column) => {
      const cell = terminal.buffer.active.getLine(row)?.getCell(column);
      return cell === undefined || (cell.getChars() === '' && cell.getWidth() > 0) ? ' ' : cell.getChars();
    },
  };
  const mark = (row: number): IMarker | undefined => {
    const { baseY, cursorY } = terminal.buffer.active;
    return terminal.registerMarker(row - (baseY + cursorY));
  };

  function place(): void {
    if (state === null) return;
    const grid = terminal.element?.querySelector<HTMLElement>('.xterm-screen');
    if (grid === null || grid === undefined) return;
    if (shape.parentElement !== grid) grid.append(shape);
    const width = grid.clientWidth / terminal.cols;
    const height = grid.clientHeight / terminal.rows;
    const row = state.cursor.row - terminal.buffer.active.viewportY;
    shape.hidden = row < 0 || row >= terminal.rows;
    shape.style.width = `${width}px`;
    shape.style.height = `${height}px`;
    shape.style.transform = `translate(${state.cursor.column * width}px, ${row * height}px)`;
  }

  function show(next: CopyState): void {
    state = next;
    cursorMark?.dispose();
    cursorMark = mark(next.cursor.row);
    anchorMark?.dispose();
    anchorMark = next.anchor === null ? undefined : mark(next.anchor.row);
    if (next.anchor === null) terminal.clearSelection();
    else select(next);
    const { viewportY } = terminal.buffer.active;
    if (next.cursor.row < viewportY) terminal.scrollToLine(next.cursor.row);
    else if (next.cursor.row >= viewportY + terminal.rows) terminal.scrollToLine(next.cursor.row - terminal.rows + 1);
    place();
    tell();
  }

  function select(held: CopyState): void {
    const { from, to } = copyRange(held, terminal.cols);
    terminal.select(from.column, from.row, (to.row - from.row) * terminal.cols + to.column - from.column + 1);
  }

  function tell(): void {
    if (state === null) return;
    const selected = state.anchor === null ? null : terminal.getSelection().length;
    status.setState({ on: { line: state.cursor.row + 1, lines: buffer.rows, selected } });
  }

  /** Lines fell out of the scrollback, or the screen was drawn anew: cursor and selection stay on their lines. */
  function follow(): void {
    if (state === null) return;
    const rowOf = (marker: IMarker | undefined, row: number) =>
      Math.min(marker === undefined ? row : Math.max(0, marker.line), buffer.rows - 1);
    const { cursor, anchor } = state;
    const row = rowOf(cursorMark, cursor.row);
    const from = anchor === null ? null : rowOf(anchorMark, anchor.row);
    if (row !== cursor.row || (anchor !== null && from !== anchor.row)) {
      state = {
        ...state,
        cursor: { ...cursor, row },
        anchor: anchor === null || from === null ? null : { ...anchor, row: from },
      };
    }
    place();
    tell();
  }
  const listeners = [terminal.onWriteParsed(follow), terminal.onScroll(place), terminal.onResize(follow)];

  function stop(): void {
    if (state === null) return;
    state = null;
    cursorMark?.dispose();
    anchorMark?.dispose();
    shape.remove();
    terminal.clearSelection();
    status.setState({ on: null });
  }

  return {
    status,
    start() {
      if (state !== null) return;
      const { baseY, cursorX, cursorY, viewportY } = terminal.buffer.active;
      const written = baseY + cursorY;
      // Where the program's cursor is, if that is in sight; else the last line in sight.
      const row = Math.min(written, viewportY + terminal.rows - 1);
      const column = row === written ? Math.min(cursorX, terminal.cols - 1) : 0;
      show({ cursor: { row, column }, anchor: null, lines: false });
    },
    stop,
    key(event) {
      if (state === null) return false;
      const step = copyKey(state, event, buffer);
      if (step.kind === 'moved') show(step.state);
      else {
        if (step.kind === 'copy') {
          select(state);
          onCopy(terminal.getSelection());
        }
        stop();
      }
      return true;
    },
    dispose() {
      stop();
      for (const listener of listeners) listener.dispose();
    },
  };
}
