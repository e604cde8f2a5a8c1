import type { Action } from '../../actions/registry.ts';

/** The guided first sling, from everywhere. */
export const welcomeActions: readonly Action[] = [
  {
    id: 'guide.start',
    group: 'View',
    title: ({ room }) => (room.ui.getState().guide === 'on' ? 'End the guide' : 'Guide me through the first sling'),
    keywords: 'help tutorial newcomer first task learn',
    run({ room }) {
      if (room.ui.getState().guide === 'on') room.ui.setState({ guide: 'done' });
      else {
        room.ui.setState({ guide: 'on' });
        room.actions.run('go.board', room);
      }
    },
  },
];
