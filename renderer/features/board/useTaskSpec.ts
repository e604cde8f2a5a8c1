import { useEffect, useState } from 'react';
import type { CallError } from '../../../contract/result.ts';
import { useRoom } from '../../stores/hooks.ts';

/** A task's spec while it is edited. */
export interface TaskSpec {
  /** What is kept with the task; null until it is read. */
  readonly saved: string | null;
  readonly text: string;
  setText(text: string): void;
  /** Keeps what was changed, unless there is nothing to keep. @returns null, or why it was refused, for the field `spec`. */
  keep(taskId: string): Promise<CallError | null>;
}

/**
 * Reads the spec of a task (null: one that does not exist yet, whose spec begins as `begun`); a reading that fails is told
 * to `onError`.
 */
export function useTaskSpec(taskId: string | null, onError: (error: CallError) => void, begun = ''): TaskSpec {
  const room = useRoom();
  const [saved, setSaved] = useState<string | null>(taskId === null ? '' : null);
  const [text, setText] = useState(taskId === null ? begun : '');

  // biome-ignore lint/correctness/useExhaustiveDependencies: another onError is no reason to read again.
  useEffect(() => {
    if (taskId === null) return;
    let over = false;
    void room.link.call('tasks.readSpec', { id: taskId }).then((read) => {
      if (over) return;
      setSaved(read.ok ? read.value.body : '');
      setText(read.ok ? read.value.body : '');
      if (!read.ok) onError({ ...read.error, field: 'spec' });
    });
    return () => {
      over = true;
    };
  }, [room, taskId]);

  return {
    saved,
    text,
    setText,
    async keep(id) {
      if (saved === null || text === saved || text.trim() === '') return null;
      const written = await room.link.call('tasks.writeSpec', { id, body: text });
      if (!written.ok) return { ...written.error, field: 'spec' };
      setSaved(text);
      return null;
    },
  };
}
