import type { MergeHold, MergeView } from '../../../contract/merges.ts';
import type { ControlStore, MergeOutcome } from '../control/controlStore.ts';
import type { MergeLedger } from './mergeLedger.ts';
import type { MergeEntry, MergeQueueStore } from './mergeQueueStore.ts';

/** The part of the merge queue the service needs (spec 02 §2.1). */
export type MergeQueue = Pick<
  MergeQueueStore,
  'enqueue' | 'get' | 'list' | 'updateStatus' | 'remove' | keyof MergeLedger
>;

/** What attempts said; overstory's queue has no place for it. */
export type MergeOutcomes = Pick<ControlStore, 'getMergeOutcome' | 'putMergeOutcome' | 'removeMergeOutcome'>;

/** A queue row with its outcome, as every face shows it. */
export function toMergeView(entry: MergeEntry, outcome: MergeOutcome | null, hold: MergeHold | null = null): MergeView {
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
    errorMessage: outcome?.error ?? null,
    warnings: [...(outcome?.warnings ?? [])],
    finishedAt: outcome?.finishedAt ?? null,
    ...(hold === null ? {} : { hold }),
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
