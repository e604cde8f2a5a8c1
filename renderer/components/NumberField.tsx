import { NumberField as Base } from '@base-ui/react/number-field';
import { Minus, Plus } from 'lucide-react';
import styles from './NumberField.module.css';

/**
 * A number with its unit, typed or stepped by its buttons and the arrow keys (Shift steps ten times as far). What is
 * out of bounds is drawn to the nearest bound when the field is left. Put it into a `Field` for its label: hand on the id.
 */
export function NumberField({
  id,
  describedBy,
  label,
  value,
  min,
  max,
  step = 1,
  decimals = 0,
  unit,
  disabled = false,
  onChange,
  onCommit,
}: {
  readonly id?: string;
  readonly describedBy?: string | undefined;
  /** Name for screen readers where no label stands beside it. */
  readonly label?: string;
  /** Null while the field is empty. */
  readonly value: number | null;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Digits after the point. */
  readonly decimals?: number;
  /** Such as `min` or `USD`. */
  readonly unit?: string;
  readonly disabled?: boolean;
  onChange(value: number | null): void;
  /** When the person is done with it: the field is left, Enter is pressed, or a button is let go. */
  onCommit?(value: number | null): void;
}) {
  return (
    <Base.Root
      className={styles.root}
      {...(id === undefined ? {} : { id })}
      value={value}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      step={step}
      largeStep={step * 10}
      smallStep={step}
      locale="en"
      format={{ maximumFractionDigits: decimals, minimumFractionDigits: 0, useGrouping: false }}
      disabled={disabled}
      onValueChange={(next) => onChange(next)}
      {...(onCommit === undefined ? {} : { onValueCommitted: (next: number | null) => onCommit(next) })}
    >
      <Base.Group className={styles.group}>
        <Base.Input
          className={styles.input}
          aria-label={label}
          aria-describedby={describedBy}
          onKeyDown={(event) => {
            // The library calls it done only when the field is left.
            if (event.key === 'Enter') onCommit?.(value);
          }}
          size={Math.max(4, String(max ?? value ?? '').length + decimals)}
        />
        {unit === undefined ? null : <span className={styles.unit}>{unit}</span>}
        <Base.Decrement className={styles.step} aria-label="Less">
          <Minus size={13} aria-hidden="true" />
        </Base.Decrement>
        <Base.Increment className={styles.step} aria-label="More">
          <Plus size={13} aria-hidden="true" />
        </Base.Increment>
      </Base.Group>
    </Base.Root>
  );
}
