import { createHash } from 'node:crypto';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import { gateOf } from '../../../contract/mailPayloads.ts';
import type { NewMail } from './mailRow.ts';
import { nextSuperior, type Subordinate, superiorsOf } from './superiors.ts';

/** What happens to a gate whose time is over. */
export type GateEnd =
  /** Its own fallback is taken, in the name of whoever was asked. */
  | { readonly kind: 'default'; readonly answer: NewMail }
  /** The next superior is asked the same. */
  | { readonly kind: 'escalate'; readonly copy: NewMail }
  /** A person was asked already: it stays open, and stays in the attention queue. */
  | { readonly kind: 'stays' };

const idOf = (words: string): string => `msg-${createHash('sha256').update(words).digest('hex').slice(0, 12)}`;

/** The gate a copy of it stands for. */
export function gateRoot(message: Pick<MailMessage, 'id' | 'reference'>): string {
  return message.reference?.kind === 'escalation' ? message.reference.messageId : message.id;
}

/** Id of the answer to a gate: one a gate, so that of two answers at once one is stored (and a lost call may be repeated). */
export function answerId(message: Pick<MailMessage, 'id' | 'reference'>): string {
  return idOf(`answer ${gateRoot(message)}`);
}

/** The mail that answers a gate with an option. */
export function answerMail(asked: MailMessage, from: string, option: string, by: 'choice' | 'deadline'): NewMail {
  return {
    id: answerId(asked),
    from,
    to: asked.from,
    subject: `Re: ${asked.subject}`,
    body: option,
    type: asked.type,
    priority: asked.priority,
    threadId: asked.threadId ?? asked.id,
    payload: JSON.stringify({ answer: option, ...(by === 'deadline' ? { by } : {}) }),
    wake: 'now',
  };
}

/** What follows when the deadline of an unanswered gate has passed. Pure. */
export function gateEnd(asked: MailMessage, find: (name: string) => Subordinate | null): GateEnd {
  const gate = gateOf(asked);
  if (gate.fallback !== null)
    return { kind: 'default', answer: answerMail(asked, asked.to, gate.fallback, 'deadline') };
  if (asked.to === OPERATOR) return { kind: 'stays' };
  const to = find(asked.to) === null ? OPERATOR : nextSuperior(asked.to, find);
  return {
    kind: 'escalate',
    copy: {
      id: idOf(`escalation ${gateRoot(asked)} ${to}`),
      from: asked.from,
      to,
      subject: asked.subject,
      body: `${asked.body}\n\n${asked.to} was asked first and did not answer by ${gate.deadline ?? 'its deadline'}.`,
      type: 'decision_gate',
      priority: asked.priority === 'urgent' ? 'urgent' : 'high',
      threadId: asked.threadId ?? asked.id,
      // Without its deadline: the next one asked has the time it takes.
      payload: JSON.stringify({ options: gate.options, ...(gate.context === null ? {} : { context: gate.context }) }),
      reference: { kind: 'escalation', messageId: gateRoot(asked) },
    },
  };
}

/** Why somebody may not answer a gate or question; null when they may: whoever was asked, any superior of the asker, a person. */
export function mayNotAnswer(
  asked: Pick<MailMessage, 'id' | 'from' | 'to'>,
  who: string,
  find: (name: string) => Subordinate | null,
): string | null {
  if (who === asked.from) return `you asked mail ${asked.id} yourself: its answer comes from ${asked.to}`;
  if (who === OPERATOR || who === asked.to || find(who) === null) return null;
  return superiorsOf(asked.from, find).includes(who)
    ? null
    : `mail ${asked.id} is answered by ${asked.to}, a superior of ${asked.from}, or a person: tell one of them what you know`;
}
