import type { SendMailInput } from '../../../contract/mail.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { MergeNews } from './mergeOptions.ts';

/** A mail without its sender. */
export type MergeMail = Omit<SendMailInput, 'from'>;

/**
 * Who has to hear of a merge a person asked for: the parent, and after a failure also the agent whose branch it is, each
 * as long as it still reads mail. An agent that asked for the merge itself has the answer and reports as its role says.
 * Pure; payloads as in spec 02 §1.2.
 */
export function mergeMails(news: MergeNews, session: (name: string) => AgentSession | null): readonly MergeMail[] {
  if (news.requestedBy !== null) return [];
  const { view, merged } = news;
  const owner = session(view.agentName);
  if (owner === null) return [];
  const wanted = [owner.parentAgent, merged ? null : owner.agentName];
  const readers = wanted.filter((name): name is string => name !== null && reads(session(name)));
  const { branchName: branch, taskId, resolvedTier: tier, conflictFiles } = view;
  const errorMessage = view.errorMessage ?? `${branch} did not merge`;
  return [...new Set(readers)].map(
    (to): MergeMail =>
      merged
        ? {
            to,
            type: 'merged',
            priority: 'normal',
            subject: `Merged: ${branch}`,
            body: `${branch} is merged into ${view.target ?? 'its target'} (${tier ?? 'clean-merge'}).`,
            payload: JSON.stringify({ branch, taskId, tier: tier ?? 'clean-merge' }),
          }
        : {
            to,
            type: 'merge_failed',
            priority: 'high',
            subject: `Merge failed: ${branch}`,
            body: errorMessage,
            payload: JSON.stringify({ branch, taskId, conflictFiles, errorMessage }),
          },
  );
}

function reads(session: AgentSession | null): boolean {
  return session !== null && session.state !== 'completed' && session.state !== 'zombie';
}
