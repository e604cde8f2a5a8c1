import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import { answerOf, gateOf } from '../../../contract/mailPayloads.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { planBounce } from './bounceRules.ts';
import { closeGate } from './closeGate.ts';
import { answerId, gateEnd } from './gateRules.ts';
import type { NewMail } from './mailRow.ts';
import type { MailService } from './mailService.ts';
import type { MailStore } from './mailStore.ts';

export interface MailChoresOptions {
  readonly mail: MailStore;
  readonly sessions: Pick<SessionStore, 'getByName'>;
  readonly control: Pick<ControlStore, 'getAgentSettings'>;
  readonly service: Pick<MailService, 'record'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reason of a session that a person ended (lifecycle.ts). */
const BY_PERSON = 'stopped by the operator';

/**
 * What has to be done about mail without anybody asking: returns for readers that have ended, answers and escalations for
 * gates whose deadline has passed. Safe to call at any time and any number of times.
 * @returns when to look again, milliseconds since the epoch; Infinity when nothing is waited for.
 */
export function createMailChores(options: MailChoresOptions): (now: number) => number {
  const { mail, sessions, control, changes, log } = options;
  const find = (name: string) => sessions.getByName(name);

  /** Only agents of this engine: what overstory itself left unread in an old project is left as it is. */
  function bounce(agentName: string): void {
    const session = sessions.getByName(agentName);
    if (session === null || (session.state !== 'completed' && session.state !== 'zombie')) return;
    const settings = control.getAgentSettings(agentName);
    if (settings === null) return;
    const stored = mail.atomically(() => {
      const letters = mail.unreached(agentName).filter((letter) => letter.createdAt >= session.startedAt);
      if (letters.length === 0) return { ids: [], returned: [] };
      const plan = planBounce(
        {
          agentName,
          sessionId: session.id,
          state: session.state === 'completed' ? 'completed' : 'zombie',
          reason: settings.reason,
          byPerson: settings.reason === BY_PERSON,
        },
        letters,
        find,
      );
      const given = mail.giveUp(plan.letters);
      const inserted = insertNew(plan.mails);
      return { ids: [...given, ...inserted.map(({ id }) => id)], returned: inserted };
    });
    tell(stored.ids, stored.returned);
  }

  /** Mail whose id is made from its cause is stored once, however often the cause is looked at. */
  function insertNew(mails: readonly NewMail[]): readonly MailMessage[] {
    const fresh = mails.filter(({ id }) => id === undefined || mail.getById(id) === null);
    const inserted = mail.insertMany(fresh);
    if (!inserted.ok) throw new Error(inserted.error.message);
    return inserted.value;
  }

  function tell(ids: readonly string[], sent: readonly MailMessage[]): void {
    if (ids.length === 0) return;
    changes.mail(ids);
    options.service.record(sent).catch((error: unknown) => {
      // The mail is stored; only its event is missing.
      log('warn', 'mail was sent without an event', { error: String(error) });
    });
  }

  /** @returns when the gate's time is over; Infinity when that is no longer waited for. */
  function watchGate(asked: MailMessage, now: number): number {
    const { deadline } = gateOf(asked);
    if (deadline === null) return Number.POSITIVE_INFINITY;
    if (sessions.getByName(asked.from)?.state === 'completed') return Number.POSITIVE_INFINITY;
    if (answerOf(asked, mail.getConversation(asked.threadId ?? asked.id)) !== null) return Number.POSITIVE_INFINITY;
    const at = Date.parse(deadline);
    if (at > now) return at;
    const end = gateEnd(asked, find);
    const stored = mail.atomically(() => {
      if (end.kind === 'stays' || mail.getById(answerId(asked)) !== null) return { ids: [], sent: [] };
      const sent = insertNew([end.kind === 'default' ? end.answer : end.copy]);
      const closed = sent.length > 0 && end.kind === 'default' ? closeGate(mail, asked) : [];
      return { ids: [...sent.map(({ id }) => id), ...closed], sent };
    });
    tell(stored.ids, stored.sent);
    return Number.POSITIVE_INFINITY;
  }

  return (now) => {
    for (const agentName of mail.unreachedBoxes()) if (agentName !== OPERATOR) bounce(agentName);
    let next = Number.POSITIVE_INFINITY;
    for (const asked of mail.openDeadlines()) next = Math.min(next, watchGate(asked, now));
    return next;
  };
}
