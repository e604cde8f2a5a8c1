import { Slider as Base } from '@base-ui/react/slider';
import styles from './Slider.module.css';

/** A value in a range where the place matters more than the digits. Arrow keys step, PageUp and PageDown step far, Home and End go to the ends. */
export function Slider({
  label,
  value,
  min = 0,
  max = 100,
  step = 1,
  disabled = false,
  hideLabel = false,
  text,
  onChange,
  onCommit,
}: {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly disabled?: boolean;
  /** True where the label stands elsewhere; screen readers still hear it. */
  readonly hideLabel?: boolean;
  /** The value in words, such as `14:32` or `8 of 24`; shown at the right and read aloud. */
  readonly text?: string;
  onChange(value: number): void;
  /** When the person lets go. */
  onCommit?(value: number): void;
}) {
  return (
    <Base.Root
      className={styles.root}
      value={value}
      min={min}
      max={max}
      step={step}
      largeStep={Math.max(step, Math.round((max - min) / 10 / step) * step)}
      disabled={disabled}
      onValueChange={(next) => onChange(next)}
      {...(onCommit === undefined ? {} : { onValueCommitted: (next: number) => onCommit(next) })}
    >
      {hideLabel ? null : (
        <div className={styles.words} aria-hidden="true">
          <span>{label}</span>
        </div>
      )}
      <Base.Control className={styles.control}>
        <Base.Track className={styles.track}>
          <Base.Indicator className={styles.filled} />
          <Base.Thumb
            className={styles.thumb}
            aria-label={label}
            {...(text === undefined ? {} : { getAriaValueText: () => text })}
          />
        </Base.Track>
      </Base.Control>
      {text === undefined ? null : (
        <span className={styles.text} aria-hidden="true">
          {text}
        </span>
      )}
    </Base.Root>
  );
}
