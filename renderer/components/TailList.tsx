import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { cx } from './cx.ts';
import styles from './TailList.module.css';

/** Pixels. Rows are of one height, so that older pages can be put above without the list jumping. */
export const TAIL_ROW = 24;
/** Pixels from the end that still count as "at the end". */
const END_SLACK = 12;
/** Pixels from the top at which the next older page is asked for. */
const OLDER_FROM = 20 * TAIL_ROW;

type RowId = string | number;

export interface TailListProps<Item extends { readonly id: RowId }> {
  /** What a screen reader calls the list. */
  readonly label: string;
  /** The oldest first. */
  readonly items: readonly Item[];
  /** Id of the chosen item. */
  readonly chosen: Item['id'] | null;
  /** The element of a row, `TAIL_ROW` high; it carries the role `option` and this element id. */
  row(item: Item, elementId: string): ReactNode;
  /** Element id of a row. */
  elementId(item: Item): string;
  /** Null when there is nothing older. */
  readonly onOlder: (() => void) | null;
  onChoose(item: Item): void;
  /** A further key pressed on the chosen item; true when it was taken. */
  onKey(event: KeyboardEvent, item: Item): boolean;
  readonly className?: string | undefined;
}

/** How far a key moves in a list of `count` rows from `index` (-1: nothing chosen yet); null for other keys. */
function target(key: string, index: number, count: number, page: number): number | null {
  if (key === 'ArrowDown') return index < 0 ? count - 1 : index + 1;
  if (key === 'ArrowUp') return index < 0 ? count - 1 : index - 1;
  if (key === 'PageDown') return index + page;
  if (key === 'PageUp') return index - page;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

/** A long list that grows at its end, such as events or lines of a log. It stays at the end only while the person is there. */
export function TailList<Item extends { readonly id: RowId }>(props: TailListProps<Item>) {
  'use no memo';
  const { items, chosen, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const firstId = useRef<RowId | null>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => TAIL_ROW,
    overscan: 12,
    // Before the first layout (and in tests without one) assume a screenful, so that rows exist from the first render.
    initialRect: { width: 800, height: 400 },
  });
  const index = chosen === null ? -1 : items.findIndex((item) => item.id === chosen);
  const current = items[index];

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const former = firstId.current;
    firstId.current = items[0]?.id ?? null;
    if (atEnd.current) {
      element.scrollTop = element.scrollHeight;
      return;
    }
    // An older page came above: what is in sight stays in sight.
    const added = former === null ? 0 : items.findIndex((item) => item.id === former);
    if (added > 0) element.scrollTop += added * TAIL_ROW;
  }, [items]);

  useEffect(() => {
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'auto' });
  }, [index, virtualizer]);

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / TAIL_ROW) - 1);
    const next = target(event.key, index, items.length, page);
    if (next !== null) {
      const item = items[Math.max(0, Math.min(items.length - 1, next))];
      if (item !== undefined) onChoose(item);
    } else if (current === undefined || !props.onKey(event, current)) return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={cx(styles.list, props.className)}
      role="listbox"
      aria-label={props.label}
      tabIndex={0}
      {...(current === undefined ? {} : { 'aria-activedescendant': props.elementId(current) })}
      onKeyDown={onKey}
      onScroll={({ currentTarget }) => {
        const { scrollTop, scrollHeight, clientHeight } = currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < END_SLACK;
        if (scrollTop < OLDER_FROM && !atEnd.current) props.onOlder?.();
      }}
      onClick={(event) => {
        const place = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
        const item = items[Number(place?.dataset.index ?? -1)];
        if (item !== undefined) onChoose(item);
      }}
    >
      <div className={styles.rows} style={{ height: virtualizer.getTotalSize() }} role="presentation">
        {virtualizer.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <div
              key={item.id}
              role="presentation"
              data-index={row.index}
              className={styles.place}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {props.row(item, props.elementId(item))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
