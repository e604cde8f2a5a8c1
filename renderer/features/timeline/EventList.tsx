import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useEffect, useLayoutEffect, useRef } from 'react';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { cx } from '../../components/cx.ts';
import { Line } from '../../components/Text.tsx';
import { timeOfDay } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showMoment } from '../replay/startReplay.ts';
import { isFailure, itemText, KIND_WORDS, tookWords } from './itemWords.ts';
import styles from './Timeline.module.css';

/** Pixels. Rows are of one height, so that older pages can be put above without the list jumping. */
const ROW = 24;
/** Pixels from the end that still count as "at the end". */
const END_SLACK = 12;
/** Pixels from the top at which the next older page is asked for. */
const OLDER_FROM = 20 * ROW;

const rowId = (id: number) => `timeline-event-${id}`;

const EventRow = memo(function EventRow({ item, chosen }: { readonly item: TimelineItem; readonly chosen: boolean }) {
  const failure = isFailure(item);
  return (
    <div
      id={rowId(item.id)}
      role="option"
      aria-selected={chosen}
      data-event={item.id}
      className={cx(styles.event, chosen && styles.chosen)}
      style={{ height: ROW }}
    >
      <time className={styles.eventTime} dateTime={item.at}>
        {timeOfDay(item.at)}
      </time>
      <Line text={item.agent} className={styles.eventAgent} title />
      <span className={cx(styles.eventKind, failure && styles.failure)}>
        {failure ? `✕ ${KIND_WORDS[item.kind]}` : KIND_WORDS[item.kind]}
      </span>
      <Line text={itemText(item)} className={styles.eventText} title />
      <span className={styles.eventTook}>{item.durationMs === null ? '' : tookWords(item.durationMs)}</span>
    </div>
  );
});

export interface EventListProps {
  readonly items: readonly TimelineItem[];
  readonly chosen: number | null;
  /** Null when there is nothing older. */
  readonly onOlder: (() => void) | null;
  onChoose(item: TimelineItem): void;
}

/** Every event in words, the newest at the bottom. It stays there only while the person is there. */
export function EventList({ items, chosen, onOlder, onChoose }: EventListProps) {
  'use no memo';
  const room = useRoom();
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const firstId = useRef<number | null>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    initialRect: { width: 800, height: 400 },
  });
  const index = chosen === null ? -1 : items.findIndex((item) => item.id === chosen);

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
    if (added > 0) element.scrollTop += added * ROW;
  }, [items]);

  useEffect(() => {
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'auto' });
  }, [index, virtualizer]);

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goTo = (next: number) => {
      const item = items[Math.max(0, Math.min(items.length - 1, next))];
      if (item !== undefined) onChoose(item);
    };
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 1);
    if (event.key === 'ArrowDown') goTo(index < 0 ? items.length - 1 : index + 1);
    else if (event.key === 'ArrowUp') goTo(index < 0 ? items.length - 1 : index - 1);
    else if (event.key === 'PageDown') goTo(index + page);
    else if (event.key === 'PageUp') goTo(index - page);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(items.length - 1);
    else if (event.key.toLowerCase() === 'r' && !event.shiftKey && index >= 0)
      showMoment(room, Date.parse(items[index]?.at ?? ''));
    else if (event.key === 'Enter' && index >= 0)
      room.actions.run('agent.openTerminal', room, items[index]?.agent ?? null);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={styles.events}
      role="listbox"
      aria-label="Events"
      tabIndex={0}
      {...(index >= 0 && chosen !== null ? { 'aria-activedescendant': rowId(chosen) } : {})}
      onKeyDown={onKey}
      onScroll={({ currentTarget }) => {
        const { scrollTop, scrollHeight, clientHeight } = currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < END_SLACK;
        if (scrollTop < OLDER_FROM && !atEnd.current) onOlder?.();
      }}
      onClick={(event) => {
        const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-event]') : null;
        const item = items.find((candidate) => String(candidate.id) === row?.dataset.event);
        if (item !== undefined) onChoose(item);
      }}
    >
      <div className={styles.eventRows} style={{ height: virtualizer.getTotalSize() }} role="presentation">
        {virtualizer.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <div
              key={item.id}
              role="presentation"
              data-index={row.index}
              className={styles.eventPlace}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <EventRow item={item} chosen={item.id === chosen} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
