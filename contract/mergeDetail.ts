import { z } from 'zod';
import { ConflictList } from './conflicts.ts';
import { Timestamp } from './ids.ts';
import { LossAudit } from './lossAudit.ts';
import { MergePrediction, MergeTier } from './merges.ts';

/** What was asked of a model in one tier of one merge. */
export const ModelUse = z.object({
  /** Name of the model; null when the command decides by itself. */
  model: z.string().nullable(),
  asked: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  charactersIn: z.number().int().nonnegative(),
  charactersOut: z.number().int().nonnegative(),
  /** Milliseconds waited for answers. */
  ms: z.number().nonnegative(),
  /** Estimated from the characters: the commands that answer one question report no tokens. */
  tokensIn: z.number().int().nonnegative(),
  tokensOut: z.number().int().nonnegative(),
  /** US dollars, estimated from the tokens; null when the model has no known price. */
  usd: z.number().nullable(),
});
export type ModelUse = z.infer<typeof ModelUse>;

const step = { at: Timestamp, /** Milliseconds it took. */ ms: z.number().nonnegative() };

/** Something one attempt to merge did, in the order it did it. */
export const MergeTraceStep = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tier'),
    ...step,
    tier: MergeTier,
    /** Files whose conflict it resolved. */
    resolved: z.array(z.string()),
    /** Files it left, each with why. */
    left: z.array(z.object({ path: z.string(), reason: z.string() })),
    model: ModelUse.nullable(),
  }),
  z.object({ kind: z.literal('audit'), ...step, audit: LossAudit }),
  z.object({
    kind: z.literal('gate'),
    ...step,
    name: z.string(),
    command: z.string(),
    outcome: z.enum(['passed', 'failed', 'timedOut', 'cancelled']),
    exitCode: z.number().int().nullable(),
    /** Path of the whole output, relative to the project. */
    log: z.string(),
  }),
]);
export type MergeTraceStep = z.infer<typeof MergeTraceStep>;

/** The last attempt to merge an entry, as it went. */
export const MergeTrace = z.object({ startedAt: Timestamp, steps: z.array(MergeTraceStep) });
export type MergeTrace = z.infer<typeof MergeTrace>;

/** Everything about an entry of the queue that its row does not carry. */
export const MergeDetail = z.object({
  id: z.number().int(),
  /** Null where nothing was kept: merged by another tool, or before this was kept. */
  trace: MergeTrace.nullable(),
  /** The merge commit: made, or held. */
  commit: z
    .object({
      id: z.string(),
      subject: z.string(),
      trailers: z.array(z.object({ name: z.string(), value: z.string() })),
      /** The target has it. */
      merged: z.boolean(),
    })
    .nullable(),
  /** Conflicts between branch and target: of the merge that was made or is held, else as both stand now. */
  conflicts: ConflictList,
  /** Why the conflicts cannot be told; null when they can. */
  problem: z.string().nullable(),
  /** What the next attempt would need; null when the branch is merged or held. */
  prediction: MergePrediction.nullable(),
  /** Absolute path of the agent's worktree; null when it is gone. */
  worktree: z.string().nullable(),
  /** Target or branch have moved since the merge was held, so that it cannot be accepted any more. */
  stale: z.boolean(),
});
export type MergeDetail = z.infer<typeof MergeDetail>;

/** Characters of a gate's output that travel: the end of it. */
export const GATE_LOG_CHARACTERS = 400_000;
export const GateLog = z.object({
  text: z.string(),
  /** Bytes before the text that were left out. */
  skipped: z.number().int().nonnegative(),
});
export type GateLog = z.infer<typeof GateLog>;
