import type { MailMessage } from '../../../contract/mail.ts';
import type { NewMail } from './mailRow.ts';

/**
 * The mail that answers another (spec 02 §1.4). Answering one's own mail goes to its recipient, anybody else's answer to
 * its sender; the thread is the original's, or starts at the original; type and priority are taken over, never the payload.
 */
export function replyTo(original: MailMessage, body: string, from: string): NewMail {
  return {
    from,
    to: from === original.from ? original.to : original.from,
    subject: `Re: ${original.subject}`,
    body,
    type: original.type,
    priority: original.priority,
    threadId: original.threadId ?? original.id,
    payload: null,
  };
}
