import { z } from 'zod';

/** Whose hunk a finding is about: the target's or the branch's. */
export const MergeSide = z.enum(['target', 'branch']);
export type MergeSide = z.infer<typeof MergeSide>;

/**
 * What became of something one side did:
 * - `superseded`: another line stands for it, and `by` names that line;
 * - `dropped`: it is gone, and `decision` names who decided so;
 * - `lost`: it is gone and nobody said so. One such finding holds the merge.
 */
export const LossVerdict = z.enum(['superseded', 'dropped', 'lost']);
export type LossVerdict = z.infer<typeof LossVerdict>;

/** A part of a side's change that the result does not have as that side made it. What is present is only counted. */
export const LossFinding = z.object({
  /** Path in that side's tree; for removed lines and files the path in the common ancestor. */
  file: z.string(),
  side: MergeSide,
  /** Lines added, lines removed that are back, a whole file, or its mode. */
  what: z.enum(['added', 'removed', 'file', 'mode']),
  /** First line, from 1, in `file`; 0 for a whole file or a mode. */
  line: z.number().int().nonnegative(),
  lines: z.number().int().nonnegative(),
  /** The first of these lines, shortened. */
  text: z.string(),
  verdict: LossVerdict,
  reason: z.string(),
  /** The line that stands for it. */
  by: z
    .object({
      version: z.enum(['target', 'branch', 'result']),
      file: z.string(),
      line: z.number().int().nonnegative(),
      text: z.string(),
    })
    .nullable(),
  decision: z.string().nullable(),
});
export type LossFinding = z.infer<typeof LossFinding>;

/** Somebody's word that a side's part may go: of one file (its path on either side) or of all, of one side or of both. */
export const LossDecision = z.object({
  file: z.string().nullable(),
  side: MergeSide.nullable(),
  /** Who decided and why, as it is shown: "operator: the old parser goes". */
  name: z.string().min(1),
});
export type LossDecision = z.infer<typeof LossDecision>;

/** What the loss auditor found in one merge. */
export const LossAudit = z.object({
  /** Nothing is lost: the target may move. */
  ok: z.boolean(),
  /** Hunks looked at, with whole files counted as one; `present` are those the result has in full. */
  hunks: z.object({ target: z.number().int(), branch: z.number().int(), present: z.number().int() }),
  /** Findings of each verdict, those cut off included. */
  counts: z.object({ superseded: z.number().int(), dropped: z.number().int(), lost: z.number().int() }),
  /** Lost ones first; at most `LOSS_FINDINGS` of them. */
  findings: z.array(LossFinding),
});
export type LossAudit = z.infer<typeof LossAudit>;

/** Findings that travel; the counts tell of the rest. */
export const LOSS_FINDINGS = 200;
