import { createHash } from 'node:crypto';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage, MailType } from '../../../contract/mail.ts';
import type { NewMail } from './mailRow.ts';
import { isGone, type Subordinate } from './superiors.ts';

/** An agent that has ended, and why. */
export interface GoneReader {
  readonly agentName: string;
  readonly sessionId: string;
  readonly state: 'completed' | 'zombie';
  /** One line; null: it reported its result. */
  readonly reason: string | null;
  /** Ended by a person, who need not be told of that. */
  readonly byPerson: boolean;
}

export interface BouncePlan {
  readonly mails: readonly NewMail[];
  readonly letters: readonly { readonly id: string; readonly reason: string; readonly told: string }[];
}

/** Mail somebody relies on being read. */
const RELIED_ON: ReadonlySet<MailType> = new Set([
  'question',
  'decision_gate',
  'dispatch',
  'assign',
  'escalation',
  'error',
  'worker_done',
  'worker_died',
  'merge_ready',
  'merge_failed',
]);

/** Sender of mail that is the engine's own. */
const ENGINE_SENDERS: ReadonlySet<string> = new Set(['watchdog', 'control-room']);

/**
 * What becomes of mail to an agent that has ended: dead letters, and one mail to each sender that lists them. A sender that
 * is gone itself, or that is a return of the same kind, has the operator told instead; nothing is ever returned to the
 * operator's own mailbox a second time, so there is no loop. A dead agent's letters stand in the attention queue already
 * and can be sent again with it, so the operator gets no mail about those.
 */
export function planBounce(
  reader: GoneReader,
  letters: readonly MailMessage[],
  find: (name: string) => Subordinate | null,
): BouncePlan {
  const words = reader.state === 'completed' ? 'has completed' : 'is dead';
  const reason = `${reader.agentName} ${words}${reader.reason === null ? '' : ` (${reader.reason})`} and did not read it`;
  const told = letters.map((letter) => ({ letter, to: toldOf(letter, reader.agentName, find) }));
  const mails: NewMail[] = [];
  for (const to of new Set(told.map((one) => one.to))) {
    const own = told.flatMap((one) => (one.to === to ? [one.letter] : []));
    if (to === 'nobody' || (to === OPERATOR && reader.state === 'zombie')) continue;
    mails.push(bounceMail(reader, words, to, own));
  }
  return { mails, letters: told.map(({ letter, to }) => ({ id: letter.id, reason, told: to })) };
}

function toldOf(letter: MailMessage, reader: string, find: (name: string) => Subordinate | null): string {
  if (letter.from === reader || ENGINE_SENDERS.has(letter.from)) return 'nobody';
  if (letter.reference?.kind === 'bounce') return OPERATOR;
  const sender = find(letter.from);
  return sender === null || isGone(sender) ? OPERATOR : letter.from;
}

function bounceMail(reader: GoneReader, words: string, to: string, letters: readonly MailMessage[]): NewMail {
  const matters = letters.some(
    ({ type, priority }) => RELIED_ON.has(type) || priority === 'high' || priority === 'urgent',
  );
  const [first] = letters;
  const ids = letters.map(({ id }) => id);
  const list = letters.map(({ id, type, from, subject }) => `- ${id} (${type} from ${from}): ${subject}`);
  return {
    id: `msg-${createHash('sha256')
      .update(['bounce', reader.sessionId, to, ...ids].join(' '))
      .digest('hex')
      .slice(0, 12)}`,
    from: reader.agentName,
    to,
    subject:
      letters.length === 1
        ? `Not read: ${first?.subject ?? ''}`
        : `Not read by ${reader.agentName}: ${letters.length} mails`,
    body: [
      `${reader.agentName} ${words}${reader.reason === null ? '' : ` (${reader.reason})`} and did not read:`,
      ...list,
      'Send what still matters to somebody else: ov mail forward <id> --to <agent>',
    ].join('\n'),
    type: matters && !reader.byPerson ? 'error' : 'status',
    priority: 'normal',
    threadId: letters.length === 1 ? (first?.threadId ?? first?.id ?? null) : null,
    payload: JSON.stringify({ agentName: reader.agentName, state: reader.state, mails: ids }),
    // News that nobody relies on is no reason for a turn of its own.
    ...(matters ? {} : { wake: 'batch' as const }),
    ...(first === undefined ? {} : { reference: { kind: 'bounce' as const, messageId: first.id } }),
  };
}
