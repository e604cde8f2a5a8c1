import { z } from 'zod';
import { Timestamp } from './ids.ts';

/** Items of one page, and characters of one item's text: a page of the longest stays within a frame. */
export const TRANSCRIPT = { pageItems: 100, bodyCharacters: 4_000 } as const;

export const TRANSCRIPT_KINDS = ['turnStart', 'turnEnd', 'text', 'tool', 'result', 'note', 'error'] as const;

/** One thing an agent said, did or got back in a turn, from the stored lines of its log. */
export const TranscriptItem = z.object({
  /** Row id in events.db: total order, keyset cursor. */
  id: z.number().int(),
  at: Timestamp,
  kind: z.enum(TRANSCRIPT_KINDS),
  /** Ties what a tool gave back (`result`) to the call (`tool`); null for others and in rows of other tools' making. */
  callId: z.string().nullable(),
  /** One line: what a tool does, how a turn began or ended. Empty where `body` says it all. */
  title: z.string(),
  /** The text itself, what was changed (lines begin with `+` or `-`), or what came back. Empty when there is none. */
  body: z.string(),
  /** True when `body` is the beginning only; the turn's log has the whole. */
  cut: z.boolean(),
  /** Lines an edit adds and takes away; null for everything else. */
  added: z.number().int().nullable(),
  removed: z.number().int().nullable(),
  failed: z.boolean(),
  /** Milliseconds, of what has ended. */
  durationMs: z.number().nullable(),
});
export type TranscriptItem = z.infer<typeof TranscriptItem>;

export const TranscriptPageInput = z.object({
  agentName: z.string().max(200),
  /** Items older than this id; the newest without it. */
  before: z.number().int().optional(),
  limit: z.number().int().min(1).max(TRANSCRIPT.pageItems).default(TRANSCRIPT.pageItems),
});
export type TranscriptPageInput = z.infer<typeof TranscriptPageInput>;

/** Oldest item first. */
export const TranscriptPage = z.object({
  items: z.array(TranscriptItem),
  /** What to ask `before` for the page before this one; null when this is the first. */
  before: z.number().int().nullable(),
});
export type TranscriptPage = z.infer<typeof TranscriptPage>;
