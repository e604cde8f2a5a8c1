import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { cx } from './cx.ts';
import styles from './VirtualList.module.css';

/** Lets a parent bring a row into view. */
export interface VirtualListHandle {
  scrollTo(index: number): void;
}

export interface VirtualListProps {
  readonly count: number;
  /** Height of a row in pixels before it is measured. */
  readonly rowHeight: number;
  /** Stable identity of a row. */
  keyOf(index: number): string;
  row(index: number): ReactNode;
  /** Content above the rows that scrolls with them. */
  readonly header?: ReactNode;
  readonly className?: string | undefined;
  /** The row that must stay in view, such as the selected one; -1 for none. */
  readonly current?: number;
  /** True to start at, and stay at, the end while the person has not scrolled away. */
  readonly stickToEnd?: boolean;
  readonly handle?: Ref<VirtualListHandle>;
  /** Role of the element that directly holds the rows. */
  readonly role?: string;
}

/** Pixels from the end that still count as "at the end". */
const END_SLACK = 24;

/**
 * Renders only the rows in view; rows may be of any height. Keyboard handling and selection belong to the caller.
 * Kept small on purpose: the virtualiser's instance must not be memoised (engineering.md 2.7).
 */
export function VirtualList(props: VirtualListProps) {
  'use no memo';
  const { count, rowHeight, keyOf, row, current = -1, stickToEnd = false } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan: 8,
    // Before the first layout (and in tests without one) assume a screenful, so that rows exist from the first render.
    initialRect: { width: 800, height: 800 },
  });
  useImperativeHandle(props.handle, () => ({ scrollTo: (index) => virtualizer.scrollToIndex(index) }), [virtualizer]);
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current, { align: 'auto' });
  }, [current, virtualizer]);
  useEffect(() => {
    if (stickToEnd && atEnd.current && count > 0) virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [count, stickToEnd, virtualizer]);

  return (
    <div
      ref={scroller}
      className={cx(styles.scroller, props.className)}
      onScroll={({ currentTarget }) => {
        atEnd.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < END_SLACK;
      }}
    >
      {props.header}
      <div className={styles.rows} style={{ height: virtualizer.getTotalSize() }} role={props.role ?? 'presentation'}>
        {virtualizer.getVirtualItems().map((item) => (
          <div
            key={item.key}
            ref={virtualizer.measureElement}
            data-index={item.index}
            className={styles.row}
            style={{ transform: `translateY(${item.start}px)` }}
            role="presentation"
          >
            {row(item.index)}
          </div>
        ))}
      </div>
    </div>
  );
}
