import { z } from 'zod';
import { Address, MailId, Timestamp, TurnId } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Storage order: four semantic types, then ten protocol types (spec 02 §1.2). */
export const MAIL_TYPES = [
  'status',
  'question',
  'result',
  'error',
  'worker_done',
  'worker_died',
  'merge_ready',
  'merged',
  'merge_failed',
  'escalation',
  'health_check',
  'dispatch',
  'assign',
  'decision_gate',
] as const;
export const MailType = z.enum(MAIL_TYPES);
export type MailType = z.infer<typeof MailType>;

export const MAIL_PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export const MailPriority = z.enum(MAIL_PRIORITIES);
export type MailPriority = z.infer<typeof MailPriority>;

/**
 * Where a mail is on its way (B2): queued; injected into a turn; its turn has started, so the runtime has it; read; answered
 * or confirmed by its reader; or a dead letter.
 */
export const DELIVERY_STATES = ['queued', 'injected', 'started', 'read', 'acknowledged', 'dead'] as const;
export const DeliveryState = z.enum(DELIVERY_STATES);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const Delivery = z.object({
  state: DeliveryState,
  /** The turn that carries or carried it. */
  turnId: TurnId.nullable(),
  attempts: z.number().int(),
  nextAttemptAt: Timestamp.nullable(),
  updatedAt: Timestamp,
  /** When each station was reached in the newest attempt; absent or null: not yet, or before it was noted. */
  injectedAt: Timestamp.nullable().optional(),
  startedAt: Timestamp.nullable().optional(),
  readAt: Timestamp.nullable().optional(),
  acknowledgedAt: Timestamp.nullable().optional(),
  /** Why it waits for another attempt, or was given up; absent or null: nothing to say. */
  reason: z.string().nullable().optional(),
  /** Who was told that it never reached its reader (`nobody` when there was nobody to tell); absent or null: it may still. */
  bouncedTo: z.string().nullable().optional(),
});
export type Delivery = z.infer<typeof Delivery>;

/** Why a mail speaks of an earlier one. */
export const MAIL_REFERENCES = ['forward', 'bounce', 'escalation'] as const;
export const MailReference = z.object({ kind: z.enum(MAIL_REFERENCES), messageId: MailId });
export type MailReference = z.infer<typeof MailReference>;

/** JSON shape of a message (spec 02 §1.6) plus its delivery path; `payload` stays a string. */
export const MailMessage = z.object({
  id: MailId,
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  body: z.string(),
  type: MailType,
  priority: MailPriority,
  threadId: z.string().nullable(),
  payload: z.string().nullable(),
  read: z.boolean(),
  createdAt: Timestamp,
  delivery: Delivery.nullable(),
  /** The mail this one forwards, returns or escalates; absent or null: none. */
  reference: MailReference.nullable().optional(),
});
export type MailMessage = z.infer<typeof MailMessage>;

export const SendMailInput = z.object({
  /** Chosen by a sender that may have to send again because an answer was lost: nothing is then sent twice. */
  id: MailId.optional(),
  to: Address,
  subject: z.string().min(1, 'subject must not be empty').max(LIMITS.subjectLength),
  body: z.string().min(1, 'body must not be empty').max(LIMITS.bodyLength),
  from: z.string().min(1).max(LIMITS.nameLength).default('orchestrator'),
  type: MailType.default('status'),
  priority: MailPriority.default('normal'),
  threadId: z.string().max(100).optional(),
  /** JSON text in the shape of its type; fields nobody knows are kept (contract/mailPayloads.ts). */
  payload: z.string().max(LIMITS.bodyLength).optional(),
});
export type SendMailInput = z.infer<typeof SendMailInput>;

export const SendMailReply = z.object({
  messageIds: z.array(MailId),
  recipients: z.array(z.string()),
  /** Advice that does not stop the send, such as missing review coverage. */
  warnings: z.array(z.string()),
  /** Recipients in a terminal of their own that are told at their next prompt (spec 02 §1.8). */
  nudged: z.array(z.string()).optional(),
});
export type SendMailReply = z.infer<typeof SendMailReply>;

