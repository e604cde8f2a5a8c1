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

/** Where a mail is on its way (B2): queued, injected into a turn, read, or given up after its last attempt. */
export const DELIVERY_STATES = ['queued', 'injected', 'read', 'dead'] as const;
export const DeliveryState = z.enum(DELIVERY_STATES);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const Delivery = z.object({
  state: DeliveryState,
  /** The turn that carries or carried it. */
  turnId: TurnId.nullable(),
  attempts: z.number().int(),
  nextAttemptAt: Timestamp.nullable(),
  updatedAt: Timestamp,
});
export type Delivery = z.infer<typeof Delivery>;

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
  /** JSON text; only its well-formedness is checked (spec 02 §1.2). */
  payload: z.string().max(LIMITS.bodyLength).optional(),
});
export type SendMailInput = z.infer<typeof SendMailInput>;

export const SendMailReply = z.object({
  messageIds: z.array(MailId),
  recipients: z.array(z.string()),
  /** Advice that does not stop the send, such as missing review coverage. */
  warnings: z.array(z.string()),
});
export type SendMailReply = z.infer<typeof SendMailReply>;

export const ListMailInput = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  unread: z.boolean().optional(),
  type: MailType.optional(),
  threadId: z.string().optional(),
  /** Messages older than this id, for the next page. */
  before: MailId.optional(),
  limit: z.number().int().min(1).max(LIMITS.pageRows).default(LIMITS.pageRows),
});
export type ListMailInput = z.infer<typeof ListMailInput>;

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
