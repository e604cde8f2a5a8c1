import { LIMITS } from '../../../contract/limits.ts';
import { Field, TextArea } from '../../components/Field.tsx';
import styles from './Board.module.css';
import type { TaskSpec } from './useTaskSpec.ts';

/** The spec of a task, in a text area of so many rows. */
export function SpecField({
  spec,
  rows,
  error,
  hint,
}: {
  readonly spec: TaskSpec;
  readonly rows: number;
  readonly error: string | null;
  readonly hint?: string;
}) {
  return (
    <Field label="Spec" error={error} hint={hint}>
      {(id, describedBy) => (
        <TextArea
          id={id}
          aria-describedby={describedBy}
          className={styles.spec}
          rows={rows}
          spellCheck={false}
          disabled={spec.saved === null}
          maxLength={LIMITS.bodyLength}
          placeholder="What is to be done, and how it is known to be done."
          value={spec.text}
          onChange={(event) => spec.setText(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Paths an agent may change, one a line. */
export function FilesField({
  value,
  error,
  hint,
  onChange,
}: {
  readonly value: string;
  readonly error: string | null;
  readonly hint: string;
  onChange(value: string): void;
}) {
  return (
    <Field label="Files" error={error} hint={hint}>
      {(id, describedBy) => (
        <TextArea
          id={id}
          aria-describedby={describedBy}
          className={styles.spec}
          rows={2}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
