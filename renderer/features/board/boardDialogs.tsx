import type { TaskColumn } from '../../../contract/tasks.ts';
import { callEngine } from '../../actions/calls.ts';
import { ConfirmDialog } from '../../actions/dialogs.tsx';
import { openDialog } from '../../actions/roomActions.tsx';
import type { Room } from '../../stores/room.ts';
import { showableLine } from '../../stores/showable.ts';
import type { DropPlace } from './boardRules.ts';
import { boardStore, tasksOf } from './boardStore.ts';
import { SlingSheet } from './SlingSheet.tsx';
import { slingTarget } from './slingTarget.ts';
import { TargetChooser } from './TargetChooser.tsx';
import { TaskDialog } from './TaskDialog.tsx';

/** Opens a task to read and change it. */
export function openTask(room: Room, id: string): void {
  const task = tasksOf(room)[id];
  if (task === undefined) return;
  openDialog(room, (close) => <TaskDialog key={id} id={id} column={task.column} close={close} />);
}

/** Opens an empty task. */
export function newTask(room: Room, column: TaskColumn): void {
  openDialog(room, (close) => <TaskDialog key="new" id={null} column={column} close={close} />);
}

/** Opens the sling sheet for a task and a place it was dropped on, or that was chosen by keyboard. */
export function openSling(room: Room, taskId: string, place: Exclude<DropPlace, { kind: 'column' }>): void {
  const target = slingTarget(place, room.topics.agents.getState().state.byId);
  openDialog(room, (close) => <SlingSheet key={taskId} taskId={taskId} target={target} close={close} />);
}

/** Asks where a task is slung to, then opens the sheet. */
export function chooseTarget(room: Room, taskId: string): void {
  openDialog(room, (close) => (
    <TargetChooser taskId={taskId} close={close} onChoose={(place) => openSling(room, taskId, place)} />
  ));
}

/** Deletes a task after a question. */
export function askDelete(room: Room, id: string): void {
  const task = tasksOf(room)[id];
  openDialog(room, (close) => (
    <ConfirmDialog
      title={`Delete ${id}?`}
      text={
        task?.agent == null
          ? 'The task leaves the board. Its spec stays in the project.'
          : `The task leaves the board. Its spec stays in the project, and ${showableLine(task.agent)} goes on as it is.`
      }
      confirm="Delete task"
      close={close}
      onConfirm={async () => {
        const deleted = await callEngine(room, 'tasks.delete', { id });
        if (deleted.ok) boardStore(room).setState({ said: `${id} deleted`, current: null });
      }}
    />
  ));
}
