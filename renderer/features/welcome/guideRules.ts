import type { AgentView } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { MergeView } from '../../../contract/merges.ts';
import type { TaskView } from '../../../contract/tasks.ts';

/** Where a person stands on the way to the first merged task. */
export type GuideStep = 'write' | 'sling' | 'watch' | 'answer' | 'merge' | 'merged';

export interface GuideFacts {
  readonly tasks: Readonly<Record<string, Pick<TaskView, 'column' | 'agent'>>>;
  readonly agents: Readonly<Record<string, Pick<AgentView, 'status'>>>;
  readonly merges: Readonly<Record<string, Pick<MergeView, 'status'>>>;
  readonly attention: Readonly<Record<string, Pick<AttentionItem, 'agent'>>>;
}

/** The next step, from what the room shows: whoever does a thing another way, or first, is simply further. */
export function guideStep({ tasks, agents, merges, attention }: GuideFacts): GuideStep {
  if (Object.values(merges).some((merge) => merge.status === 'merged')) return 'merged';
  const cards = Object.values(tasks);
  if (cards.length === 0) return 'write';
  if (Object.keys(agents).length === 0) return 'sling';
  if (Object.values(attention).some((item) => item.agent !== null)) return 'answer';
  if (cards.some((task) => task.column === 'review' || task.column === 'merging' || task.column === 'done'))
    return 'merge';
  return 'watch';
}

/** Steps that are counted; an answer is an interruption of watching. */
export const GUIDE_NUMBERS: Readonly<Record<GuideStep, number>> = {
  write: 1,
  sling: 2,
  watch: 3,
  answer: 3,
  merge: 4,
  merged: 4,
};
