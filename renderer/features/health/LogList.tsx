import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useEffect, useLayoutEffect, useRef } from 'react';
import type { LogEntry } from '../../../contract/health.ts';
import { cx } from '../../components/cx.ts';
import { Line } from '../../components/Text.tsx';
import { LEVEL_WORDS } from './healthWords.ts';
import styles from './Logs.module.css';

/** Pixels. Rows are of one height, so that older pages can be put above without the list jumping. */
const ROW = 24;
/** Pixels from the end that still count as "at the end". */
const END_SLACK = 12;
/** Pixels from the top at which the next older page is asked for. */
const OLDER_FROM = 20 * ROW;

const rowId = (index: number) => `log-line-${index}`;

/** Local time to the second; the start of its turn for a line without a time of its own. */
function timeWords(entry: LogEntry): string {
  if (entry.at === null) return entry.turn === null ? '' : entry.turn.slice(11, 19).replaceAll('-', ':');
  return new Date(entry.at).toTimeString().slice(0, 8);
}

const Row = memo(function Row({
  entry,
  index,
  chosen,
}: {
  readonly entry: LogEntry;
  readonly index: number;
  readonly chosen: boolean;
}) {
  return (
    <div
      id={rowId(index)}
      role="option"
      aria-selected={chosen}
      data-line={index}
      className={cx(styles.line, chosen && styles.chosen)}
      style={{ height: ROW }}
    >
      <span className={styles.time}>{timeWords(entry)}</span>
      <span className={cx(styles.level, styles[entry.level])}>{LEVEL_WORDS[entry.level]}</span>
      <span className={styles.agent}>{entry.agent === null ? '' : <Line text={entry.agent} title />}</span>
      <span className={styles.text}>
        <Line text={entry.message} title />
        {entry.facts === '' || entry.turn !== null ? null : (
          <>
            {' '}
            <Line text={entry.facts} className={styles.facts} />
          </>
        )}
      </span>
    </div>
  );
});

/** Lines of a log, the newest at the bottom. It stays there only while the person is there. */
export function LogList({
  entries,
  chosen,
  onOlder,
  onChoose,
  onOpen,
}: {
  readonly entries: readonly LogEntry[];
  /** Id of the chosen line. */
  readonly chosen: string | null;
  /** Null when there is nothing older. */
  readonly onOlder: (() => void) | null;
  onChoose(entry: LogEntry): void;
  onOpen(entry: LogEntry): void;
}) {
  'use no memo';
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const firstId = useRef<string | null>(null);
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 800, height: 400 },
  });
  const index = chosen === null ? -1 : entries.findIndex((entry) => entry.id === chosen);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const former = firstId.current;
    firstId.current = entries[0]?.id ?? null;
    if (atEnd.current) {
      element.scrollTop = element.scrollHeight;
      return;
    }
    // An older page came above: what is in sight stays in sight.
    const added = former === null ? 0 : entries.findIndex((entry) => entry.id === former);
    if (added > 0) element.scrollTop += added * ROW;
  }, [entries]);

  useEffect(() => {
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'auto' });
  }, [index, virtualizer]);

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goTo = (next: number) => {
      const entry = entries[Math.max(0, Math.min(entries.length - 1, next))];
      if (entry !== undefined) onChoose(entry);
    };
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 1);
    const current = entries[index];
    if (event.key === 'ArrowDown') goTo(index < 0 ? entries.length - 1 : index + 1);
    else if (event.key === 'ArrowUp') goTo(index < 0 ? entries.length - 1 : index - 1);
    else if (event.key === 'PageDown') goTo(index + page);
    else if (event.key === 'PageUp') goTo(index - page);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(entries.length - 1);
    else if (event.key === 'Enter' && current !== undefined) onOpen(current);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={styles.lines}
      role="listbox"
      aria-label="Log"
      tabIndex={0}
      {...(index >= 0 ? { 'aria-activedescendant': rowId(index) } : {})}
      onKeyDown={onKey}
      onScroll={({ currentTarget }) => {
        const { scrollTop, scrollHeight, clientHeight } = currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < END_SLACK;
        if (scrollTop < OLDER_FROM && !atEnd.current) onOlder?.();
      }}
      onClick={(event) => {
        const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-line]') : null;
        const entry = entries[Number(row?.dataset.line ?? -1)];
        if (entry !== undefined) onChoose(entry);
      }}
    >
      <div className={styles.rows} style={{ height: virtualizer.getTotalSize() }} role="presentation">
        {virtualizer.getVirtualItems().map((item) => {
          const entry = entries[item.index];
          if (entry === undefined) return null;
          return (
            <div
              key={entry.id}
              role="presentation"
              className={styles.place}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Row entry={entry} index={item.index} chosen={item.index === index} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
