import { z } from 'zod';
import { AgentName, Timestamp } from './ids.ts';

/** What stands in the way of merging two changes of a file. */
export const CONFLICT_KINDS = [
  'content',
  'added',
  'deleted',
  'renamed',
  'binary',
  'folder',
  'mode',
  'submodule',
  'other',
] as const;
export const ConflictKind = z.enum(CONFLICT_KINDS);
export type ConflictKind = z.infer<typeof ConflictKind>;

export const PredictedConflict = z.object({ path: z.string(), kind: ConflictKind });
export type PredictedConflict = z.infer<typeof PredictedConflict>;

/** Conflicting files that travel for one pair; `count` tells of all. */
export const RADAR_FILES = 50;

/** A worktree the collision radar looks at, uncommitted work included. */
export const RadarWorktree = z.object({
  agentName: AgentName,
  taskId: z.string().nullable(),
  branch: z.string(),
  /** Its agent is at work and not finished. */
  running: z.boolean(),
  /** Files that differ from the target where the two parted. */
  changedFiles: z.number().int().nonnegative(),
  uncommittedFiles: z.number().int().nonnegative(),
  /** Everything is in the target already, so that nothing of it can collide. */
  merged: z.boolean(),
  /** Predicted conflicts with the target branch itself. */
  withTarget: z.array(PredictedConflict),
  withTargetCount: z.number().int().nonnegative(),
  /** Why nothing can be said of it; null when something can. */
  problem: z.string().nullable(),
});
export type RadarWorktree = z.infer<typeof RadarWorktree>;

/** Two worktrees that would conflict; pairs that would not are left out. */
export const RadarPair = z.object({
  one: AgentName,
  other: AgentName,
  conflicts: z.array(PredictedConflict),
  count: z.number().int().positive(),
});
export type RadarPair = z.infer<typeof RadarPair>;

/** A place in the suggested order of merging. */
export const MergeStep = z.object({
  agentName: AgentName,
  /** Merges without a conflict when everything before it has been merged. */
  clean: z.boolean(),
  /** Agents earlier in the order it conflicts with; `null` stands for the target as it is now. */
  conflictsWith: z.array(AgentName.nullable()),
});
export type MergeStep = z.infer<typeof MergeStep>;

/** Predicted conflicts between all live worktrees, and with the target branch (product.md B5). */
export const RadarView = z.object({
  enabled: z.boolean(),
  target: z.string(),
  /** Null before the first look. */
  lookedAt: Timestamp.nullable(),
  worktrees: z.array(RadarWorktree),
  pairs: z.array(RadarPair),
  order: z.array(MergeStep),
  /** What the last look cost. */
  cost: z.object({
    milliseconds: z.number().nonnegative(),
    gitProcesses: z.number().int().nonnegative(),
    /** Pairs git really merged; the others were known or have no file in common. */
    mergedPairs: z.number().int().nonnegative(),
  }),
});
export type RadarView = z.infer<typeof RadarView>;

/** A running agent a planned task would collide with (product.md B6). */
export const PlannedCollision = z.object({
  agentName: AgentName,
  /** It has changed these files already, or only its own plan names them. */
  why: z.enum(['changed', 'planned']),
  files: z.array(z.string()),
});
export type PlannedCollision = z.infer<typeof PlannedCollision>;
