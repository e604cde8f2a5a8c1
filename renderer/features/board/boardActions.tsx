import type { Action } from '../../actions/registry.ts';
import { newTask } from './boardDialogs.tsx';

/** What can be done with the board from everywhere. */
export const boardActions: readonly Action[] = [
  {
    id: 'task.create',
    live: true,
    group: 'Board',
    title: () => 'New task…',
    keywords: 'create add card issue',
    run: ({ room }) => newTask(room, 'ready'),
  },
];
