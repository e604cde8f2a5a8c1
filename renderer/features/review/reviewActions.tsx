import type { AgentView } from '../../../contract/agents.ts';
import type { Action } from '../../actions/registry.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import type { Room } from '../../stores/room.ts';
import { showableLine } from '../../stores/showable.ts';
import { ReviewDialog } from './ReviewDialog.tsx';

/** True for an agent with a branch of its own; a coordinator works in the project itself. */
export function hasBranch(room: Room, agent: AgentView): boolean {
  const root = room.topics.status.getState().state.value?.project.root ?? null;
  return agent.branch !== '' && agent.worktree !== root;
}

/** Reviewing what an agent changed, from anywhere. */
export const reviewActions: readonly Action[] = [
  {
    id: 'agent.review',
    live: true,
    group: 'Agent',
    title: ({ agent }) => (agent === null ? 'Review changes' : `Review changes · ${showableLine(agent.name)}`),
    shortcut: 'Shift+R',
    keywords: 'diff files comments branch code',
    when: ({ room, agent }) => agent !== null && hasBranch(room, agent),
    run({ room, agent }) {
      if (agent !== null) openDialog(room, (close) => <ReviewDialog name={agent.name} close={close} />);
    },
  },
];
