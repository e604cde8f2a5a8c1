import { createHash } from 'node:crypto';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage, SendMailInput, SendMailReply } from '../../../contract/mail.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { EventStore } from '../events/eventStore.ts';
import { readCurrentRun } from '../runs/currentRun.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { terminalMailTypes } from '../turns/turnOutcome.ts';
import { closeGate } from './closeGate.ts';
import { isGroupAddress, resolveGroupAddress } from './groupAddress.ts';
import { replyTo } from './mailReply.ts';
import type { NewMail } from './mailRow.ts';
import type { MailStore } from './mailStore.ts';
import { nudgeReason, writePendingNudge } from './pendingNudges.ts';
import { reviewCoverage } from './reviewCoverage.ts';
import { checkMail } from './sendRules.ts';

export interface MailServiceOptions {
  readonly overstoryDirectory: string;
  readonly mail: MailStore;
  readonly sessions: SessionStore;
  readonly events: EventStore;
  readonly changes: Changes;
  readonly clock?: Clock;
}

/** Sends, answers and hands out mail. Works with the stores alone, so the command line can use it without an engine. */
export interface MailService {
  /** One row a recipient; a group gets all or none (spec 02 §1.7). */
  send(input: SendMailInput, extra?: Pick<NewMail, 'wake' | 'reference'>): Promise<Result<SendMailReply>>;
  reply(messageId: string, body: string, from: string, id?: string): Promise<Result<{ readonly id: string }>>;
  /** Claims the unread mail of a mailbox: two checkers never get the same mail. */
  check(agentName: string): readonly MailMessage[];
  markRead(messageId: string): Result<{ readonly message: MailMessage; readonly alreadyRead: boolean }>;
  resend(messageId: string): Result<Record<string, never>>;
  /** Tells of mails that were stored: an event each. */
  record(messages: readonly MailMessage[]): Promise<void>;
}

