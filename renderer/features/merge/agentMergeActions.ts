import type { AgentView } from '../../../contract/agents.ts';
import type { MergeView } from '../../../contract/merges.ts';
import type { Action, ActionContext } from '../../actions/registry.ts';
import { showableLine } from '../../stores/showable.ts';
import { mergeBranch } from './mergeCalls.ts';

type Merges = Readonly<Record<string, Pick<MergeView, 'branchName' | 'status'>>>;

/** True when an agent has ended and its branch can be merged: one slung by hand has no lead who would ask for it. */
export function canMergeBranch(agent: Pick<AgentView, 'status' | 'branch' | 'capability'>, merges: Merges): boolean {
  if (agent.status !== 'done' || agent.branch === '') return false;
  if (agent.capability !== 'builder' && agent.capability !== 'lead' && agent.capability !== 'merger') return false;
  return !Object.values(merges).some(
    ({ branchName, status }) => branchName === agent.branch && (status === 'merged' || status === 'merging'),
  );
}

function mergeable({ room, agent }: ActionContext): AgentView | null {
  if (agent === null) return null;
  return canMergeBranch(agent, room.topics.merges.getState().state.byId) ? agent : null;
}

/** What an agent that is done offers about its branch. */
export const agentMergeActions: readonly Action[] = [
  {
    id: 'agent.merge',
    live: true,
    group: 'Agent',
    title(context) {
      const agent = mergeable(context);
      return agent === null ? 'Merge its branch' : `Merge its branch · ${showableLine(agent.name)}`;
    },
    keywords: 'queue land main',
    when: (context) => mergeable(context) !== null,
    async run(context) {
      const agent = mergeable(context);
      if (agent !== null) await mergeBranch(context.room, { branchName: agent.branch });
    },
  },
];
