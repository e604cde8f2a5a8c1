import { z } from 'zod';
import { RunId, Timestamp } from './ids.ts';

/** What a run was, told after it (product.md B10). Money in US dollars, spans in milliseconds. */
export const RunReport = z.object({
  runId: RunId,
  status: z.enum(['active', 'completed', 'failed']),
  startedAt: Timestamp,
  /** Null while it goes on. */
  completedAt: Timestamp.nullable(),
  wallMs: z.number(),
  agents: z.object({
    total: z.number().int(),
    byRole: z.record(z.string(), z.number().int()),
    dead: z.array(z.string()),
  }),
  turns: z.object({
    total: z.number().int(),
    /** Ended without getting their work done and tried again: the rework nobody asked for. */
    failed: z.number().int(),
    /** Most turns at one time. */
    peak: z.number().int(),
    /** Time agents spent in turns, all together. */
    busyMs: z.number(),
  }),
  merges: z.object({
    merged: z.number().int(),
    byTier: z.record(z.string(), z.number().int()),
    /** Entries that are not merged: waiting, held, conflicting, failed. */
    open: z.number().int(),
    /** Lines the merges of this run brought in; null when git cannot say. */
    lines: z.number().int().nullable(),
  }),
  money: z.object({
    usd: z.number().nullable(),
    /** At least a part is an estimate. */
    estimated: z.boolean(),
    usdPerMergedLine: z.number().nullable(),
  }),
  mail: z.object({ total: z.number().int(), deadLetters: z.number().int() }),
  people: z.object({
    /** Answers, orders and nudges of the operator. */
    mails: z.number().int(),
    /** Questions and gates put before a person, and how long agents waited for the answers, all together. */
    questions: z.number().int(),
    waitedMs: z.number(),
    unanswered: z.number().int(),
  }),
  watchdog: z.object({
    actions: z.number().int(),
    /** Agents it acted on that got their work done all the same. */
    mistaken: z.array(z.string()),
  }),
});
export type RunReport = z.infer<typeof RunReport>;
