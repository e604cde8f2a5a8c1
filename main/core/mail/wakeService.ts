import { MAIL_TYPES, type MailMessage, type MailType, type WakePolicy, type WakeRule } from '../../../contract/mail.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { DueAgent } from './mailDeliveryStore.ts';
import type { MailStore } from './mailStore.ts';
import { type WakeSettings, type WakeTable, waitsFor, wakeRuleFor, wakeTime } from './wakeRules.ts';

/** A mailbox with queued mail, due only when its reader's policy gives it a turn. */
export interface WakeBox extends DueAgent {
  /** When the policy will give it one, milliseconds since the epoch; null when it is due, or nothing but other mail does. */
  readonly wakeAt: number | null;
}

/** Decides which mail gives its reader a turn, and when (B2). */
export interface WakeService {
  /** Every mailbox with queued mail at `now` (milliseconds), with the policies applied. */
  boxes(now: number): readonly WakeBox[];
  /** What holds for mail to this reader: first for every type, then for each type that differs. */
  rules(agentName: string): readonly WakeRule[];
  /** Says a policy for a reader, for one type or all of them (null); a null policy takes the word back. */
  say(agentName: string, type: MailType | null, policy: WakePolicy | null): void;
  /** What a queued mail waits for by its reader's policy, in one line; null when nothing holds it. */
  waitsFor(message: MailMessage): string | null;
}

/** Setting of control-room.db with what `ov mail wake` said, by agent. */
const SAID = 'mail.wake';

export function createWakeService(options: {
  readonly mail: Pick<MailStore, 'dueAgents' | 'waiting'>;
  readonly sessions: Pick<SessionStore, 'getByName'>;
  readonly control: Pick<ControlStore, 'getSetting' | 'putSetting'>;
  readonly settings: () => WakeSettings;
  readonly clock: Clock;
}): WakeService {
  const { mail, sessions, control, clock } = options;

  function said(): Readonly<Record<string, WakeTable>> {
    // Only this service writes the setting.
    return (control.getSetting(SAID) ?? {}) as Readonly<Record<string, WakeTable>>;
  }

  function tableOf(agentName: string): WakeTable | null {
    const all = said();
    return Object.hasOwn(all, agentName) ? (all[agentName] ?? null) : null;
  }

  function readerOf(agentName: string) {
    const session = sessions.getByName(agentName);
    return session === null
      ? null
      : { agentName, capability: session.capability as string, isNew: session.state === 'booting' };
  }

  function policies(reader: { readonly agentName: string; readonly capability: string }) {
    const settings = options.settings();
    const table = tableOf(reader.agentName);
    return (type: MailType | null): WakeRule => wakeRuleFor(reader, type, settings, table);
  }

  return {
    boxes(now) {
      return mail.dueAgents(now).map((box) => {
        const reader = readerOf(box.agentName);
        // Mailboxes of people have no turns to be given.
        if (box.due === 0 || reader === null) return { ...box, wakeAt: null };
        const ruleFor = policies(reader);
        const at = wakeTime(mail.waiting(box.agentName), (type) => ruleFor(type).policy, reader.isNew, now);
        return at !== null && at <= now ? { ...box, wakeAt: null } : { ...box, due: 0, wakeAt: at };
      });
    },
    rules(agentName) {
      const ruleFor = policies(readerOf(agentName) ?? { agentName, capability: '' });
      const every = ruleFor(null);
      const special = MAIL_TYPES.map((type) => ruleFor(type)).filter(({ type }) => type !== null);
      return [every, ...special];
    },
    say(agentName, type, policy) {
      const all = said();
      const before = tableOf(agentName) ?? { any: null, byType: {} };
      const byType = Object.fromEntries(Object.entries(before.byType).filter(([name]) => name !== type));
      const table: WakeTable =
        type === null
          ? { ...before, any: policy }
          : { ...before, byType: policy === null ? byType : { ...byType, [type]: policy } };
      const rest = Object.fromEntries(Object.entries(all).filter(([name]) => name !== agentName));
      const isEmpty = table.any === null && Object.keys(table.byType).length === 0;
      control.putSetting(SAID, isEmpty ? rest : { ...rest, [agentName]: table });
    },
    waitsFor(message) {
      const reader = readerOf(message.to);
      if (message.delivery?.state !== 'queued' || reader === null) return null;
      const ruleFor = policies(reader);
      const queue = mail.waiting(message.to);
      const { type, priority, createdAt, delivery } = message;
      const own = queue.find(
        (one) => one.createdAt === createdAt && one.type === type && one.priority === priority,
      ) ?? {
        ...{ type, priority, createdAt, wake: null },
        ...{ attempts: delivery.attempts, nextAttemptAt: delivery.nextAttemptAt },
      };
      return waitsFor(own, queue, (one) => ruleFor(one).policy, message.to, reader.isNew, clock.now());
    },
  };
}
