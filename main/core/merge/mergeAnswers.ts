import type { MergePrediction, MergeResult, MergeView } from '../../../contract/merges.ts';
import { type CallError, fail, type Result } from '../../../contract/result.ts';
import type { MergeOutcome } from '../control/controlStore.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import type { MergeAttempt } from './resolver.ts';

/** Neither a branch nor everything was asked for (spec 02 §2.2, step 1). */
export function nothingNamed(): Result<never, CallError> {
  return fail('validation', 'Name a branch with --branch, or merge everything pending with --all', {
    field: 'branch|all',
  });
}

/** An outcome that says nothing yet but where to. */
export function emptyOutcome(queueId: number, target: string): MergeOutcome {
  return { queueId, target, tier: null, conflictFiles: [], error: null, warnings: [], finishedAt: null };
}

/** The answer to a caller: the entry as stored now with what the attempt said. */
export function resultOf(view: MergeView, attempt: MergeAttempt): MergeResult {
  return {
    success: attempt.success,
    entry: view,
    tier: attempt.tier,
    conflictFiles: [...attempt.conflictFiles],
    errorMessage: attempt.errorMessage,
    warnings: [...attempt.warnings],
  };
}

/** The branch is in the target, or was and is gone by now: merging again is harmless, not an error. */
export function mergedAlready(entry: MergeEntry, target: string, branchExists: boolean): MergeAttempt {
  return {
    success: true,
    tier: entry.status === 'merged' ? (entry.resolvedTier ?? 'clean-merge') : 'clean-merge',
    conflictFiles: [],
    errorMessage: null,
    warnings: [
      branchExists
        ? `${entry.branchName} has nothing that ${target} does not have already`
        : `${entry.branchName} was merged earlier and is gone since`,
    ],
  };
}

/** Git was not asked to merge at all. */
export function failedAttempt(errorMessage: string): MergeAttempt {
  return { success: false, tier: 'clean-merge', conflictFiles: [], errorMessage, warnings: [] };
}

/** Stands in for a prediction that could not be made, so that a batch goes on (spec 02 §2.7). */
export function failedPrediction(message: string): MergePrediction {
  return {
    predictedTier: 'ai-resolve',
    conflictFiles: [],
    wouldRequireAgent: true,
    reason: `prediction-failed: ${message}`,
  };
}
