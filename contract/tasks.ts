import { z } from 'zod';
import { TaskId, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Columns of the board, left to right (ui.md "Board"). */
export const TASK_COLUMNS = ['backlog', 'ready', 'in_progress', 'review', 'merging', 'done'] as const;
export const TaskColumn = z.enum(TASK_COLUMNS);
export type TaskColumn = z.infer<typeof TaskColumn>;

export const TaskView = z.object({
  id: TaskId,
  title: z.string(),
  description: z.string(),
  column: TaskColumn,
  /** 0 is most urgent, as the trackers count. */
  priority: z.number().int().min(0).max(4),
  files: z.array(z.string()),
  blockedBy: z.array(z.string()),
  /** Absolute path of `.overstory/specs/<id>.md` when it exists. */
  specPath: z.string().nullable(),
  /** The agent that works or last worked on it. */
  agent: z.string().nullable(),
  /** Short second line of a card: "tier 2 · 1 conflict", "clean · $0.22", "half even or half up?". */
  note: z.string().nullable(),
  /** Position within the column; lower is higher up. */
  order: z.number(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type TaskView = z.infer<typeof TaskView>;

export const CreateTaskInput = z.object({
  id: TaskId.optional(),
  title: z.string().trim().min(1, 'title must not be empty').max(LIMITS.titleLength),
  description: z.string().max(LIMITS.bodyLength).default(''),
  priority: z.number().int().min(0).max(4).default(2),
  files: z.array(z.string().min(1).max(4_096)).max(500).default([]),
  blockedBy: z.array(TaskId).max(100).default([]),
  column: TaskColumn.default('ready'),
});
export type CreateTaskInput = z.infer<typeof CreateTaskInput>;

export const UpdateTaskInput = z.object({
  id: TaskId,
  title: z.string().trim().min(1).max(LIMITS.titleLength).optional(),
  description: z.string().max(LIMITS.bodyLength).optional(),
  priority: z.number().int().min(0).max(4).optional(),
  files: z.array(z.string().min(1).max(4_096)).max(500).optional(),
  /** Tasks it waits for, all of them. */
  blockedBy: z.array(TaskId).max(100).optional(),
  column: TaskColumn.optional(),
  /** Place it before this card of its column; null puts it last. */
  before: TaskId.nullable().optional(),
});
export type UpdateTaskInput = z.infer<typeof UpdateTaskInput>;

/** Tasks somebody could begin now: nobody works on them, and what they wait for is done. */
export function readyTasks<
  Task extends Pick<TaskView, 'id' | 'column' | 'agent'> & { readonly blockedBy: readonly string[] },
>(tasks: readonly Task[]): readonly Task[] {
  const open = new Set(tasks.filter((task) => task.column !== 'done').map((task) => task.id));
  return tasks.filter((task) => {
    const waits = task.column === 'backlog' || task.column === 'ready';
    return waits && task.agent === null && !task.blockedBy.some((id) => open.has(id));
  });
}
