import type { AgentState } from '../../../contract/agents.ts';
import type { CleanTarget } from '../../../contract/cleanup.ts';

/** What a clean-up takes away, spelled out. */
export interface CleanParts {
  /** Ends whoever works: what goes is under their feet. */
  readonly stopAgents: boolean;
  readonly worktrees: boolean;
  readonly branches: boolean;
  readonly mail: boolean;
  readonly sessions: boolean;
  readonly metrics: boolean;
  readonly mergeQueue: boolean;
  readonly logs: boolean;
  readonly agents: boolean;
  readonly specs: boolean;
  /** Nudge state and the current run. */
  readonly loose: boolean;
}

/** Spells the targets of one call out (spec 02 §4.3). Sessions of agents at work are not taken from under them: they are stopped. */
export function partsOf(targets: readonly CleanTarget[]): CleanParts {
  const all = targets.includes('all');
  const wants = (target: CleanTarget): boolean => all || targets.includes(target);
  return {
    stopAgents: wants('worktrees') || wants('sessions'),
    worktrees: wants('worktrees'),
    branches: wants('branches'),
    mail: wants('mail'),
    sessions: wants('sessions'),
    metrics: wants('metrics'),
    mergeQueue: all,
    logs: wants('logs'),
    agents: wants('agents'),
    specs: wants('specs'),
    loose: all,
  };
}

/** What is known of a worktree that may be cleaned. */
export interface WorktreeFacts {
  /** Null when no session knows this worktree. */
  readonly session: { readonly state: AgentState; readonly capability: string } | null;
  /** Every commit of it is in the canonical branch or the session's branch; false too when git cannot say. */
  readonly merged: boolean;
  /** Agents of a project of its own, nested in this worktree, that still run. */
  readonly liveChildren: number;
}

export type WorktreeDecision =
  | { readonly do: 'ignore' }
  | { readonly do: 'clean' }
  | { readonly do: 'skip'; readonly reason: string }
  | { readonly do: 'blocked'; readonly reason: string };

/**
 * Whether `ov worktree clean` takes a worktree (spec 02 §4.6). Beyond the reference an agent that has not ended keeps its
 * worktree unless forced: a working agent without commits counts as merged there and loses it.
 */
export function decideWorktree(
  facts: WorktreeFacts,
  options: { readonly completedOnly: boolean; readonly force: boolean },
): WorktreeDecision {
  const { session } = facts;
  if (options.completedOnly && session !== null && session.state !== 'completed') return { do: 'ignore' };
  if (options.force) return { do: 'clean' };
  if (session !== null && session.state !== 'completed' && session.state !== 'zombie')
    return { do: 'skip', reason: `its agent is ${session.state}: stop it first, or pass --force` };
  // A lead commits nothing; what it changed of the tracker is saved before.
  if (session?.capability !== 'lead' && !facts.merged)
    return { do: 'skip', reason: 'its branch is not merged: merge it first, or pass --force' };
  if (facts.liveChildren > 0) {
    const agents = facts.liveChildren === 1 ? 'an agent' : `${facts.liveChildren} agents`;
    return { do: 'blocked', reason: `${agents} of a project inside it still run: stop them, or pass --force` };
  }
  return { do: 'clean' };
}
