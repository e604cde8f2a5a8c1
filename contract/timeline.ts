import { z } from 'zod';
import { RunId, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** What a timeline item is; each kind is drawn its own way (ui.md "Timeline"). */
export const TIMELINE_KINDS = [
  'turnStart',
  'turnEnd',
  'tool',
  'toolEnd',
  'text',
  'mail',
  'merge',
  'state',
  /** The watchdog judged or acted. */
  'verdict',
  /** A person stepped in: took over, nudged, stopped. */
  'intervention',
  'note',
  'error',
] as const;
export const TimelineKind = z.enum(TIMELINE_KINDS);
export type TimelineKind = z.infer<typeof TimelineKind>;

export const TimelineItem = z.object({
  /** Row id in events.db: total order, keyset cursor. */
  id: z.number().int(),
  at: Timestamp,
  runId: RunId.nullable(),
  agent: z.string(),
  kind: TimelineKind,
  /** One line for the event list. */
  summary: z.string(),
  /** For `mail`: the recipient, so that an arrow can be drawn. */
  to: z.string().nullable(),
  /** For tools. */
  toolName: z.string().nullable(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  /** Milliseconds, for finished tools and turns. */
  durationMs: z.number().nullable(),
  /** For `state`: the state entered. */
  state: z.string().nullable(),
});
export type TimelineItem = z.infer<typeof TimelineItem>;

export const TimelinePageInput = z.object({
  runId: RunId.optional(),
  agent: z.string().optional(),
  /** Items older than this id. */
  before: z.number().int().optional(),
  limit: z.number().int().min(1).max(LIMITS.pageRows).default(LIMITS.pageRows),
});
export type TimelinePageInput = z.infer<typeof TimelinePageInput>;