export function createMailService(options: MailServiceOptions): MailService {
  const { mail, sessions, events, changes, clock = systemClock } = options;

  async function record(message: MailMessage, broadcast: boolean): Promise<void> {
    const { from, to, subject, type, priority, id: messageId } = message;
    events.insert({
      agentName: from,
      eventType: 'mail_sent',
      runId: sessions.getByName(from)?.runId ?? (await readCurrentRun(options.overstoryDirectory)),
      data: JSON.stringify({ to, subject, type, priority, messageId, ...(broadcast ? { broadcast } : {}) }),
    });
    changes.events();
  }

  function recipients(input: SendMailInput): Result<readonly string[]> {
    if (isGroupAddress(input.to)) return resolveGroupAddress(input.to, sessions.getActive(), input.from);
    const session = sessions.getByName(input.to);
    if (session !== null && (session.state === 'completed' || session.state === 'zombie')) {
      return fail(
        'mail',
        `${input.to} is ${session.state} and reads no more mail: sling a new agent or send to its parent`,
        {
          field: 'to',
          data: { agentName: input.to, state: session.state },
        },
      );
    }
    return ok([input.to]);
  }

  /** Mail to an unknown name is delivered (spec 02 §1.12), but most often the name is a slip. */
  function isNobody(name: string): boolean {
    return name !== OPERATOR && name !== 'orchestrator' && sessions.getByName(name) === null;
  }

  /** Agents in a terminal of their own look at a marker before their next prompt; the others get a turn (spec 02 §1.8). */
  async function markNudges(messages: readonly MailMessage[]): Promise<string[]> {
    const marked: string[] = [];
    for (const { id: messageId, from, to, subject, type, priority, createdAt } of messages) {
      const reason = nudgeReason(type, priority);
      if (reason === null || to === OPERATOR || sessions.getByName(to)?.tmuxSession === '') continue;
      await writePendingNudge(options.overstoryDirectory, to, { from, reason, subject, messageId, createdAt });
      marked.push(to);
    }
    return marked;
  }

  /** Whoever reports has done what its dispatch asked for. */
  function acknowledgeDispatch(input: SendMailInput): readonly string[] {
    const session = sessions.getByName(input.from);
    if (session === null || !terminalMailTypes(session.capability).includes(input.type)) return [];
    return (['dispatch', 'assign'] as const)
      .flatMap((type) => mail.getAll({ to: input.from, type }))
      .flatMap(({ id }) => (mail.acknowledge(id) === null ? [] : [id]));
  }

  /** The answer to a sender that asks a second time, because the first answer was lost. */
  function sentBefore(input: SendMailInput): Result<SendMailReply> | null {
    if (input.id === undefined) return null;
    const sent: MailMessage[] = [];
    for (let index = 0; ; index += 1) {
      const message = mail.getById(mailIdOf(input.id, index));
      if (message === null) break;
      sent.push(message);
    }
    if (sent.length === 0) return null;
    if (sent.some((message) => message.from !== input.from || message.subject !== input.subject))
      return fail('conflict', `mail id ${input.id} is taken: leave the id out`, { field: 'id' });
    return ok({
      messageIds: sent.map((message) => message.id),
      recipients: sent.map((message) => message.to),
      warnings: [],
    });
  }

  return {
    async send(input, extra = {}) {
      const checked = checkMail(input, clock.now());
      if (!checked.ok) return checked;
      const before = sentBefore(input);
      if (before !== null) return before;
      const to = recipients(input);
      if (!to.ok) return to;
      const inserted = mail.insertMany(
        to.value.map((recipient, index) => ({
          ...(input.id === undefined ? {} : { id: mailIdOf(input.id, index) }),
          from: input.from,
          to: recipient,
          subject: input.subject,
          body: input.body,
          type: input.type,
          priority: input.priority,
          threadId: input.threadId ?? null,
          payload: input.payload ?? null,
          ...extra,
        })),
      );
      if (!inserted.ok) return inserted;
      const done = acknowledgeDispatch(input);
      for (const message of inserted.value) await record(message, isGroupAddress(input.to));
      changes.mail([...done, ...inserted.value.map((message) => message.id)]);
      const nudged = await markNudges(inserted.value);
      return ok({
        messageIds: inserted.value.map((message) => message.id),
        recipients: [...to.value],
        warnings: [
          ...(input.type === 'merge_ready' ? reviewCoverage(input.from, sessions.getAll()) : []),
          ...to.value.filter(isNobody).map((name) => `no agent is called ${name}: the mail waits until one is slung`),
        ],
        nudged,
      });
    },
    async reply(messageId, body, from, id) {
      if (id !== undefined && mail.getById(id)?.from === from) return ok({ id });
      const original = mail.getById(messageId);
      if (original === null)
        return fail('mail', `mail ${messageId} was not found: see "ov mail list" for the ids`, { data: { messageId } });
      const answersIt = original.from !== from && (original.type === 'question' || original.type === 'decision_gate');
      const inserted = mail.insert({
        ...replyTo(original, body, from),
        ...(id === undefined ? {} : { id }),
        // Whoever asked waits for this, whatever its policy says of other mail.
        ...(answersIt ? { wake: 'now' as const } : {}),
      });
      if (!inserted.ok) return inserted;
      await record(inserted.value, false);
      // Whoever answers a mail has read it; an answered question calls for nobody any more.
      const read = original.to === from && mail.acknowledge(messageId) !== null ? [messageId] : [];
      const closed = answersIt ? closeGate(mail, original) : [];
      changes.mail([...read, ...closed, inserted.value.id]);
      return ok({ id: inserted.value.id });
    },
    check(agentName) {
      const messages = mail.claimByCheck(agentName);
      if (messages.length > 0) changes.mail(messages.map((message) => message.id));
      return messages;
    },
    markRead(messageId) {
      const marked = mail.markRead(messageId);
      if (marked.ok && !marked.value.alreadyRead) changes.mail([messageId]);
      return marked;
    },
    resend(messageId) {
      const sent = mail.resend(messageId);
      if (!sent.ok) return sent;
      changes.mail([messageId]);
      return ok({});
    },
    async record(messages) {
      for (const message of messages) await record(message, false);
    },
  };
}

/** Id of the mail to the recipient at a place: the sender's own for the first, made from it for the others. */
function mailIdOf(id: string, index: number): string {
  return index === 0 ? id : `msg-${createHash('sha256').update(`${id} ${index}`).digest('hex').slice(0, 12)}`;
}
