import { type KeyboardEvent, useCallback, useEffect } from 'react';
import type { Capability, SlingRequest } from '../../../contract/agents.ts';
import { TASK_COLUMNS } from '../../../contract/tasks.ts';
import { isTyping, overlayOpen } from '../../actions/shortcuts.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { useLoaded, useRoom, useTopic } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import { NothingThen } from '../replay/NothingThen.tsx';
import styles from './Board.module.css';
import { BoardColumn } from './BoardColumn.tsx';
import { askDelete, chooseTarget, openTask } from './boardDialogs.tsx';
import { boardColumns, type Direction, type DropPlace, selectColumn, stepCard, stepPlace } from './boardRules.ts';
import { boardStore, moveTask, tasksOf, useBoard } from './boardStore.ts';
import { RoleBar } from './RoleBar.tsx';
import { slingRequest, slingTarget } from './slingTarget.ts';
import { useTaskDrag } from './useTaskDrag.tsx';

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** The request a drop on a place stands for before anything is changed in the sheet. */
export function requestAt(
  room: Room,
  taskId: string,
  place: Exclude<DropPlace, { kind: 'column' }>,
): SlingRequest | null {
  const task = tasksOf(room)[taskId];
  if (task === undefined) return null;
  const agents = room.topics.agents.getState().state.byId;
  return slingRequest({ ...slingTarget(place, agents), taskId, name: '', files: task.files }, agents);
}

function onCardKey(event: KeyboardEvent, room: Room, id: string): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const store = boardStore(room);
  const columns = boardColumns(tasksOf(room), store.getState().moves);
  const direction = DIRECTIONS[event.key];
  // In a replay cards are walked over and opened; nothing moves, slings or deletes them.
  if (room.replay !== null && event.key !== 'Enter' && (direction === undefined || event.shiftKey)) return;
  if (direction !== undefined && event.shiftKey) {
    const place = stepPlace(columns, id, direction);
    if (place !== null) {
      void moveTask(room, id, place);
      // The card is made anew in the other column; the keyboard goes with it.
      store.setState({ current: id, focus: id });
    }
  } else if (direction !== undefined) {
    const next = stepCard(columns, id, direction);
    if (next !== null) store.setState({ current: next, focus: next });
  } else if (event.key === 'Enter') openTask(room, id);
  else if (event.key.toLowerCase() === 's') chooseTarget(room, id);
  else if (event.key === 'Delete') askDelete(room, id);
  else return;
  event.preventDefault();
}

/** Columns of tasks; a task is slung by dragging it onto an agent or a role, or by `S`. */
export function BoardScreen() {
  const room = useRoom();
  const loaded = useLoaded('tasks');
  const count = useTopic('tasks', ({ byId }) => Object.keys(byId).length);
  const moves = useBoard((state) => state.moves);
  const firstColumn = useTopic('tasks', ({ byId }) =>
    TASK_COLUMNS.find((column) => selectColumn[column](byId, moves).length > 0),
  );
  const dragging = useBoard((state) => state.dragging);
  const said = useBoard((state) => state.said);
  useTaskDrag();

  useEffect(() => {
    if (room.replay !== null) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (isTyping(event.target) || overlayOpen() || event.key.toLowerCase() !== 'n') return;
      room.actions.run('task.create', room);
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [room]);

  const requestFor = useCallback(
    (role: Capability) => (dragging === null ? null : requestAt(room, dragging, { kind: 'role', role })),
    [dragging, room],
  );
  return (
    <div className={styles.screen}>
      <div
        role="group"
        aria-label="Board"
        className={styles.board}
        onKeyDown={(event) => {
          const card = event.target instanceof HTMLElement ? event.target.dataset.task : undefined;
          if (card !== undefined) onCardKey(event, room, card);
        }}
      >
        {TASK_COLUMNS.map((column) => (
          <BoardColumn key={column} column={column} firstOfBoard={column === firstColumn} />
        ))}
      </div>
      {loaded && count === 0 ? (
        <div className={styles.nothing}>
          <NothingThen what="tasks">
            <EmptyState
              title="No tasks yet"
              text="Write a task, then drag its card onto an agent or a role. By keyboard: N makes a task, S slings it."
            >
              <Button tone="primary" onClick={() => room.actions.run('task.create', room)}>
                New task
              </Button>
            </EmptyState>
          </NothingThen>
        </div>
      ) : null}
      {dragging === null ? null : <RoleBar requestFor={requestFor} />}
      <div className="visually-hidden" role="status" aria-live="polite" aria-label="Board news">
        {said}
      </div>
    </div>
  );
}
