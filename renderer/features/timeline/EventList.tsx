import { memo } from 'react';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { cx } from '../../components/cx.ts';
import { Glyph } from '../../components/Glyph.tsx';
import { TAIL_ROW, TailList } from '../../components/TailList.tsx';
import { Line, Name } from '../../components/Text.tsx';
import { timeOfDay } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showMoment } from '../replay/startReplay.ts';
import { isFailure, itemText, KIND_WORDS, tookWords } from './itemWords.ts';
import styles from './Timeline.module.css';

const rowId = ({ id }: TimelineItem) => `timeline-event-${id}`;

const EventRow = memo(function EventRow({
  item,
  id,
  chosen,
}: {
  readonly item: TimelineItem;
  readonly id: string;
  readonly chosen: boolean;
}) {
  const failure = isFailure(item);
  return (
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      data-event={item.id}
      className={cx(styles.event, chosen && styles.chosen)}
      style={{ height: TAIL_ROW }}
    >
      <time className={styles.eventTime} dateTime={item.at}>
        {timeOfDay(item.at)}
      </time>
      <Name text={item.agent} className={styles.eventAgent} />
      <span className={cx(styles.eventKind, failure && styles.failure)}>
        {failure ? (
          <>
            <Glyph shape="no" words="failed" />{' '}
          </>
        ) : null}
        {KIND_WORDS[item.kind]}
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

/** Every event in words, the newest at the bottom. */
export function EventList({ items, chosen, onOlder, onChoose }: EventListProps) {
  const room = useRoom();
  return (
    <TailList
      label="Events"
      items={items}
      chosen={chosen}
      elementId={rowId}
      row={(item, id) => <EventRow item={item} id={id} chosen={item.id === chosen} />}
      onOlder={onOlder}
      onChoose={onChoose}
      onKey={({ key, shiftKey }, item) => {
        if (key.toLowerCase() === 'r' && !shiftKey) showMoment(room, Date.parse(item.at));
        else if (key === 'Enter') room.actions.run('agent.openTerminal', room, item.agent);
        else return false;
        return true;
      }}
    />
  );
}
