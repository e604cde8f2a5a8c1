import { useState } from 'react';
import { z } from 'zod';
import { LIMITS } from '../../../contract/limits.ts';
import type { CallError } from '../../../contract/result.ts';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/Field.tsx';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import { useDraft } from '../../stores/useDraft.ts';
import styles from './Board.module.css';
import { askDelete, chooseTarget } from './boardDialogs.tsx';
import { COLUMN_TITLES } from './boardRules.ts';
import { boardStore, tasksOf } from './boardStore.ts';
import { pathsIn } from './slingTarget.ts';
import { FilesField, SpecField } from './TaskFields.tsx';
import { useTaskSpec } from './useTaskSpec.ts';

/** Words of the priorities, most urgent first. */
const PRIORITIES = ['P0 · now', 'P1 · soon', 'P2 · usual', 'P3 · later', 'P4 · some day'] as const;

const Words = z.object({
  title: z.string().max(LIMITS.titleLength),
  description: z.string().max(LIMITS.bodyLength),
  files: z.string(),
  priority: z
    .number()
    .int()
    .min(0)
    .max(PRIORITIES.length - 1),
  blockedBy: z.string(),
  spec: z.string(),
  /** The task once it exists while its spec was refused. */
  created: z.string().nullable(),
});
type Words = z.infer<typeof Words>;

/**
 * Creates a task (`id` null) or changes one, with its spec. A refused save keeps everything that was written; a new task is
 * kept until it is created or cancelled.
 */
export function TaskDialog({
  id,
  column,
  close,
}: {
  readonly id: string | null;
  readonly column: TaskColumn;
  close(): void;
}) {
  const room = useRoom();
  const task = useTopic('tasks', ({ byId }) => (id === null ? undefined : byId[id]));
  const written: Words = {
    title: task?.title ?? '',
    description: task?.description ?? '',
    files: (task?.files ?? []).join('\n'),
    priority: task?.priority ?? 2,
    blockedBy: (task?.blockedBy ?? []).join(', '),
    spec: '',
    created: null,
  };
  const draft = useDraft('task', id === null ? 'new' : null, Words, written);
  const { title, description, files, priority, blockedBy } = draft.value;
  const [error, setError] = useState<CallError | null>(null);
  const [saving, setSaving] = useState(false);
  /** The id once the task exists, so that a spec that was refused is not followed by a second task. */
  const [created, setCreated] = useState(() => {
    const begun = draft.value.created;
    return id ?? (begun !== null && tasksOf(room)[begun] !== undefined ? begun : null);
  });

  const read = useTaskSpec(id, setError, draft.value.spec);
  const spec = {
    ...read,
    setText(text: string) {
      read.setText(text);
      draft.change({ spec: text });
    },
  };
  const errorAt = (...fields: readonly string[]) =>
    error?.field !== undefined && fields.includes(error.field) ? error.message : null;
  const placed = ['title', 'description', 'files', 'blockedBy', 'spec', 'priority'].includes(error?.field ?? '');

  const save = async () => {
    if (title.trim() === '' || saving) return;
    setSaving(true);
    setError(null);
    const content = { title: title.trim(), description, priority, files: [...pathsIn(files)] };
    const saved =
      created === null
        ? await room.link.call('tasks.create', { ...content, blockedBy: [...pathsIn(blockedBy)], column })
        : await room.link.call('tasks.update', { id: created, ...content });
    if (!saved.ok) {
      setError(saved.error);
      setSaving(false);
      return;
    }
    setCreated(saved.value.id);
    draft.change({ created: saved.value.id });
    const refusedSpec = await spec.keep(saved.value.id);
    if (refusedSpec !== null) {
      setError(refusedSpec);
      setSaving(false);
      return;
    }
    setSaving(false);
    draft.drop();
    close();
    if (created === null)
      boardStore(room).setState({
        said: `${saved.value.id} created in ${COLUMN_TITLES[saved.value.column]}`,
        current: saved.value.id,
        focus: saved.value.id,
      });
  };

  return (
    <Dialog
      wide
      title={
        created === null ? (
          `New task in ${COLUMN_TITLES[column]}`
        ) : (
          <>
            Task <span className={styles.sheetId}>{created}</span>
          </>
        )
      }
      onClose={close}
      onSubmit={() => void save()}
      actions={
        <>
          {id === null ? null : (
            <span className={styles.left}>
              <Button live tone="danger" onClick={() => askDelete(room, id)}>
                Delete…
              </Button>
              <Button live onClick={() => chooseTarget(room, id)}>
                Sling…
              </Button>
            </span>
          )}
          {error !== null && !placed ? (
            <p className={styles.sheetError} role="alert">
              {error.message}
            </p>
          ) : null}
          <Button
            onClick={() => {
              draft.drop();
              close();
            }}
          >
            Cancel
          </Button>
          <Button live type="submit" tone="primary" disabled={title.trim() === '' || saving}>
            {created === null ? 'Create' : 'Save'}
          </Button>
        </>
      }
    >
      <Field label="Title" error={errorAt('title')}>
        {(fieldId, describedBy) => (
          <TextInput
            id={fieldId}
            aria-describedby={describedBy}
            autoFocus
            maxLength={LIMITS.titleLength}
            value={title}
            onChange={(event) => draft.change({ title: event.target.value })}
          />
        )}
      </Field>
      <Field label="Description" error={errorAt('description')}>
        {(fieldId, describedBy) => (
          <TextArea
            id={fieldId}
            aria-describedby={describedBy}
            rows={3}
            maxLength={LIMITS.bodyLength}
            value={description}
            onChange={(event) => draft.change({ description: event.target.value })}
          />
        )}
      </Field>
      <div className={styles.two}>
        <Field label="Priority" error={errorAt('priority')}>
          {(fieldId, describedBy) => (
            <Select
              id={fieldId}
              aria-describedby={describedBy}
              value={priority}
              onChange={(event) => draft.change({ priority: Number(event.target.value) })}
            >
              {PRIORITIES.map((words, value) => (
                <option key={words} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label="Blocked by"
          error={errorAt('blockedBy')}
          hint={created === null ? 'Ids of tasks, parted by commas.' : 'Fixed when the task is made.'}
        >
          {(fieldId, describedBy) => (
            <TextInput
              id={fieldId}
              aria-describedby={describedBy}
              readOnly={created !== null}
              placeholder="none"
              value={blockedBy}
              onChange={(event) => draft.change({ blockedBy: event.target.value })}
            />
          )}
        </Field>
      </div>
      <FilesField
        value={files}
        error={errorAt('files')}
        hint="One a line: what an agent on this task may change."
        onChange={(next) => draft.change({ files: next })}
      />
      <SpecField spec={spec} rows={8} error={errorAt('spec')} />
    </Dialog>
  );
}
