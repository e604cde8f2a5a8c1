import { z } from 'zod';
import { Timestamp } from './ids.ts';
import { LossAudit } from './lossAudit.ts';

export const MERGE_TIERS = ['clean-merge', 'auto-resolve', 'ai-resolve', 'reimagine'] as const;
export const MergeTier = z.enum(MERGE_TIERS);
export type MergeTier = z.infer<typeof MergeTier>;

export const MERGE_STATUSES = ['pending', 'merging', 'merged', 'conflict', 'failed'] as const;
export const MergeStatus = z.enum(MERGE_STATUSES);
export type MergeStatus = z.infer<typeof MergeStatus>;

/** Tail of a failing check's output that travels with the hold; the whole lies in a file. */
export const GATE_TAIL_CHARACTERS = 4_000;

/**
 * A merge that was made and waits for a person before the target moves: the loss auditor found lines nobody accounts for,
 * or a quality gate failed on the merged tree.
 */
export const MergeHold = z.object({
  kind: z.enum(['loss', 'gates']),
  /** One line: what is wrong and what to do. */
  reason: z.string(),
  at: Timestamp,
  target: z.string(),
  /** Commits the merge was made of; when one has moved, the hold cannot be accepted any more. */
  targetCommit: z.string(),
  branchCommit: z.string(),
  /** The merge commit as it would become the target. */
  commit: z.string(),
  tier: MergeTier,
  conflictFiles: z.array(z.string()),
  audit: LossAudit.nullable(),
  gate: z
    .object({
      name: z.string(),
      command: z.string(),
      /** Null when it was ended by a signal or by its time. */
      exitCode: z.number().int().nullable(),
      timedOut: z.boolean(),
      /** Path of the whole output, relative to the project. */
      log: z.string(),
      tail: z.string(),
    })
    .nullable(),
});
export type MergeHold = z.infer<typeof MergeHold>;

/** What a merge does at this moment. */
export const MergeProgress = z.object({
  stage: z.enum(['merging', 'resolving', 'auditing', 'checking', 'moving']),
  tier: MergeTier,
  /** The gate that runs; null otherwise. */
  gate: z.string().nullable(),
  since: Timestamp,
});
export type MergeProgress = z.infer<typeof MergeProgress>;

/** A row of the merge queue (spec 02 §2.1) with what the last attempt said. */
export const MergeView = z.object({
  id: z.number().int(),
  branchName: z.string(),
  taskId: z.string(),
  agentName: z.string(),
  filesModified: z.array(z.string()),
  enqueuedAt: Timestamp,
  status: MergeStatus,
  resolvedTier: MergeTier.nullable(),
  target: z.string().nullable(),
  conflictFiles: z.array(z.string()),
  errorMessage: z.string().nullable(),
  warnings: z.array(z.string()),
  finishedAt: Timestamp.nullable(),
  /** Why it waits for a person; absent: it does not. */
  hold: MergeHold.optional(),
  /** Set while it is being merged. */
  progress: MergeProgress.optional(),
});
export type MergeView = z.infer<typeof MergeView>;

/** Outcome of one merge (spec 02 §2.2 MergeResult). */
export const MergeResult = z.object({
  success: z.boolean(),
  entry: MergeView,
  /** Last tier entered. */
  tier: MergeTier,
  conflictFiles: z.array(z.string()),
  errorMessage: z.string().nullable(),
  warnings: z.array(z.string()),
});
export type MergeResult = z.infer<typeof MergeResult>;

export const MergePrediction = z.object({
  predictedTier: MergeTier,
  conflictFiles: z.array(z.string()),
  wouldRequireAgent: z.boolean(),
  reason: z.string(),
});
export type MergePrediction = z.infer<typeof MergePrediction>;
