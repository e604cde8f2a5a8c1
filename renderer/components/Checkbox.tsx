import { Checkbox as Base } from '@base-ui/react/checkbox';
import { Check, Minus } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import styles from './Toggles.module.css';

/** One choice among several that go together; `mixed` when only part of what it stands for is chosen. Space changes it. */
export function Checkbox({
  label,
  hint,
  checked,
  mixed = false,
  disabled = false,
  hideLabel = false,
  onChange,
}: {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  readonly mixed?: boolean;
  readonly disabled?: boolean;
  /** True where the label stands elsewhere, such as in a column's heading: screen readers still hear it. */
  readonly hideLabel?: boolean;
  onChange(checked: boolean): void;
}) {
  const id = useId();
  return (
    <div className={styles.checkLine} data-disabled={disabled || undefined}>
      <Base.Root
        id={id}
        className={styles.box}
        checked={checked}
        indeterminate={mixed}
        disabled={disabled}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onCheckedChange={(next) => onChange(next)}
      >
        <Base.Indicator className={styles.tick}>
          {mixed ? <Minus size={12} aria-hidden="true" /> : <Check size={12} aria-hidden="true" />}
        </Base.Indicator>
      </Base.Root>
      <div className={hideLabel ? 'visually-hidden' : styles.words}>
        <label id={`${id}-label`} htmlFor={id} className={styles.label}>
          {label}
        </label>
        {hint === undefined ? null : (
          <span id={`${id}-hint`} className={styles.hint}>
            {hint}
          </span>
        )}
      </div>
    </div>
  );
}
