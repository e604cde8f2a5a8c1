import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import styles from './Toggles.module.css';

/** One of the few choices of a `Segmented`. */
export interface SegmentOption<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  readonly disabled?: boolean;
}

/** A choice of one among two to five short words that stand side by side. Arrow keys choose. */
export function Segmented<Value extends string>({
  label,
  options,
  value,
  disabled = false,
  className,
  onChange,
}: {
  /** Name of the choice for screen readers. */
  readonly label: string;
  readonly options: readonly SegmentOption<Value>[];
  readonly value: NoInfer<Value>;
  readonly disabled?: boolean;
  readonly className?: string | undefined;
  onChange(value: NoInfer<Value>): void;
}) {
  return (
    <RadioGroup
      aria-label={label}
      className={cx(styles.segmented, className)}
      value={value}
      disabled={disabled}
      onValueChange={(next: unknown) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen !== undefined) onChange(chosen.value);
      }}
    >
      {options.map((option) => (
        <Radio.Root
          key={option.value}
          value={option.value}
          disabled={option.disabled ?? false}
          className={styles.segment}
          nativeButton
          render={<button type="button" />}
        >
          {option.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
