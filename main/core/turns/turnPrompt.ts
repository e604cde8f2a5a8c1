import type { MailMessage } from '../../../contract/mail.ts';
import { formatMailBatch } from '../mail/mailFormat.ts';

/** Divider between the parts of a user turn (spec 01 §2.8). */
const DIVIDER = '\n\n---\n\n';

/**
 * First line of an agent's life: who it is, where it stands in the tree, what to read (spec 02 §3.9). One line, parts
 * joined by a dash; times are ISO.
 */
export function beacon(facts: {
  readonly agentName: string;
  readonly capability: string;
  readonly taskId: string;
  readonly depth: number;
  readonly parent: string | null;
  readonly instructionPath: string;
  readonly at: string;
}): string {
  return [
    `[OVERSTORY] ${facts.agentName} (${facts.capability}) ${facts.at} task:${facts.taskId === '' ? 'none' : facts.taskId}`,
    `Depth: ${facts.depth} | Parent: ${facts.parent === null || facts.parent === '' ? 'none' : facts.parent}`,
    `Startup: read ${facts.instructionPath}, then do the work the mail above assigns; ending your turn is waiting, new mail wakes you`,
  ].join(' — ');
}

/**
 * The whole text of a user turn: a note on a failed earlier attempt, the mail batch, and on a fresh conversation the
 * beacon. Empty parts are dropped.
 */
export function turnPrompt(parts: {
  readonly note: string | null;
  readonly mail: string;
  readonly beacon: string | null;
}): string {
  return [parts.note, parts.mail, parts.beacon]
    .filter((part): part is string => part !== null && part !== '')
    .join(DIVIDER);
}

/** Told to an agent whose last turn ended early, so that it goes on instead of starting over. */
export function retryNote(reason: string): string {
  return `[OVERSTORY] Your last turn ended early (${reason}). Go on where you stopped; what you committed and wrote is still there.`;
}

/** A body cannot pretend to be a further mail: a line that would begin one is set off by a backslash. */
function unframed(body: string): string {
  return body.replace(/^(\[(?:MAIL|META|PAYLOAD|OVERSTORY)\] )/gm, '\\$1');
}

/**
 * Text of the mails a turn carries: the reference's batch format (spec 01 §2.8) with one more metadata line a mail, so
 * that an agent can answer by id and read the type, and the payload when there is one. The reference leaves all three out.
 */
export function turnMail(messages: readonly MailMessage[]): string {
  return messages
    .map((message) => {
      const text = formatMailBatch([{ ...message, body: unframed(message.body) }]);
      const headEnd = text.indexOf('\n');
      const meta = `[META] Id: ${message.id} | Type: ${message.type} | Thread: ${message.threadId ?? 'none'}`;
      const payload = message.payload === null ? '' : `\n[PAYLOAD] ${message.payload.replace(/[\r\n]+/g, ' ')}`;
      return `${text.slice(0, headEnd)}\n${meta}${payload}${text.slice(headEnd)}`;
    })
    .join(DIVIDER);
}
