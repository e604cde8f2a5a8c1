import { MAIL_TYPES, type MailMessage, type MailType } from '../../../contract/mail.ts';

/** Divider between mails of one batch (spec 01 §2.8). */
const DIVIDER = '\n\n---\n\n';

/** Protocol types whose payload is shown to an agent: all but the gate, whose options are for a person (spec 02 §1.3). */
const SHOWS_PAYLOAD: ReadonlySet<MailType> = new Set(
  MAIL_TYPES.filter((type) => !['status', 'question', 'result', 'error', 'decision_gate'].includes(type)),
);

/** Keeps a field on its line and between its bars; the order matters, the backslash comes first (spec 02 §1.11). */
function escapeField(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

/**
 * Text of mail that is given to an agent as a user turn (spec 02 §1.11): one metadata line a mail, a blank line, the body
 * as it was written. Also used for the first prompt, whose reference formatter did not escape (D-10).
 */
export function formatMailBatch(
  messages: readonly Pick<MailMessage, 'from' | 'subject' | 'priority' | 'body'>[],
): string {
  return messages
    .map(
      ({ from, subject, priority, body }) =>
        `[MAIL] From: ${escapeField(from)} | Subject: ${escapeField(subject)} | Priority: ${escapeField(priority)}\n\n${body}`,
    )
    .join(DIVIDER);
}

/**
 * Text of mail that a prompt hook puts in front of an agent (spec 02 §1.3); empty when there is none. Every mail shows
 * how to answer it.
 */
export function formatMailInjection(
  messages: readonly Pick<MailMessage, 'id' | 'from' | 'subject' | 'priority' | 'body' | 'type' | 'payload'>[],
): string {
  if (messages.length === 0) return '';
  const count = messages.length === 1 ? '1 new message' : `${messages.length} new messages`;
  const blocks = messages.map((message) => {
    const tag = message.priority === 'normal' ? '' : ` [${message.priority.toUpperCase()}]`;
    const lines = [
      `--- From: ${message.from}${tag} (${message.type}) ---`,
      `Subject: ${message.subject}`,
      message.body,
      ...(message.payload !== null && SHOWS_PAYLOAD.has(message.type) ? [`Payload: ${message.payload}`] : []),
      `[To answer: ov mail reply ${message.id} --body "..."]`,
    ];
    return `${lines.join('\n')}\n`;
  });
  return [`You have ${count}:`, '', ...blocks].join('\n');
}
