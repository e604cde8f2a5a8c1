import type { AgentStatus, AgentView } from '../../../contract/agents.ts';
import { TASK_COLUMNS, type TaskColumn, type TaskView, type UpdateTaskInput } from '../../../contract/tasks.ts';
import { STATUS_WORDS } from '../../components/StatusMark.tsx';
import { stableList } from '../../stores/reuse.ts';

export const COLUMN_TITLES: Readonly<Record<TaskColumn, string>> = {
  backlog: 'Backlog',
  ready: 'Ready',
  in_progress: 'In progress',
  review: 'Review',
  merging: 'Merging',
  done: 'Done',
};

/** A move the engine has not confirmed yet: where the card is shown meanwhile. */
export interface PendingMove {
  readonly column: TaskColumn;
  readonly order: number;
}
type Tasks = Readonly<Record<string, TaskView>>;
export type PendingMoves = Readonly<Record<string, PendingMove>>;

/** Ids of one column, top down, with pending moves applied. */
export function columnIds(tasks: Tasks, moves: PendingMoves, column: TaskColumn): readonly string[] {
  return Object.values(tasks)
    .map((task) => ({ id: task.id, column: task.column, order: task.order, ...moves[task.id] }))
    .filter((card) => card.column === column)
    .sort((left, right) => left.order - right.order || left.id.localeCompare(right.id))
    .map((card) => card.id);
}

/** `columnIds` for each column, the same list as long as its cards are the same. */
export const selectColumn = Object.fromEntries(
  TASK_COLUMNS.map((column) => [
    column,
    stableList((tasks: Tasks, moves: PendingMoves) => columnIds(tasks, moves, column)),
  ]),
) as Readonly<Record<TaskColumn, (tasks: Tasks, moves: PendingMoves) => readonly string[]>>;

/** All columns as they are shown. */
export function boardColumns(tasks: Tasks, moves: PendingMoves): Readonly<Record<TaskColumn, readonly string[]>> {
  return Object.fromEntries(TASK_COLUMNS.map((column) => [column, selectColumn[column](tasks, moves)])) as Readonly<
    Record<TaskColumn, readonly string[]>
  >;
}

/** Where a card is dropped. `before` names the card it is put above; null is the end of the column. */
export type DropPlace =
  | { readonly kind: 'column'; readonly column: TaskColumn; readonly before: string | null }
  | { readonly kind: 'role'; readonly role: AgentView['capability'] }
  | { readonly kind: 'agent'; readonly name: string };

/** What a drop asks of the engine; null when it changes nothing. */
export type DropCall =
  | { readonly do: 'move'; readonly input: UpdateTaskInput; readonly shown: PendingMove }
  | { readonly do: 'sling'; readonly place: Exclude<DropPlace, { kind: 'column' }> }
  | null;

/** Maps a drop to the call it stands for. */
export function dropCall(taskId: string, place: DropPlace, tasks: Tasks, moves: PendingMoves): DropCall {
  if (place.kind !== 'column') return { do: 'sling', place };
  const task = tasks[taskId];
  if (task === undefined) return null;
  const ids = columnIds(tasks, moves, place.column);
  const at = ids.indexOf(taskId);
  const others = ids.filter((id) => id !== taskId);
  const next = place.before === taskId ? (ids[at + 1] ?? null) : place.before;
  const index = next === null ? others.length : others.indexOf(next);
  if (index < 0 || index === at) return null;
  const input: UpdateTaskInput =
    at >= 0 ? { id: taskId, before: next } : { id: taskId, column: place.column, before: next };
  const orderOf = (id: string | undefined) => (id === undefined ? undefined : (moves[id]?.order ?? tasks[id]?.order));
  return {
    do: 'move',
    input,
    shown: { column: place.column, order: between(orderOf(others[index - 1]), orderOf(others[index])) },
  };
}

