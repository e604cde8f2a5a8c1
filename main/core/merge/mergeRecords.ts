import type { MergeStatus, MergeTier, MergeView } from '../../../contract/merges.ts';

/** A row of the merge queue (spec 02 §2.1). */
export interface MergeQueueEntry {
  readonly id: number;
  readonly branchName: string;
  readonly taskId: string;
  readonly agentName: string;
  readonly filesModified: readonly string[];
  readonly enqueuedAt: string;
  readonly status: MergeStatus;
  readonly resolvedTier: MergeTier | null;
}

/** The merge queue as the service needs it; `mergeQueueStore.ts` is the real one. */
export interface MergeQueue {
  enqueue(input: {
    readonly branchName: string;
    readonly taskId: string;
    readonly agentName: string;
    readonly filesModified: readonly string[];
  }): MergeQueueEntry;
  list(status?: MergeStatus): readonly MergeQueueEntry[];
  /** Sets every row of the branch; without a tier the tier becomes null (spec 02 §2.1). */
  updateStatus(branchName: string, status: MergeStatus, tier?: MergeTier): void;
  /** Takes one row out of the queue. */
  remove(id: number): void;
}

/** What the last attempt at a queue row said; overstory's queue has no place for it. */
export interface MergeOutcome {
  readonly mergeId: number;
  readonly target: string;
  readonly tier: MergeTier | null;
  readonly conflictFiles: readonly string[];
  readonly errorMessage: string | null;
  readonly warnings: readonly string[];
  readonly finishedAt: string | null;
}

/** Table `merge_outcomes` of control-room.db. */
export interface MergeOutcomes {
  get(mergeId: number): MergeOutcome | null;
  put(outcome: MergeOutcome): void;
}

/** A queue row with its outcome, as every face shows it. */
export function toMergeView(entry: MergeQueueEntry, outcome: MergeOutcome | null): MergeView {
  return {
    id: entry.id,
    branchName: entry.branchName,
    taskId: entry.taskId,
    agentName: entry.agentName,
    filesModified: [...entry.filesModified],
    enqueuedAt: entry.enqueuedAt,
    status: entry.status,
    resolvedTier: entry.resolvedTier,
    target: outcome?.target ?? null,
    conflictFiles: [...(outcome?.conflictFiles ?? [])],
    errorMessage: outcome?.errorMessage ?? null,
    warnings: [...(outcome?.warnings ?? [])],
    finishedAt: outcome?.finishedAt ?? null,
  };
}

const AGENT_BRANCH = /^overstory\/([^/]+)\/([^/]+)$/;

/** Agent and task from `overstory/<agent>/<task>`; `unknown` for any other branch (spec 02 §2.2). */
export function ownersOfBranch(branch: string): { readonly agentName: string; readonly taskId: string } {
  const [, agentName = 'unknown', taskId = 'unknown'] = AGENT_BRANCH.exec(branch) ?? [];
  return { agentName, taskId };
}

/** Target of a merge: what was asked for, then the session's branch, then the project's (spec 02 §2.2). */
export function chooseTarget(into: string | undefined, sessionBranch: string | null, canonicalBranch: string): string {
  if (into !== undefined) return into;
  const session = sessionBranch?.trim() ?? '';
  return session === '' ? canonicalBranch : session;
}
