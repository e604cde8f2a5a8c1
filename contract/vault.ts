import { z } from 'zod';
import { AgentName, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Why a snapshot was taken: by hand, by the clock, or before something that ends or overwrites work. */
export const VAULT_REASONS = ['manual', 'interval', 'kill', 'removal', 'merge', 'restore'] as const;
export const VaultReason = z.enum(VAULT_REASONS);
export type VaultReason = z.infer<typeof VaultReason>;

export const SnapshotId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9-]+$/, 'a snapshot id is letters, digits and dashes: see "ov vault list"');

/** Something a snapshot does not hold, and why. */
export const LeftOut = z.object({
  path: z.string(),
  why: z.enum(['tooLarge', 'tooMuch', 'unreadable', 'repository', 'submodule', 'special']),
  /** Null where a size means nothing. */
  bytes: z.number().nullable(),
});
export type LeftOut = z.infer<typeof LeftOut>;

/** One snapshot as every face shows it. */
export const SnapshotView = z.object({
  id: SnapshotId,
  /** Null for the project's own checkout. */
  agentName: z.string().nullable(),
  reason: VaultReason,
  /** What exactly was about to happen, in one line. */
  detail: z.string(),
  takenAt: Timestamp,
  /** The commit that keeps it. */
  commit: z.string(),
  worktree: z.string(),
  /** Null when HEAD was detached. */
  branch: z.string().nullable(),
  /** Commit of HEAD; null before the first commit. */
  head: z.string().nullable(),
  /** A merge, rebase, cherry-pick, revert or bisect that was under way. */
  operation: z.string().nullable(),
  staged: z.number().int(),
  changed: z.number().int(),
  untracked: z.number().int(),
  /** Bytes of the files it had to keep beyond what HEAD holds. */
  bytes: z.number(),
  /** The first hundred of what it does not hold. */
  leftOut: z.array(LeftOut),
  leftOutCount: z.number().int(),
});
export type SnapshotView = z.infer<typeof SnapshotView>;

export const SnapshotFile = z.object({
  path: z.string(),
  change: z.enum(['added', 'modified', 'deleted']),
  /** True when the index held a change of it. */
  staged: z.boolean(),
  /** True when neither HEAD nor index knew it. */
  untracked: z.boolean(),
});
export type SnapshotFile = z.infer<typeof SnapshotFile>;

/** `taken` is false when the newest snapshot holds this very state already; `snapshot` is that one then. */
export const TakeSnapshotReply = z.object({ snapshot: SnapshotView, taken: z.boolean() });

export const RestoreInput = z.object({
  id: SnapshotId,
  /** `same`: the worktree it was taken of, which is made again when it is gone. `new`: a worktree beside it. */
  into: z.enum(['same', 'new']).default('same'),
  /** Folder of a new worktree below the project's worktree folder. */
  folder: AgentName.optional(),
  /** Sets HEAD and its branch back too when they have moved on since. */
  moveHead: z.boolean().default(false),
});
export type RestoreInput = z.infer<typeof RestoreInput>;

export const RestoreReply = z.object({
  worktree: z.string(),
  branch: z.string().nullable(),
  /** Files written and removed. */
  written: z.number().int(),
  removed: z.number().int(),
  /** What was there before, to go back to; null for a new worktree. */
  before: SnapshotView.nullable(),
  warnings: z.array(z.string()),
});
export type RestoreReply = z.infer<typeof RestoreReply>;

/** Characters of a patch that travel at once: a quarter of a frame, whatever its escapes cost. */
export const PATCH_LENGTH = LIMITS.frameBytes / 4;
