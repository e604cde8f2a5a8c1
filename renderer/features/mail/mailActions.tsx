import type { Action } from '../../actions/registry.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { showableLine } from '../../stores/showable.ts';
import { ComposeDialog } from './ComposeDialog.tsx';

/** Writing mail, from anywhere. */
export const mailActions: readonly Action[] = [
  {
    id: 'mail.compose',
    live: true,
    group: 'Mail',
    title: () => 'Write mail…',
    shortcut: 'Shift+C',
    keywords: 'compose send message group broadcast',
    run: ({ room }) => openDialog(room, (close) => <ComposeDialog to="" close={close} />),
  },
  {
    id: 'agent.compose',
    live: true,
    group: 'Agent',
    title: ({ agent }) => (agent === null ? 'Write mail…' : `Write mail to ${showableLine(agent.name)}…`),
    when: ({ agent }) => agent !== null,
    run: ({ room, agent }) => openDialog(room, (close) => <ComposeDialog to={agent?.name ?? ''} close={close} />),
  },
];
