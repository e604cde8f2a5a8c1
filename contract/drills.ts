import { z } from 'zod';
import { Timestamp } from './ids.ts';

/** What can be rehearsed (product.md B11). */
export const DRILL_KINDS = ['crash', 'quota', 'lostMail', 'hang', 'loop'] as const;
export const DrillKind = z.enum(DRILL_KINDS);
export type DrillKind = z.infer<typeof DrillKind>;

/** One thing the recovery has to do, and what was seen of it. */
export const DrillStep = z.object({
  /** In one line. */
  expected: z.string(),
  state: z.enum(['waiting', 'seen', 'missed']),
  /** What was seen; empty while it is waited for. */
  seen: z.string(),
  at: Timestamp.nullable(),
  /** Milliseconds from the beginning of the fault, or of the drill before it. */
  afterMs: z.number().nullable(),
});
export type DrillStep = z.infer<typeof DrillStep>;

/** A drill that runs or has run. */
export const DrillView = z.object({
  id: z.string(),
  kind: DrillKind,
  /** Name of the agent in the sandbox. */
  agent: z.string(),
  state: z.enum(['preparing', 'running', 'clearing', 'passed', 'failed', 'cancelled']),
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
  /** One line: what it came to; null while it runs. */
  result: z.string().nullable(),
  steps: z.array(DrillStep),
  /** What the agent and its watchers wrote meanwhile, newest last: a bounded end of it. */
  evidence: z.array(z.object({ at: Timestamp, text: z.string() })),
});
export type DrillView = z.infer<typeof DrillView>;

/** The drill that runs, and the newest results. */
export const DrillsView = z.object({ current: DrillView.nullable(), results: z.array(DrillView) });
export type DrillsView = z.infer<typeof DrillsView>;
