import type { TimelineItem } from '../../../contract/timeline.ts';
import { Line } from '../../components/Text.tsx';
import { timeOfDay } from '../../stores/format.ts';
import { itemText, KIND_WORDS, tookWords } from './itemWords.ts';
import styles from './Timeline.module.css';

/** Pixels of the card of details, to keep it within the chart. */
const CARD = { width: 320, height: 84 } as const;

export interface ThingCardProps {
  readonly item: TimelineItem;
  /** Pixels from the corner of the chart: what the card stands beside. */
  readonly x: number;
  readonly y: number;
  /** Of the chart, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** What one thing on the chart is, beside it. A screen reader hears the same as a line instead. */
export function ThingCard({ item, x, y, width, height }: ThingCardProps) {
  const left = x + 14 + CARD.width > width ? Math.max(4, x - 14 - CARD.width) : x + 14;
  const top = y + 14 + CARD.height > height ? Math.max(4, y - 10 - CARD.height) : y + 14;
  return (
    <div
      className={styles.hover}
      style={{ transform: `translate(${left}px, ${top}px)` }}
      data-testid="timeline-card"
      aria-hidden="true"
    >
      <p className={styles.hoverHead}>
        <span>{timeOfDay(item.at)}</span>
        <Line text={item.agent} className={styles.hoverAgent} />
        <span>{KIND_WORDS[item.kind]}</span>
        {item.durationMs === null ? null : <span>{tookWords(item.durationMs)}</span>}
      </p>
      <p className={styles.hoverText}>
        <Line text={itemText(item)} />
      </p>
    </div>
  );
}