/** A number between two others, either of which may be missing. */
export function between(before: number | undefined, after: number | undefined): number {
  if (before === undefined) return after === undefined ? 0 : after - 1;
  return after === undefined ? before + 1 : (before + after) / 2;
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The card the keyboard stands on after an arrow; sideways it keeps its height and passes over empty columns. */
export function stepCard(
  columns: Readonly<Record<TaskColumn, readonly string[]>>,
  current: string | null,
  direction: Direction,
): string | null {
  const all = TASK_COLUMNS.map((column) => columns[column]);
  const x = all.findIndex((ids) => current !== null && ids.includes(current));
  if (current === null || x < 0) return all.find((ids) => ids.length > 0)?.[0] ?? null;
  const ids = all[x] ?? [];
  const y = ids.indexOf(current);
  if (direction === 'up') return ids[Math.max(0, y - 1)] ?? current;
  if (direction === 'down') return ids[Math.min(ids.length - 1, y + 1)] ?? current;
  const beside =
    direction === 'right'
      ? all.slice(x + 1).find((list) => list.length > 0)
      : all.slice(0, x).findLast((list) => list.length > 0);
  return beside?.[Math.min(y, beside.length - 1)] ?? current;
}

/** Where a card goes when it is moved by the keyboard: one place up or down, or to the end of the column beside it. */
export function stepPlace(
  columns: Readonly<Record<TaskColumn, readonly string[]>>,
  id: string,
  direction: Direction,
): DropPlace | null {
  const x = TASK_COLUMNS.findIndex((column) => columns[column].includes(id));
  const column = TASK_COLUMNS[x];
  if (column === undefined) return null;
  const ids = columns[column];
  const y = ids.indexOf(id);
  if (direction === 'up') {
    const before = ids[y - 1];
    return before === undefined ? null : { kind: 'column', column, before };
  }
  if (direction === 'down') return y >= ids.length - 1 ? null : { kind: 'column', column, before: ids[y + 2] ?? null };
  const beside = TASK_COLUMNS[direction === 'right' ? x + 1 : x - 1];
  if (beside === undefined) return null;
  return { kind: 'column', column: beside, before: columns[beside][y] ?? null };
}

/** What a screen reader says after a move. */
export function moveWords(id: string, columns: Readonly<Record<TaskColumn, readonly string[]>>): string {
  const column = TASK_COLUMNS.find((name) => columns[name].includes(id));
  if (column === undefined) return '';
  const ids = columns[column];
  return `${id} moved to ${COLUMN_TITLES[column]}, ${ids.indexOf(id) + 1} of ${ids.length}`;
}

/** The second line of a card. */
export interface CardLine {
  readonly status: AgentStatus | null;
  readonly text: string;
  /** Follows the text; where it must be cut, it loses its beginning. */
  readonly path?: string;
  /** True where a person is wanted: the line is amber. */
  readonly wanted: boolean;
}

/** The folder all files of a task share, or the file itself when it is one; null without files. */
export function commonPath(files: readonly string[]): string | null {
  const [first, ...rest] = files;
  if (first === undefined) return null;
  if (rest.length === 0) return first;
  let parts = first.split('/').slice(0, -1);
  for (const file of rest) {
    const other = file.split('/').slice(0, -1);
    const differs = parts.findIndex((part, index) => part !== other[index]);
    if (differs >= 0) parts = parts.slice(0, differs);
  }
  return parts.length === 0 ? `${files.length} files` : parts.join('/');
}

/** Says where a task stands: who works on it and how, what it waits for, or how urgent it is. */
export function cardLine(task: TaskView, agent: AgentView | undefined, openBlockers: readonly string[]): CardLine {
  const calm = (status: AgentStatus | null, text: string): CardLine => ({ status, text, wanted: false });
  if (task.column === 'done') return calm('done', task.note ?? task.agent ?? 'done');
  if (agent !== undefined && task.column !== 'backlog' && task.column !== 'ready') {
    if (agent.status === 'needsYou') return { status: 'needsYou', text: task.note ?? agent.activity, wanted: true };
    if (task.column === 'merging') return calm(null, task.note ?? agent.name);
    const word = agent.status === 'inTurn' || agent.status === 'working' ? null : STATUS_WORDS[agent.status];
    return calm(agent.status, [agent.name, task.note ?? word].filter((part) => part !== null).join(' · '));
  }
  if (openBlockers.length > 0) return calm(null, `P${task.priority} · needs ${openBlockers.join(', ')}`);
  if (task.note !== null) return calm(null, `P${task.priority} · ${task.note}`);
  const path = commonPath(task.files);
  return path === null ? calm(null, `P${task.priority}`) : { ...calm(null, `P${task.priority} · `), path };
}

/** Tasks that still stand before this one. */
export function openBlockers(task: TaskView, tasks: Tasks): readonly string[] {
  return task.blockedBy.filter((id) => tasks[id]?.column !== 'done');
}
