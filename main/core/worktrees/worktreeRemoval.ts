import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Changes } from '../changes.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { untilSettled } from '../turns/untilSettled.ts';
import { pathExists } from '../util/files.ts';
import type { Worktrees } from './worktrees.ts';

export interface WorktreeRemovalOptions {
  readonly projectRoot: string;
  readonly worktrees: Pick<Worktrees, 'remove'>;
  readonly sessions: Pick<SessionStore, 'getByName'>;
  readonly events: Pick<EventStore, 'insert'>;
  readonly changes: Pick<Changes, 'agent' | 'events'>;
  readonly isBusy: (agentName: string) => boolean;
}

export interface WorktreeRemovalRequest {
  readonly agentName: string;
  readonly force: boolean;
  readonly acceptLoss: boolean;
}

export interface RemovedWorktree {
  readonly worktree: string;
  readonly branch: string;
  readonly branchDeleted: boolean;
}

/**
 * Removes the worktree of an agent that has ended (spec 02 §3.5, §4.1). Uncommitted work needs `force`, which also deletes
 * an unmerged branch; whatever goes is in the vault first (product.md B3).
 */
export function createWorktreeRemoval(
  options: WorktreeRemovalOptions,
): (request: WorktreeRemovalRequest) => Promise<Result<RemovedWorktree>> {
  const { sessions, worktrees, changes } = options;
  return async ({ agentName, force, acceptLoss }) => {
    const session = sessions.getByName(agentName);
    if (session === null) {
      return fail('notFound', `there is no agent ${agentName}: see "ov status --all" for the names`, {
        data: { agentName },
      });
    }
    const { worktreePath, branchName } = session;
    if (worktreePath === options.projectRoot) {
      return fail('invalidState', `${agentName} works in the project itself, which is never removed`);
    }
    const over = session.state === 'completed' || session.state === 'zombie';
    // The last turn of an agent that was just stopped is still being settled.
    if (!over || !(await untilSettled(options.isBusy, agentName))) {
      return fail('invalidState', `${agentName} is still at work; end it first with "ov stop ${agentName}"`);
    }
    if (!(await pathExists(worktreePath))) {
      return fail(
        'notFound',
        `the worktree of ${agentName} is gone already; "ov vault list ${agentName}" shows what is kept`,
      );
    }
    const removed = await worktrees.remove(worktreePath, { force, forceBranch: force, acceptLoss });
    if (!removed.ok) return removed;
    const { branchDeleted } = removed.value;
    options.events.insert({
      agentName,
      runId: session.runId,
      eventType: 'custom',
      data: JSON.stringify({
        type: 'worktree',
        summary: `worktree of ${agentName} removed${branchDeleted ? `, branch ${branchName} deleted` : ''}`,
      }),
    });
    changes.agent(agentName);
    changes.events();
    return ok({ worktree: worktreePath, branch: branchName, branchDeleted });
  };
}
