import type { MailPriority, MailType, WakePolicy, WakeRule } from '../../../contract/mail.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';

/** A mail in a queue, as far as its wake depends on it. */
export interface WaitingMail {
  readonly type: MailType;
  readonly priority: MailPriority;
  /** ISO. */
  readonly createdAt: string;
  /** Turns that carried it already and failed. */
  readonly attempts: number;
  /** ISO; null: at once. */
  readonly nextAttemptAt: string | null;
  /** What its sender or a person said of this very mail: `now`, `batch`; null: the reader's policy holds. */
  readonly wake: string | null;
}

/** Policies of one reader, or of everybody, by type of mail; `any` is for types without a rule. */
export interface WakeTable {
  readonly any: WakePolicy | null;
  readonly byType: Readonly<Partial<Record<MailType, WakePolicy>>>;
}

/** `controlRoom.mail.wake`: tables by agent and role, by type for everybody, and what holds without any of them. */
export interface WakeSettings {
  readonly default: WakePolicy;
  readonly types: Readonly<Partial<Record<MailType, WakePolicy>>>;
  readonly roles: Readonly<Record<string, WakeTable>>;
  readonly agents: Readonly<Record<string, WakeTable>>;
}

const NOW: WakePolicy = { kind: 'now', minutes: null };
export const NO_WAKE_SETTINGS: WakeSettings = { default: NOW, types: {}, roles: {}, agents: {} };

/** Milliseconds. Mail dated further ahead than that was sent before the clock was set back. */
const CLOCK_SLIP_MS = 60_000;
const MINUTE_MS = 60_000;

/**
 * The policy for mail of a type, most special word first: what `ov mail wake` said, the agent in the config, its role, the
 * type, the default. Within each, the type outranks the rest.
 */
export function wakeRuleFor(
  reader: { readonly agentName: string; readonly capability: string },
  type: MailType | null,
  settings: WakeSettings,
  said: WakeTable | null,
): WakeRule {
  const tables: readonly (readonly [WakeRule['source'], WakeTable | undefined | null])[] = [
    ['command', said],
    ['agent', own(settings.agents, reader.agentName)],
    ['role', own(settings.roles, reader.capability)],
    ['type', { any: null, byType: settings.types }],
  ];
  for (const [source, table] of tables) {
    const byType = type === null ? undefined : table?.byType[type];
    if (byType !== undefined) return { type, policy: byType, source };
    if (table?.any != null) return { type: null, policy: table.any, source };
  }
  return { type: null, policy: settings.default, source: 'default' };
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/**
 * When a reader with this queue gets a turn: milliseconds since the epoch, at most `now` when at once; null when only
 * something else wakes it. A failed delivery is tried again at its own time whatever the policy says, urgent mail always
 * wakes unless the policy is `never`, and a reader that has not begun yet is woken by its first mail. While a mail waits
 * for its next attempt the whole queue waits with it.
 */
export function wakeTime(
  queue: readonly WaitingMail[],
  policyFor: (type: MailType) => WakePolicy,
  isNew: boolean,
  now: number,
): number | null {
  const ready = readyTime(queue, now);
  let earliest: number | null = null;
  for (const mail of queue) {
    const at = wakeTimeOf(mail, policyFor(mail.type), isNew, ready, now);
    if (at !== null && (earliest === null || at < earliest)) earliest = at;
  }
  return earliest;
}

/** The first moment a turn may take this queue. */
function readyTime(queue: readonly WaitingMail[], now: number): number {
  return queue.reduce(
    (latest, { nextAttemptAt }) => (nextAttemptAt === null ? latest : Math.max(latest, parseTimestamp(nextAttemptAt))),
    now,
  );
}

function wakeTimeOf(mail: WaitingMail, policy: WakePolicy, isNew: boolean, ready: number, now: number): number | null {
  if (isNew || mail.wake === 'now' || mail.attempts > 0) return ready;
  if (mail.priority === 'urgent' && policy.kind !== 'never') return ready;
  if (mail.wake === 'batch') return null;
  switch (policy.kind) {
    case 'now':
      return ready;
    case 'batch':
    case 'never':
      return null;
    case 'digest': {
      const sent = parseTimestamp(mail.createdAt);
      if (Number.isNaN(sent) || sent > now + CLOCK_SLIP_MS) return ready;
      return Math.max(ready, sent + (policy.minutes ?? 0) * MINUTE_MS);
    }
  }
}

/**
 * One line on what a queue waits for, as somebody asks about a mail in it; null when its turn is about to start. `reader`
 * is the name of the mailbox's agent.
 */
export function waitsFor(
  mail: WaitingMail,
  queue: readonly WaitingMail[],
  policyFor: (type: MailType) => WakePolicy,
  reader: string,
  isNew: boolean,
  now: number,
): string | null {
  const at = wakeTime(queue, policyFor, isNew, now);
  const ready = readyTime(queue, now);
  if (at !== null && at <= now) return null;
  if (at !== null)
    return at <= ready && ready > now
      ? `the next attempt of ${reader} at ${timestamp(at)}`
      : `the digest of ${reader} at ${timestamp(at)}`;
  return policyFor(mail.type).kind === 'never'
    ? `${reader} is never woken by mail: it goes along with the next turn, which "ov nudge ${reader} <text>" starts`
    : `the next turn of ${reader}, which this mail does not start`;
}
