import { z } from 'zod';
import { Timestamp } from './ids.ts';

export const MERGE_TIERS = ['clean-merge', 'auto-resolve', 'ai-resolve', 'reimagine'] as const;
export const MergeTier = z.enum(MERGE_TIERS);
export type MergeTier = z.infer<typeof MergeTier>;

export const MERGE_STATUSES = ['pending', 'merging', 'merged', 'conflict', 'failed'] as const;
export const MergeStatus = z.enum(MERGE_STATUSES);
export type MergeStatus = z.infer<typeof MergeStatus>;

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
