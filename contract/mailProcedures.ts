import { z } from 'zod';
import { Address, AgentName, MailId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { MailMessage, MailPriority, MailTrace, MailType, SendMailReply, WakePolicy, WakeRule } from './mail.ts';
import { procedure } from './wire/definition.ts';

const Nothing = z.object({});
const Sender = z.string().min(1).max(LIMITS.nameLength).default('orchestrator');

/** What is done with a mail after it was sent, and who is woken by mail (B2). */
export const mailProcedures = {
  /** Everything that happened to a mail, and what it waits for. Looks, and changes nothing. */
  'mail.trace': procedure('read', z.object({ messageId: MailId }), MailTrace),
  /** Its reader, or a person, confirms a mail without an answer. */
  'mail.acknowledge': procedure(
    'control',
    z.object({ messageId: MailId, from: Sender }),
    z.object({ message: MailMessage }),
  ),
  /** Sends a copy on, with a note. */
  'mail.forward': procedure(
    'control',
    z.object({
      messageId: MailId,
      to: Address,
      from: Sender,
      note: z.string().max(LIMITS.bodyLength).default(''),
      priority: MailPriority.optional(),
      /** As in `mail.send`. */
      id: MailId.optional(),
    }),
    SendMailReply,
  ),
  /** Answers a decision gate by option (name, or number from 1) or a question in words; the first answer counts. */
  'mail.answer': procedure(
    'control',
    z.object({
      messageId: MailId,
      answer: z.string().min(1, 'answer must not be empty').max(LIMITS.bodyLength),
      from: Sender,
    }),
    z.object({ id: MailId, answer: z.string() }),
  ),
  'mail.delete': procedure('control', z.object({ messageId: MailId }), Nothing),
  /** At least one criterion; age and agent must both match, `all` outranks them (spec 02 §1.9). */
  'mail.purge': procedure(
    'control',
    z.object({
      all: z.boolean().default(false),
      days: z.number().int().min(1).max(36_500).optional(),
      agent: z.string().min(1).max(LIMITS.nameLength).optional(),
    }),
    z.object({ purged: z.number().int() }),
  ),
  /** What holds for mail to this reader: first for every type, then for each type that differs. */
  'mail.wakeRules': procedure('read', z.object({ agentName: AgentName }), z.object({ rules: z.array(WakeRule) })),
  /** Says a policy for one type or for all; null takes it back to what the config says. */
  'mail.setWake': procedure(
    'control',
    z.object({ agentName: AgentName, type: MailType.nullable().default(null), policy: WakePolicy.nullable() }),
    z.object({ rules: z.array(WakeRule) }),
  ),
} as const;
