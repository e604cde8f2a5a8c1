import { useState } from 'react';
import { LIMITS } from '../../../contract/limits.ts';
import type { CallError } from '../../../contract/result.ts';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/Field.tsx';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import styles from './Board.module.css';
import { askDelete, chooseTarget } from './boardDialogs.tsx';
import { COLUMN_TITLES } from './boardRules.ts';
import { boardStore } from './boardStore.ts';
import { pathsIn } from './slingTarget.ts';
import { FilesField, SpecField } from './TaskFields.tsx';
import { useTaskSpec } from './useTaskSpec.ts';

/** Words of the priorities, most urgent first. */
const PRIORITIES = ['P0 · now', 'P1 · soon', 'P2 · usual', 'P3 · later', 'P4 · some day'] as const;

/** Creates a task (`id` null) or changes one, with its spec. A refused save keeps everything that was written. */
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
  const [title, setTitle] = useState(task?.title ?? '');
  const [description, setDescription] = useState(task?.description ?? '');
  const [files, setFiles] = useState((task?.files ?? []).join('\n'));
  const [priority, setPriority] = useState(task?.priority ?? 2);
  const [blockedBy, setBlockedBy] = useState((task?.blockedBy ?? []).join(', '));
  const [error, setError] = useState<CallError | null>(null);
  const [saving, setSaving] = useState(false);
  /** The id once the task exists, so that a spec that was refused is not followed by a second task. */
  const [created, setCreated] = useState(id);

  const spec = useTaskSpec(id, setError);
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
    const refusedSpec = await spec.keep(saved.value.id);
    if (refusedSpec !== null) {
      setError(refusedSpec);
      setSaving(false);
      return;
    }
    setSaving(false);
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
              <Button tone="danger" onClick={() => askDelete(room, id)}>
                Delete…
              </Button>
              <Button onClick={() => chooseTarget(room, id)}>Sling…</Button>
            </span>
          )}
          {error !== null && !placed ? (
            <p className={styles.sheetError} role="alert">
              {error.message}
            </p>
          ) : null}
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={title.trim() === '' || saving}>
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
            onChange={(event) => setTitle(event.target.value)}
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
            onChange={(event) => setDescription(event.target.value)}
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
              onChange={(event) => setPriority(Number(event.target.value))}
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
              onChange={(event) => setBlockedBy(event.target.value)}
            />
          )}
        </Field>
      </div>
      <FilesField
        value={files}
        error={errorAt('files')}
        hint="One a line: what an agent on this task may change."
        onChange={setFiles}
      />
      <SpecField spec={spec} rows={8} error={errorAt('spec')} />
    </Dialog>
  );
}
