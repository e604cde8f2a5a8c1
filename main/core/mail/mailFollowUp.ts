import { OPERATOR } from '../../../contract/ids.ts';
import type { DeliveryStep, MailMessage, MailPriority, MailTrace, SendMailReply } from '../../../contract/mail.ts';
import { answerOf, chosenOption, gateOf } from '../../../contract/mailPayloads.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Changes } from '../changes.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { closeGate } from './closeGate.ts';
import { answerId, answerMail, mayNotAnswer } from './gateRules.ts';
import type { MailService } from './mailService.ts';
import type { MailStore } from './mailStore.ts';
import { forwardOf } from './sendRules.ts';

export interface MailFollowUpOptions {
  readonly mail: MailStore;
  readonly sessions: Pick<SessionStore, 'getByName'>;
  readonly service: MailService;
  readonly changes: Changes;
  /** What a queued mail waits for, in one line; null when nothing is known to hold it. */
  readonly waitsFor: (message: MailMessage) => string | null;
  /** Puts an item of the attention queue aside. */
  readonly dismiss: (attentionId: string) => void;
}

export interface ForwardInput {
  readonly messageId: string;
  readonly to: string;
  readonly from: string;
  readonly note: string;
  readonly priority?: MailPriority | undefined;
  readonly id?: string | undefined;
}

/** What people and agents do with a mail after it was sent. */
export interface MailFollowUp {
  trace(messageId: string): Result<MailTrace>;
  acknowledge(messageId: string, from: string): Result<{ readonly message: MailMessage }>;
  /** A new mail that names the old one; a dead letter that was sent on no longer asks for attention. */
  forward(input: ForwardInput): Promise<Result<SendMailReply>>;
  /** Answers a gate or question, once: the first answer counts. */
  answer(
    messageId: string,
    words: string,
    from: string,
  ): Promise<Result<{ readonly id: string; readonly answer: string }>>;
  /** True if there was such a mail. */
  remove(messageId: string): Result<Record<string, never>>;
  purge(filter: Parameters<MailStore['purge']>[0]): Result<{ readonly purged: number }>;
}

export function createMailFollowUp(options: MailFollowUpOptions): MailFollowUp {
  const { mail, sessions, service, changes } = options;
  const find = (name: string) => sessions.getByName(name);

  function found(messageId: string): Result<MailMessage> {
    const message = mail.getById(messageId);
    return message === null
      ? fail('mail', `mail ${messageId} was not found: see "ov mail list" for the ids`, { data: { messageId } })
      : ok(message);
  }

  return {
    trace(messageId) {
      const message = found(messageId);
      if (!message.ok) return message;
      const { id, from, to, threadId, reference, createdAt, read, delivery } = message.value;
      const sent: DeliveryStep = {
        at: createdAt,
        state: 'queued',
        event: `sent by ${from}`,
        turnId: null,
        detail: null,
      };
      const own = mail.stepsOf(id);
      const elsewhere: DeliveryStep[] =
        read && delivery?.readAt == null
          ? [{ at: null, state: 'read', event: 'marked read by another program', turnId: null, detail: null }]
          : [];
      const thread = mail.getConversation(threadId ?? id);
      const named = reference == null ? null : mail.getById(reference.messageId);
      const related = [...(named === null ? [] : [named]), ...thread, ...mail.referringTo(id)];
      return ok({
        message: message.value,
        steps: [sent, ...own, ...elsewhere],
        waitsFor: to === OPERATOR ? null : options.waitsFor(message.value),
        related: related.filter(
          (one, place) => one.id !== id && related.findIndex((other) => other.id === one.id) === place,
        ),
      });
    },
    acknowledge(messageId, from) {
      const message = found(messageId);
      if (!message.ok) return message;
      if (from !== message.value.to && from !== OPERATOR)
        return fail('mail', `mail ${messageId} is for ${message.value.to}: only its reader or a person confirms it`);
      const done = mail.acknowledge(messageId);
      if (done !== null) changes.mail([messageId]);
      return ok({ message: done ?? message.value });
    },
    async forward({ messageId, to, from, note, priority, id }) {
      const message = found(messageId);
      if (!message.ok) return message;
      const copy = forwardOf(message.value, note);
      const sent = await service.send(
        { ...copy, to, from, priority: priority ?? message.value.priority, ...(id === undefined ? {} : { id }) },
        { reference: { kind: 'forward', messageId } },
      );
      if (sent.ok && message.value.delivery?.state === 'dead') options.dismiss(`deadLetter:${messageId}`);
      return sent;
    },
    async answer(messageId, words, from) {
      const message = found(messageId);
      if (!message.ok) return message;
      const asked = message.value;
      if (asked.type !== 'decision_gate' && asked.type !== 'question')
        return fail(
          'invalidState',
          `mail ${messageId} is a ${asked.type} and asks nothing: use "ov mail reply ${messageId}"`,
        );
      const refused = mayNotAnswer(asked, from, find);
      if (refused !== null) return fail('hierarchy', refused, { data: { messageId } });
      const { options: choices } = gateOf(asked);
      const answer = choices.length === 0 ? words : chosenOption(choices, words);
      if (answer === null) {
        const list = choices.map((choice, index) => `${index + 1} ${choice}`).join(', ');
        return fail('validation', `"${words}" is none of its options (${list}): give one by name or number`, {
          field: 'answer',
        });
      }
      const stored = mail.atomically(() => {
        const before =
          mail.getById(answerId(asked)) ?? answerOf(asked, mail.getConversation(asked.threadId ?? asked.id));
        if (before !== null) return { before, inserted: null };
        return { before: null, inserted: mail.insert(answerMail(asked, from, answer, 'choice')) };
      });
      if (stored.before !== null) {
        // The same answer twice is a call that was repeated because its reply was lost.
        if (stored.before.from === from && stored.before.body === answer) return ok({ id: stored.before.id, answer });
        return fail(
          'conflict',
          `mail ${messageId} was answered already by ${stored.before.from}: ${stored.before.body}`,
        );
      }
      const { inserted } = stored;
      if (inserted === null || !inserted.ok)
        return inserted ?? fail('internal', `mail ${messageId} was not answered: try again`);
      changes.mail([inserted.value.id, ...closeGate(mail, asked)]);
      await service.record([inserted.value]);
      return ok({ id: inserted.value.id, answer });
    },
    remove(messageId) {
      if (!mail.deleteById(messageId)) {
        const message = found(messageId);
        if (!message.ok) return message;
      }
      changes.mail([messageId]);
      return ok({});
    },
    purge(filter) {
      const gone = filter.agent === undefined && filter.olderThanMs === undefined && filter.all !== true;
      if (gone) return fail('validation', 'say what to purge: --all, --days <n> or --agent <name>', { field: 'all' });
      const ids = mail.getAll().map(({ id }) => id);
      const purged = mail.purge(filter);
      changes.mail(ids.filter((id) => mail.getById(id) === null));
      return ok({ purged });
    },
  };
}
