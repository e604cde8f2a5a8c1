import { type ComponentPropsWithRef, type ReactNode, useId } from 'react';
import { cx } from './cx.ts';
import styles from './Field.module.css';

/** A labelled form control with an optional line of help or error under it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  children(id: string, describedBy: string | undefined): ReactNode;
}) {
  const id = useId();
  const note = error ?? hint ?? null;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children(id, note === null ? undefined : `${id}-note`)}
      {note === null ? null : (
        <div
          id={`${id}-note`}
          className={cx(styles.note, error != null && styles.error)}
          role={error == null ? undefined : 'alert'}
        >
          {note}
        </div>
      )}
    </div>
  );
}

export function TextInput({ className, ...rest }: ComponentPropsWithRef<'input'>) {
  return <input autoComplete="off" spellCheck={false} {...rest} className={cx(styles.input, className)} />;
}

export function TextArea({ className, ...rest }: ComponentPropsWithRef<'textarea'>) {
  return <textarea rows={4} {...rest} className={cx(styles.input, styles.area, className)} />;
}

/** One choice of a `Select`. */
export interface SelectOption {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
}

/** A choice of one among many, by the browser's own list: give `options`, or option elements for groups. */
export function Select({
  className,
  options,
  children,
  ...rest
}: ComponentPropsWithRef<'select'> & { readonly options?: readonly SelectOption[] }) {
  return (
    <select {...rest} className={cx(styles.input, styles.select, className)}>
      {options?.map(({ value, label, disabled = false }) => (
        <option key={value} value={value} disabled={disabled}>
          {label}
        </option>
      ))}
      {children}
    </select>
  );
}
