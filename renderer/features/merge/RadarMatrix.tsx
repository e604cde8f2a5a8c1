import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, memo, useEffect, useId, useRef } from 'react';
import type { RadarWorktree } from '../../../contract/radar.ts';
import { cx } from '../../components/cx.ts';
import { Line } from '../../components/Text.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { mergeStore, useMergeScreen } from './mergeStore.ts';
import styles from './RadarMatrix.module.css';
import { type CellState, cellWords, type RadarGrid } from './radarRules.ts';

/** Pixels of a row and of a column. */
const ROW = 26;
const COLUMN = 30;

const GLYPHS: Readonly<Record<CellState, string>> = { clean: '·', conflict: '', unknown: '?', self: '', nothing: '' };

interface RowProps {
  readonly id: string;
  readonly grid: RadarGrid;
  readonly worktree: RadarWorktree;
  readonly index: number;
  readonly target: string;
  /** Column the keyboard stands on, when it stands on this row; -1 otherwise. */
  readonly at: number;
  onCell(row: number, column: number): void;
}

const MatrixRow = memo(function MatrixRow({ id, grid, worktree, index, target, at, onCell }: RowProps) {
  return (
    <div role="row" aria-rowindex={index + 2} className={styles.cells}>
      <span role="rowheader" className={styles.rowName}>
        <span className={cx(styles.dot, worktree.running && styles.running)} aria-hidden="true" />
        <Line text={worktree.agentName} title />
        {worktree.problem === null ? null : (
          <span className={styles.unknownMark} title={worktree.problem}>
            ?
          </span>
        )}
      </span>
      {grid.columns.map((column, place) => {
        const cell = grid.cell(worktree, column);
        return (
          <span
            key={column ?? ''}
            id={`${id}-${index}-${place}`}
            role="gridcell"
            aria-colindex={place + 2}
            aria-label={cellWords(worktree.agentName, column, target, cell)}
            aria-selected={at === place}
            data-state={cell.state}
            className={cx(
              styles.cell,
              styles[cell.state],
              at === place && styles.current,
              column === null && styles.ofTarget,
            )}
            onClick={() => onCell(index, place)}
          >
            {cell.state === 'conflict' ? (cell.count > 99 ? '99+' : cell.count) : GLYPHS[cell.state]}
          </span>
        );
      })}
    </div>
  );
});

/**
 * Every worktree against every other and the target. One stop of the Tab key: arrows walk the cells, Enter opens the
 * pair. Only the rows in view are drawn.
 */
export function RadarMatrix({ grid, target }: { readonly grid: RadarGrid; readonly target: string }) {
  'use no memo';
  const room = useRoom();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const cell = useMergeScreen((state) => state.cell);
  const row = cell === null ? -1 : grid.rows.findIndex((worktree) => worktree.agentName === cell.row);
  const column = cell === null ? -1 : grid.columns.indexOf(cell.column);
  const virtualizer = useVirtualizer({
    count: grid.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
    initialRect: { width: 800, height: 800 },
  });
  useEffect(() => {
    if (row >= 0) virtualizer.scrollToIndex(row, { align: 'auto' });
  }, [row, virtualizer]);
  const stand = useRef({ grid, room });
  stand.current = { grid, room };
  const goTo = (toRow: number, toColumn: number) => {
    const worktree = grid.rows[Math.max(0, Math.min(grid.rows.length - 1, toRow))];
    const name = grid.columns[Math.max(0, Math.min(grid.columns.length - 1, toColumn))];
    if (worktree !== undefined && name !== undefined)
      mergeStore(room).setState({ cell: { row: worktree.agentName, column: name } });
  };
  // Stable, so that rows whose data did not change are not drawn again.
  const onCell = useRef((toRow: number, toColumn: number) => {
    const { grid: now, room: here } = stand.current;
    const worktree = now.rows[toRow];
    const name = now.columns[toColumn];
    if (worktree === undefined || name === undefined) return;
    const open = now.cell(worktree, name).state === 'conflict';
    mergeStore(here).setState({
      cell: { row: worktree.agentName, column: name },
      ...(open ? { pair: { one: worktree.agentName, other: name } } : {}),
    });
  }).current;
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [nowRow, nowColumn] = [Math.max(0, row), Math.max(0, column)];
    if (event.key === 'ArrowDown') goTo(row < 0 ? 0 : nowRow + 1, nowColumn);
    else if (event.key === 'ArrowUp') goTo(nowRow - 1, nowColumn);
    else if (event.key === 'ArrowRight') goTo(nowRow, row < 0 ? 0 : nowColumn + 1);
    else if (event.key === 'ArrowLeft') goTo(nowRow, nowColumn - 1);
    else if (event.key === 'Home') goTo(nowRow, 0);
    else if (event.key === 'End') goTo(nowRow, grid.columns.length - 1);
    else if (event.key === 'PageDown') goTo(nowRow + 10, nowColumn);
    else if (event.key === 'PageUp') goTo(nowRow - 10, nowColumn);
    else if (event.key === 'Enter' || event.key === ' ') onCell(nowRow, nowColumn);
    else if (event.key === 'Escape' && mergeStore(room).getState().pair !== null)
      mergeStore(room).setState({ pair: null });
    else return;
    event.preventDefault();
  };
  const width = { '--columns': `180px repeat(${grid.columns.length}, ${COLUMN}px)` } as CSSProperties;
  return (
    <div className={styles.matrix}>
      <div
        ref={scroller}
        role="grid"
        aria-label="Collisions"
        aria-rowcount={grid.rows.length + 1}
        aria-colcount={grid.columns.length + 1}
        tabIndex={0}
        className={styles.scroller}
        style={width}
        {...(row >= 0 && column >= 0 ? { 'aria-activedescendant': `${id}-${row}-${column}` } : {})}
        onKeyDown={onKey}
        onFocus={() => {
          if (row < 0 || column < 0) goTo(0, 0);
        }}
      >
        <div role="row" aria-rowindex={1} className={cx(styles.cells, styles.heads)}>
          <span role="columnheader" className={styles.corner}>
            agent
          </span>
          {grid.columns.map((name, place) => (
            <span
              key={name ?? ''}
              role="columnheader"
              aria-colindex={place + 2}
              className={cx(styles.columnName, place === column && styles.columnCurrent)}
            >
              <Line text={name ?? target} title />
            </span>
          ))}
        </div>
        <div role="rowgroup" className={styles.rows} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const worktree = grid.rows[item.index];
            if (worktree === undefined) return null;
            return (
              <div key={worktree.agentName} role="presentation" className={styles.row} style={{ top: item.start }}>
                <MatrixRow
                  id={id}
                  grid={grid}
                  worktree={worktree}
                  index={item.index}
                  target={target}
                  at={item.index === row ? column : -1}
                  onCell={onCell}
                />
              </div>
            );
          })}
        </div>
      </div>
      <p className={styles.legend}>
        <span>
          <b className={styles.conflictWord}>2</b> files in conflict
        </span>
        <span>
          <b>·</b> joins cleanly
        </span>
        <span>
          <b>?</b> not known
        </span>
        <span>blank: nothing left to merge</span>
      </p>
    </div>
  );
}
