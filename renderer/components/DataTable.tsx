import { ArrowDown, ArrowUp } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, memo, type ReactElement, type ReactNode, useId, useMemo } from 'react';
import { cx } from './cx.ts';
import styles from './DataTable.module.css';
import { ContextMenu } from './Menu.tsx';
import { VirtualList } from './VirtualList.tsx';

/** A column of a `DataTable`. Keep the array of columns outside the component (or memoised), so that rows can stay as they are. */
export interface DataColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** Width as a grid track: `80px`, `minmax(96px, 1fr)`. */
  readonly width: string;
  /** True for figures: right-aligned in heading and cells. */
  readonly numeric?: boolean;
  /** True for code, paths and ids. */
  readonly mono?: boolean;
  /** True for what matters less: quieter text. */
  readonly quiet?: boolean;
  cell(row: Row): ReactNode;
  /** Ascending order; a column without it cannot be sorted by. */
  compare?(a: Row, b: Row): number;
}

/** Which column the rows are sorted by. */
export interface DataSort {
  readonly column: string;
  readonly descending: boolean;
}

interface RowProps<Row> {
  readonly row: Row;
  readonly id: string;
  readonly rowKey: string;
  readonly index: number;
  readonly columns: readonly DataColumn<Row>[];
  readonly tracks: string;
  readonly selected: boolean;
  readonly menu: ((row: Row) => ReactNode) | undefined;
  readonly onSelect: ((key: string) => void) | undefined;
  readonly onOpen: ((key: string) => void) | undefined;
}

function DataRowView<Row>(props: RowProps<Row>) {
  const { row, id, rowKey, index, columns, tracks, selected, menu, onSelect, onOpen } = props;
  const element: ReactElement<Record<string, unknown>> = (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={onSelect === undefined ? undefined : selected}
      className={cx(styles.row, onSelect !== undefined && styles.selectable, selected && styles.selected)}
      style={{ '--tracks': tracks } as CSSProperties}
      onClick={() => onSelect?.(rowKey)}
      onDoubleClick={() => onOpen?.(rowKey)}
    >
      {columns.map((column) => (
        <span
          key={column.id}
          role="gridcell"
          className={cx(column.numeric && styles.numeric, column.mono && styles.mono, column.quiet && styles.quiet)}
        >
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
  return menu === undefined ? element : <ContextMenu target={element}>{menu(row)}</ContextMenu>;
}
// memo() loses the type parameter; the cast gives the same component its signature back.
const DataRow = memo(DataRowView) as typeof DataRowView;

/** The order after a press on a heading: first ascending, then descending. */
export function nextDataSort(sort: DataSort | null, column: string): DataSort {
  return { column, descending: sort?.column === column && !sort.descending };
}

/** Sorts by a column, keeping the given order among equals; without one the rows stay as they are. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly DataColumn<Row>[],
  sort: DataSort | null,
): readonly Row[] {
  const compare = columns.find(({ id }) => id === sort?.column)?.compare;
  if (compare === undefined || sort === null) return rows;
  return rows.toSorted((a, b) => (sort.descending ? compare(b, a) : compare(a, b)));
}

/**
 * Rows under sortable headings; only the rows in view are drawn. With `onSelect` the table is one stop of the Tab key:
 * arrows, Home, End, PageUp and PageDown walk, Enter opens. A row is drawn again only when its own object changes.
 */
export function DataTable<Row>({
  label,
  rows,
  columns,
  keyOf,
  sort = null,
  selected = null,
  rowHeight = 30,
  empty,
  menu,
  className,
  onSort,
  onSelect,
  onOpen,
}: {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly DataColumn<Row>[];
  keyOf(row: Row): string;
  readonly sort?: DataSort | null;
  /** Key of the selected row. */
  readonly selected?: string | null;
  /** Pixels. */
  readonly rowHeight?: number;
  /** What stands under the headings while there are no rows. */
  readonly empty?: ReactNode;
  /** The context menu of a row. Keep the function outside the component or memoised. */
  readonly menu?: (row: Row) => ReactNode;
  readonly className?: string | undefined;
  readonly onSort?: (sort: DataSort) => void;
  /** Keep `onSelect` and `onOpen` stable too. */
  readonly onSelect?: (key: string) => void;
  readonly onOpen?: (key: string) => void;
}) {
  const tableId = useId();
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  const tracks = columns.map(({ width }) => width).join(' ');
  const current = selected === null ? -1 : sorted.findIndex((row) => keyOf(row) === selected);
  const idOf = (key: string) => `${tableId}-${key}`;

  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || onSelect === undefined) return;
    const goTo = (index: number) => {
      const row = sorted[Math.max(0, Math.min(sorted.length - 1, index))];
      if (row !== undefined) onSelect(keyOf(row));
    };
    if (event.key === 'ArrowDown') goTo(current + 1);
    else if (event.key === 'ArrowUp') goTo(current < 0 ? 0 : current - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(sorted.length - 1);
    else if (event.key === 'PageDown') goTo(current + 10);
    else if (event.key === 'PageUp') goTo(current - 10);
    else if (event.key === 'Enter' && selected !== null && onOpen !== undefined) onOpen(selected);
    else return;
    event.preventDefault();
  };

  return (
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      aria-colcount={columns.length}
      className={cx(styles.table, className)}
      tabIndex={onSelect === undefined ? -1 : 0}
      {...(current >= 0 && selected !== null ? { 'aria-activedescendant': idOf(selected) } : {})}
      onKeyDown={onKey}
    >
      <div
        role="row"
        aria-rowindex={1}
        className={cx(styles.row, styles.headings)}
        style={{ '--tracks': tracks } as CSSProperties}
      >
        {columns.map((column) => (
          <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
      {sorted.length === 0 && empty !== undefined ? (
        empty
      ) : (
        <VirtualList
          className={styles.rows}
          role="rowgroup"
          count={sorted.length}
          rowHeight={rowHeight}
          current={current}
          keyOf={(index) => {
            const row = sorted[index];
            return row === undefined ? String(index) : keyOf(row);
          }}
          row={(index) => {
            const row = sorted[index];
            if (row === undefined) return null;
            const key = keyOf(row);
            return (
              <DataRow
                row={row}
                id={idOf(key)}
                rowKey={key}
                index={index}
                columns={columns}
                tracks={tracks}
                selected={index === current}
                menu={menu}
                onSelect={onSelect}
                onOpen={onOpen}
              />
            );
          }}
        />
      )}
    </div>
  );
}

function Heading<Row>({
  column,
  sort,
  onSort,
}: {
  readonly column: DataColumn<Row>;
  readonly sort: DataSort | null;
  readonly onSort: ((sort: DataSort) => void) | undefined;
}) {
  const active = sort?.column === column.id;
  const Arrow = sort?.descending ? ArrowDown : ArrowUp;
  const sortable = onSort !== undefined && column.compare !== undefined;
  return (
    <span
      role="columnheader"
      aria-sort={!sortable ? undefined : active ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className={cx(column.numeric && styles.numeric)}
    >
      {sortable ? (
        <button type="button" className={styles.sort} onClick={() => onSort(nextDataSort(sort, column.id))}>
          {column.title}
          {active ? <Arrow size={11} aria-hidden="true" /> : null}
        </button>
      ) : (
        column.title
      )}
    </span>
  );
}
