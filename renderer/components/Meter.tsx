import { Meter as Base } from '@base-ui/react/meter';
import styles from './Meter.module.css';

/** `accent` only where a person is wanted; `plain` where the amount is neither good nor bad. */
export type MeterTone = 'plain' | 'good' | 'warning' | 'danger' | 'accent';

/** An amount against its whole as a thin bar. The words beside it carry the meaning, the bar only the proportion. */
export function Meter({
  label,
  value,
  max = 1,
  tone = 'plain',
  text,
}: {
  /** Name for screen readers. */
  readonly label: string;
  /** Null when it is not known: the bar stays empty. */
  readonly value: number | null;
  readonly max?: number;
  readonly tone?: MeterTone;
  /** The amount in words for screen readers, such as `4.18 of 15.00 dollars`. */
  readonly text: string;
}) {
  const share = value === null || max <= 0 ? 0 : Math.min(1, Math.max(0, value / max));
  return (
    <Base.Root className={styles.root} value={share} min={0} max={1} aria-label={label} getAriaValueText={() => text}>
      <Base.Track className={styles.track}>
        <Base.Indicator className={`${styles.filled} ${styles[tone]}`} />
      </Base.Track>
    </Base.Root>
  );
}
