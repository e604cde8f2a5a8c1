import type { DeliveryState, MailMessage } from '../../../contract/mail.ts';
import { assertNever, fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import type { StoreContext } from '../db/openDatabase.ts';
import { fromMailRow, MAIL_SELECT, type MailRow } from './mailRow.ts';

/** What becomes of a mail when the turn that carried it has ended. */
export type Settlement =
  | { readonly kind: 'read' }
  /** Back into the queue; not given to a turn before this time (milliseconds since the epoch). */
  | {
      readonly kind: 'requeue';
      readonly at: number;
      readonly reason: string;
      /** The turn never began: the attempt does not count. */
      readonly uncounted?: boolean;
    }
  /** A dead letter: a person decides. */
  | { readonly kind: 'dead'; readonly reason: string };

/** A mailbox with queued mail. */
export interface DueAgent {
  readonly agentName: string;
  /** Queued mails whose time has come. */
  readonly due: number;
  /** Time of the earliest mail that still waits for its next attempt, ISO; null when none does. */
  readonly nextAttemptAt: string | null;
}

/**
 * The way of a mail: queued → injected into a turn → read, or back to the queue, or dead. Every step is one IMMEDIATE
 * transaction, so that of two claimers each mail goes to one (spec 02 §1.10, "Atomicity").
 */
export interface MailDelivery {
  /**
   * Takes all mail of a mailbox that is due at `now` (milliseconds) for a turn: queued and its waiting time over. Mail
   * carried by another turn is left alone unless `isTurnLive` says that turn is gone. Counts an attempt. Oldest first.
   */
  claimForTurn(
    agentName: string,
    turnId: string,
    now: number,
    isTurnLive?: (turnId: string) => boolean,
  ): readonly MailMessage[];
  /** Ends the way of exactly the mails that turn carries, one verdict for all or one for each. @returns them as they now are. */
  settleTurn(turnId: string, settlement: Settlement | ((mail: MailMessage) => Settlement)): readonly MailMessage[];
  /**
   * Takes the unread mail of a mailbox for somebody who asks, and marks it read; mail that a running turn carries is not
   * given twice. Returned as it was before, unread. Oldest first.
   */
  claimByCheck(agentName: string): readonly MailMessage[];
  /** Mailboxes with queued mail at `now` (milliseconds). */
  dueAgents(now: number): readonly DueAgent[];
  /** Mails that wait in their queue, by mailbox: neither read, nor on their way into a turn, nor dead. */
  queuedCounts(): ReadonlyMap<string, number>;
  /** Turns that carry unread mail: after a restart, those that no longer run must be settled. */
  injectedTurnIds(): readonly string[];
  /** Mails a turn carries, oldest first. */
  carriedBy(turnId: string): readonly MailMessage[];
  /** Deliveries of the mail a turn carried, settled or not: the highest count; 0 when it carried none. */
  attemptsOf(turnId: string): number;
  /** Why a mail went back to the queue or died; null when there is nothing to say. */
  deliveryReason(messageId: string): string | null;
  /** Lets waiting mail of a mailbox be taken at once. @returns how many mails that hastened. */
  hasten(agentName: string): number;
  /** Puts a dead letter back into its queue with its attempts forgotten. */
  resend(messageId: string): Result<MailMessage>;
}

interface DeliveryRow {
  readonly id: string;
  readonly state: DeliveryState;
  readonly turn: string | null;
  readonly attempts: number;
  readonly next: string | null;
  readonly updated: string;
  readonly reason: string | null;
}

const OLDEST = 'ORDER BY m.created_at, m.rowid';

/** Prepares the delivery part of the mail store; the schema must be current. */
export function buildDelivery({ connection, clock }: StoreContext): MailDelivery {
  const { database, write } = connection;
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, MailRow>(`${MAIL_SELECT} ${rest}`);

  const byId = read<[string]>('WHERE m.id = ?');
  const unread = read<[string]>(`WHERE m.to_agent = ? AND m.read = 0 ${OLDEST}`);
  const carried = read<[string]>(`WHERE d.turn_id = ? AND d.state = 'injected' AND m.read = 0 ${OLDEST}`);
  const setDelivery = database.prepare<[DeliveryRow]>(
    `INSERT INTO ocr_delivery (message_id, state, turn_id, attempts, next_attempt_at, updated_at, reason)
      VALUES (@id, @state, @turn, @attempts, @next, @updated, @reason)
      ON CONFLICT(message_id) DO UPDATE SET state = @state, turn_id = @turn, attempts = @attempts,
        next_attempt_at = @next, updated_at = @updated, reason = @reason`,
  );
  const setRead = database.prepare<[string]>('UPDATE messages SET read = 1 WHERE id = ?');
  const due = database.prepare<[{ now: string }], DueAgent>(
    `SELECT m.to_agent AS agentName,
        sum(d.next_attempt_at IS NULL OR d.next_attempt_at <= @now) AS due,
        min(CASE WHEN d.next_attempt_at > @now THEN d.next_attempt_at END) AS nextAttemptAt
      FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
      WHERE m.read = 0 AND coalesce(d.state, 'queued') = 'queued'
      GROUP BY m.to_agent ORDER BY m.to_agent`,
  );
  const queued = database.prepare<[], { readonly agentName: string; readonly count: number }>(
    `SELECT m.to_agent AS agentName, count(*) AS count
      FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
      WHERE m.read = 0 AND coalesce(d.state, 'queued') = 'queued' GROUP BY m.to_agent`,
  );
  const injected = database
    .prepare<[], string>(
      `SELECT DISTINCT d.turn_id FROM ocr_delivery d JOIN messages m ON m.id = d.message_id
        WHERE d.state = 'injected' AND m.read = 0 AND d.turn_id IS NOT NULL ORDER BY d.turn_id`,
    )
    .pluck();
  const reason = database
    .prepare<[string], string | null>('SELECT reason FROM ocr_delivery WHERE message_id = ?')
    .pluck();
  const attempts = database
    .prepare<[string], number>('SELECT coalesce(max(attempts), 0) FROM ocr_delivery WHERE turn_id = ?')
    .pluck();
  const hasten = database.prepare<[{ agent: string; now: string }]>(
    `UPDATE ocr_delivery SET next_attempt_at = NULL, updated_at = @now
      WHERE state = 'queued' AND next_attempt_at IS NOT NULL
        AND message_id IN (SELECT id FROM messages WHERE to_agent = @agent AND read = 0)`,
  );

  const now = (): string => timestamp(clock.now());
  const current = (row: MailRow): MailMessage => fromMailRow(byId.get(row.id) ?? row);

  function settle(row: MailRow, settlement: Settlement): void {
    const kept = { id: row.id, turn: row.turn_id, attempts: row.attempts ?? 0, updated: now() };
    switch (settlement.kind) {
      case 'read':
        setRead.run(row.id);
        setDelivery.run({ ...kept, state: 'read', next: null, reason: null });
        return;
      case 'requeue':
        setDelivery.run({
          ...kept,
          attempts: Math.max(0, kept.attempts - (settlement.uncounted === true ? 1 : 0)),
          state: 'queued',
          next: timestamp(settlement.at),
          reason: settlement.reason,
        });
        return;
      case 'dead':
        setDelivery.run({ ...kept, state: 'dead', next: null, reason: settlement.reason });
        return;
      default:
        assertNever(settlement);
    }
  }

  return {
    claimForTurn(agentName, turnId, at, isTurnLive = () => true) {
      const limit = timestamp(at);
      const isDue = (row: MailRow): boolean => {
        if (row.state === 'dead') return false;
        if (row.state === 'injected') return row.turn_id === null || !isTurnLive(row.turn_id);
        return row.next_attempt_at === null || row.next_attempt_at <= limit;
      };
      return write(() => {
        const rows = unread.all(agentName).filter(isDue);
        for (const row of rows) {
          setDelivery.run({
            id: row.id,
            state: 'injected',
            turn: turnId,
            attempts: (row.attempts ?? 0) + 1,
            next: null,
            updated: now(),
            reason: null,
          });
        }
        return rows.map(current);
      });
    },
    settleTurn(turnId, settlement) {
      return write(() => {
        const rows = carried.all(turnId);
        for (const row of rows) {
          settle(row, typeof settlement === 'function' ? settlement(fromMailRow(row)) : settlement);
        }
        return rows.map(current);
      });
    },
    claimByCheck(agentName) {
      return write(() => {
        const rows = unread.all(agentName).filter((row) => row.state !== 'injected');
        for (const row of rows) settle(row, { kind: 'read' });
        return rows.map(fromMailRow);
      });
    },
    dueAgents: (at) => due.all({ now: timestamp(at) }),
    queuedCounts: () => new Map(queued.all().map(({ agentName, count }) => [agentName, count])),
    injectedTurnIds: () => injected.all(),
    carriedBy: (turnId) => carried.all(turnId).map(fromMailRow),
    attemptsOf: (turnId) => attempts.get(turnId) ?? 0,
    deliveryReason: (messageId) => reason.get(messageId) ?? null,
    hasten: (agentName) => write(() => hasten.run({ agent: agentName, now: now() }).changes),
    resend(messageId) {
      return write(() => {
        const row = byId.get(messageId);
        if (row === undefined) return fail('mail', `mail ${messageId} was not found`, { data: { messageId } });
        if (row.read !== 0 || row.state !== 'dead') {
          return fail('invalidState', `mail ${messageId} is not a dead letter: there is nothing to send again`);
        }
        setDelivery.run({
          id: messageId,
          state: 'queued',
          turn: null,
          attempts: 0,
          next: null,
          updated: now(),
          reason: null,
        });
        return ok(current(row));
      });
    },
  };
}
