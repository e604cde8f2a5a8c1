import type { CSSProperties } from 'react';
import styles from './Loading.module.css';

/** Widths of the bars in percent: uneven, as text is. */
const WIDTHS = [62, 84, 46, 73, 55, 90, 38, 68];

/** What a place shows until its data has come: still bars of the height of what will stand there. */
export function Loading({
  label,
  rows = 5,
  rowHeight = 30,
}: {
  /** What is on its way, read aloud: `Loading agents`. */
  readonly label: string;
  readonly rows?: number;
  /** Pixels. */
  readonly rowHeight?: number;
}) {
  return (
    <div className={styles.loading} role="status" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike and never change places.
          key={row}
          className={styles.row}
          aria-hidden="true"
          style={{ '--row': `${rowHeight}px`, '--bar': `${WIDTHS[row % WIDTHS.length]}%` } as CSSProperties}
        />
      ))}
    </div>
  );
}
