import { z } from 'zod';
import { MailId, Timestamp } from './ids.ts';

/** Things that wait for a person, in the order they are shown (ui.md "Fleet"). */
export const ATTENTION_KINDS = [
  'gate',
  'question',
  'dead',
  'conflict',
  'looping',
  'login',
  'quota',
  'resume',
  'collision',
  'deadLetter',
  'error',
] as const;
export const AttentionKind = z.enum(ATTENTION_KINDS);
export type AttentionKind = z.infer<typeof AttentionKind>;

export const AttentionItem = z.object({
  /** Stable over restarts, so that a dismissed item stays dismissed: `<kind>:<subject id>`. */
  id: z.string(),
  kind: AttentionKind,
  agent: z.string().nullable(),
  taskId: z.string().nullable(),
  title: z.string(),
  detail: z.string(),
  /** Answers a click or a number key can give; empty when free text or an action is wanted. */
  options: z.array(z.string()),
  mailId: MailId.nullable(),
  /** Row of the merge queue for a conflict. */
  mergeId: z.number().int().nullable(),
  /** Why a made merge waits: what a person can accept. Absent: nothing is held. */
  held: z.enum(['loss', 'gates']).optional(),
  at: Timestamp,
});
export type AttentionItem = z.infer<typeof AttentionItem>;
