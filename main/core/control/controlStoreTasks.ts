import { fail, ok, type Result } from '../../../contract/result.ts';
import { TASK_COLUMNS, type TaskColumn } from '../../../contract/tasks.ts';
import { timestamp } from '../../platform/clock.ts';
import type { StoreContext } from '../db/openDatabase.ts';
import { isConstraintViolation } from '../db/storeError.ts';
import { parseStrings } from './controlStoreSchema.ts';

/** A card of the board as stored: a `TaskView` without what the file system knows. */
export interface StoredTask {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly column: TaskColumn;
  readonly priority: number;
  readonly files: readonly string[];
  readonly blockedBy: readonly string[];
  readonly agent: string | null;
  readonly note: string | null;
  /** Lower is higher up in the column. */
  readonly position: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A new card; it goes to the end of its column. */
export type NewTask = Omit<StoredTask, 'position' | 'createdAt' | 'updatedAt' | 'agent' | 'note'> &
  Partial<Pick<StoredTask, 'agent' | 'note'>>;

/** Changes of a card; absent fields stay. */
export type TaskPatch = Partial<Omit<NewTask, 'id'>>;

/** The board's own tasks. Lists are in board order: by column, then position. */
export interface TaskStore {
  /** `conflict` when the id is taken. */
  createTask(task: NewTask): Result<StoredTask>;
  getTask(id: string): StoredTask | null;
  listTasks(): readonly StoredTask[];
  /** A card that changes its column goes to the end of the new one. `notFound` for an unknown id. */
  updateTask(id: string, patch: TaskPatch): Result<StoredTask>;
  /** Puts a card into a column before another card of it, or last for null. `notFound` for an unknown id. */
  placeTask(id: string, column: TaskColumn, before: string | null): Result<StoredTask>;
  /** True if the card was there. */
  deleteTask(id: string): boolean;
}

interface TaskRow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly column: string;
  readonly priority: number;
  readonly files: string;
  readonly blocked_by: string;
  readonly agent: string | null;
  readonly note: string | null;
  readonly position: number;
  readonly created_at: string;
  readonly updated_at: string;
}

function fromRow(row: TaskRow): StoredTask {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    // Only ever written from the contract's type.
    column: row.column as TaskColumn,
    priority: row.priority,
    files: parseStrings(row.files),
    blockedBy: parseStrings(row.blocked_by),
    agent: row.agent,
    note: row.note,
    position: row.position,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toRow(task: StoredTask): TaskRow {
  return {
    id: task.id,
    title: task.title,
    description: task.description,
    column: task.column,
    priority: task.priority,
    files: JSON.stringify(task.files),
    blocked_by: JSON.stringify(task.blockedBy),
    agent: task.agent,
    note: task.note,
    position: task.position,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
  };
}

/** Distance between two cards put one after the other; halves at each insert between them. */
const STEP = 1_024;
/** Below this distance a column is numbered afresh, long before doubles run out of digits. */
const SMALLEST_GAP = 1e-6;

/**
 * Position of a card between two neighbours, null standing for an end of the column; null when they are too close and the
 * column has to be numbered afresh.
 */
export function positionBetween(above: number | null, below: number | null): number | null {
  if (above === null) return below === null ? STEP : below - STEP;
  if (below === null) return above + STEP;
  return below - above < SMALLEST_GAP ? null : (above + below) / 2;
}

/** Prepares the task part of the control store; the schema must be current. */
export function buildTasks({ connection, clock }: StoreContext): TaskStore {
  const { database, write } = connection;
  const COLUMN_ORDER = `CASE "column" ${TASK_COLUMNS.map((name, index) => `WHEN '${name}' THEN ${index}`).join(' ')} END`;
  const put = database.prepare<[TaskRow]>(
    `INSERT INTO tasks
      (id, title, description, "column", priority, files, blocked_by, agent, note, position, created_at, updated_at)
      VALUES (@id, @title, @description, @column, @priority, @files, @blocked_by, @agent, @note, @position,
        @created_at, @updated_at)`,
  );
  const change = database.prepare<[TaskRow]>(
    `UPDATE tasks SET title = @title, description = @description, "column" = @column, priority = @priority,
      files = @files, blocked_by = @blocked_by, agent = @agent, note = @note, position = @position,
      updated_at = @updated_at WHERE id = @id`,
  );
  const byId = database.prepare<[string], TaskRow>('SELECT * FROM tasks WHERE id = ?');
  const all = database.prepare<[], TaskRow>(`SELECT * FROM tasks ORDER BY ${COLUMN_ORDER}, position, id`);
  const cards = database.prepare<[string, string], { id: string; position: number }>(
    'SELECT id, position FROM tasks WHERE "column" = ? AND id <> ? ORDER BY position, id',
  );
  const setPosition = database.prepare<[number, string]>('UPDATE tasks SET position = ? WHERE id = ?');
  const remove = database.prepare<[string]>('DELETE FROM tasks WHERE id = ?');

  /** Position for card `id` in a column before another card; an unknown neighbour means the end. */
  function place(id: string, column: TaskColumn, before: string | null): number {
    for (;;) {
      const others = cards.all(column, id);
      const found = before === null ? -1 : others.findIndex((card) => card.id === before);
      const index = found === -1 ? others.length : found;
      const position = positionBetween(others[index - 1]?.position ?? null, others[index]?.position ?? null);
      if (position !== null) return position;
      for (const [at, card] of others.entries()) setPosition.run((at + 1) * STEP, card.id);
    }
  }

  function store(current: StoredTask, changes: Partial<StoredTask>): StoredTask {
    const next = { ...current, ...changes, updatedAt: timestamp(clock.now()) };
    change.run(toRow(next));
    return next;
  }

  const missing = (id: string): Result<never> => fail('notFound', `there is no task ${id} on the board`);

  return {
    createTask(task) {
      try {
        return write(() => {
          const now = timestamp(clock.now());
          const created: StoredTask = {
            ...task,
            agent: task.agent ?? null,
            note: task.note ?? null,
            position: place(task.id, task.column, null),
            createdAt: now,
            updatedAt: now,
          };
          put.run(toRow(created));
          return ok(created);
        });
      } catch (error) {
        if (!isConstraintViolation(error)) throw error;
        return fail('conflict', `task ${task.id} exists already: choose another id`, { field: 'id' });
      }
    },
    getTask(id) {
      const row = byId.get(id);
      return row === undefined ? null : fromRow(row);
    },
    listTasks: () => all.all().map(fromRow),
    updateTask(id, patch) {
      return write(() => {
        const row = byId.get(id);
        if (row === undefined) return missing(id);
        const current = fromRow(row);
        const moves = patch.column !== undefined && patch.column !== current.column;
        const position = moves ? place(id, patch.column ?? current.column, null) : current.position;
        return ok(store(current, { ...patch, position }));
      });
    },
    placeTask(id, column, before) {
      return write(() => {
        const row = byId.get(id);
        if (row === undefined) return missing(id);
        const position = place(id, column, before);
        return ok(store(fromRow(row), { column, position }));
      });
    },
    deleteTask: (id) => write(() => remove.run(id).changes > 0),
  };
}