export const ListMailInput = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  unread: z.boolean().optional(),
  type: MailType.optional(),
  threadId: z.string().optional(),
  state: DeliveryState.optional(),
  /** Messages older than this id, for the next page. */
  before: MailId.optional(),
  limit: z.number().int().min(1).max(LIMITS.pageRows).default(LIMITS.pageRows),
});
export type ListMailInput = z.infer<typeof ListMailInput>;

/** One step of a mail's way, for people who ask what became of it. */
export const DeliveryStep = z.object({
  /** Null: another program did it and nobody noted when. */
  at: Timestamp.nullable(),
  state: DeliveryState,
  /** What happened, in a word or two: "carried by a turn", "turn failed". */
  event: z.string(),
  turnId: TurnId.nullable(),
  /** One line more, such as the reason of a failure; null when there is nothing to add. */
  detail: z.string().nullable(),
});
export type DeliveryStep = z.infer<typeof DeliveryStep>;

export const MailTrace = z.object({
  message: MailMessage,
  /** Oldest first; the first is the sending. */
  steps: z.array(DeliveryStep),
  /** One line on what the mail waits for; null when it waits for nothing. */
  waitsFor: z.string().nullable(),
  /** Mails that speak of this one: answers, copies that were sent on, returns. */
  related: z.array(MailMessage),
});
export type MailTrace = z.infer<typeof MailTrace>;

/** When mail gives its reader a turn: at once, along with the next turn, gathered every so often, or not at all. */
export const WAKE_KINDS = ['now', 'batch', 'digest', 'never'] as const;
export const WakePolicy = z.object({
  kind: z.enum(WAKE_KINDS),
  /** Minutes a digest gathers; null for the other kinds. */
  minutes: z.number().nullable(),
});
export type WakePolicy = z.infer<typeof WakePolicy>;

/** What holds for mail of one type to one reader, and where that was said. */
export const WakeRule = z.object({
  /** Null: every type that has no rule of its own. */
  type: MailType.nullable(),
  policy: WakePolicy,
  source: z.enum(['command', 'agent', 'role', 'type', 'default']),
});
export type WakeRule = z.infer<typeof WakeRule>;

/** Words of a policy, as a person writes them: `now`, `batch`, `never`, `digest 10`. */
export function wakeWords({ kind, minutes }: WakePolicy): string {
  return kind === 'digest' ? `digest ${minutes ?? 0}` : kind;
}

/** Reads a policy; null when the words are none. A digest takes its minutes, from 1 to 1440 (one day). */
export function parseWakePolicy(words: string): WakePolicy | null {
  const text = words.trim().toLowerCase();
  if (text === 'now' || text === 'batch' || text === 'never') return { kind: text, minutes: null };
  const digest = /^digest[ :=]+(\d{1,4})( ?m(in(utes?)?)?)?$/.exec(text);
  const minutes = Number(digest?.[1] ?? 0);
  return digest !== null && minutes >= 1 && minutes <= 1_440 ? { kind: 'digest', minutes } : null;
}

/** Parsed `payload` of the mail types a face draws as cards; `null` when absent or malformed. */
export function parsePayload(message: Pick<MailMessage, 'payload'>): Readonly<Record<string, unknown>> | null {
  if (message.payload === null) return null;
  try {
    const value: unknown = JSON.parse(message.payload);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    // Malformed payloads are expected: storage never validates them (spec 02 §1.2).
    return null;
  }
}

/** Options of a decision gate, in the order the agent gave them. */
export function gateOptions(message: Pick<MailMessage, 'payload'>): readonly string[] {
  const options = parsePayload(message)?.options;
  return Array.isArray(options) ? options.filter((option): option is string => typeof option === 'string') : [];
}
