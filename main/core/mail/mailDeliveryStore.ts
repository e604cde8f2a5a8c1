import type { DeliveryState, DeliveryStep, MailMessage } from '../../../contract/mail.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import type { StoreContext } from '../db/openDatabase.ts';
import { type DeliveryEvent, deliveryWords, nextDelivery } from './deliveryStates.ts';
import { deliveryOf, fromMailRow, MAIL_SELECT, type MailRow, type NewMail } from './mailRow.ts';
import type { WaitingMail } from './wakeRules.ts';

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

/**
 * A mailbox with queued mail. While a mail waits for its next attempt the whole mailbox waits with it: new mail, such as a
 * nudge, would else begin a turn of its own, whose attempts are counted anew.
 */
export interface DueAgent {
  readonly agentName: string;
  /** Queued mails, once the time of all has come; 0 before. */
  readonly due: number;
  /** When the last mail that waits for its next attempt may be taken, ISO; null when none waits. */
  readonly nextAttemptAt: string | null;
}

/**
 * The way of a mail (deliveryStates.ts). Every step is one IMMEDIATE transaction, so that of two claimers each mail goes to
 * one (spec 02 §1.10, "Atomicity"), and is kept with its time.
 */
export interface MailDelivery {
  /**
   * Takes all mail of a mailbox that is due at `now` (milliseconds) for a turn: all that is queued, once nothing of it
   * waits for its next attempt. Mail carried by another turn is left alone unless `isTurnLive` says that turn is gone.
   * Counts an attempt. Oldest first.
   */
  claimForTurn(
    agentName: string,
    turnId: string,
    now: number,
    isTurnLive?: (turnId: string) => boolean,
  ): readonly MailMessage[];
  /** The turn has its input. @returns the ids of the mails that changes. */
  turnStarted(turnId: string): readonly string[];
  /** Its reader answered or confirmed it; null when that changes nothing or there is no such mail. */
  acknowledge(messageId: string): MailMessage | null;
  /** A person or its reader took it by hand: the delivery part of marking it read. */
  take(messageId: string): void;
  /** Stores the delivery part of a new mail, when it has one. */
  begin(messageId: string, mail: Pick<NewMail, 'wake' | 'reference'>): void;
  /** What happened to a mail since it was sent, oldest first. */
  stepsOf(messageId: string): readonly DeliveryStep[];
  /** Mail in a mailbox's queue, due or not, for whoever decides about a wake. */
  waiting(agentName: string): readonly WaitingMail[];
  /** Mail of a mailbox its reader will not come to, and nobody has been told of. Oldest first. */
  unreached(agentName: string): readonly MailMessage[];
  /** Mailboxes with such mail. */
  unreachedBoxes(): readonly string[];
  /** Makes dead letters of mails whose reader is gone, and notes who is told. @returns the ids of those that were open. */
  giveUp(
    letters: readonly { readonly id: string; readonly reason: string; readonly told: string }[],
  ): readonly string[];
  /** Mails that forward, return or escalate a mail, oldest first. */
  referringTo(messageId: string): readonly MailMessage[];
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
  /** The same with how often the most tried of them was already carried by a turn. */
  queuedBoxes(): ReadonlyMap<string, QueuedBox>;
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
  /** The same, and whatever the wake policy says: somebody wants this reader to have a turn now. */
  wakeNow(agentName: string): void;
  /** Puts a dead letter back into its queue with its attempts forgotten. */
  resend(messageId: string): Result<MailMessage>;
}

/** What waits in a mailbox. */
export interface QueuedBox {
  readonly count: number;
  readonly attempts: number;
}

interface DeliveryRow {
  readonly id: string;
  readonly state: DeliveryState;
  readonly turn: string | null;
  readonly attempts: number;
  readonly next: string | null;
  readonly updated: string;
  readonly reason: string | null;
  readonly injected: string | null;
  readonly started: string | null;
  readonly read: string | null;
  readonly acknowledged: string | null;
}

interface StepRow {
  readonly id: string;
  readonly at: string;
  readonly state: string;
  readonly event: string;
  readonly turn: string | null;
  readonly detail: string | null;
}

const OLDEST = 'ORDER BY m.created_at, m.rowid';
/** In the hands of a turn. */
const CARRIED = "d.state IN ('injected', 'started')";

/** Prepares the delivery part of the mail store; the schema must be current. */
export function buildDelivery({ connection, clock }: StoreContext): MailDelivery {
  const { database, write } = connection;
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, MailRow>(`${MAIL_SELECT} ${rest}`);

  const byId = read<[string]>('WHERE m.id = ?');
  const unread = read<[string]>(`WHERE m.to_agent = ? AND m.read = 0 ${OLDEST}`);
  const carried = read<[string]>(`WHERE d.turn_id = ? AND ${CARRIED} AND m.read = 0 ${OLDEST}`);
  const unreached = read<[string]>(
    `WHERE m.to_agent = ? AND m.read = 0 AND coalesce(d.state, 'queued') IN ('queued', 'dead') AND d.bounced_to IS NULL ${OLDEST}`,
  );
  const unreachedBoxes = database
    .prepare<[], string>(
      `SELECT DISTINCT m.to_agent FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
        WHERE m.read = 0 AND coalesce(d.state, 'queued') IN ('queued', 'dead') AND d.bounced_to IS NULL ORDER BY m.to_agent`,
    )
    .pluck();
  const referring = read<[string]>(`WHERE d.reference_id = ? ${OLDEST}`);
  const setDelivery = database.prepare<[DeliveryRow]>(
    `INSERT INTO ocr_delivery (message_id, state, turn_id, attempts, next_attempt_at, updated_at, reason,
        injected_at, started_at, read_at, acknowledged_at)
      VALUES (@id, @state, @turn, @attempts, @next, @updated, @reason, @injected, @started, @read, @acknowledged)
      ON CONFLICT(message_id) DO UPDATE SET state = @state, turn_id = @turn, attempts = @attempts,
        next_attempt_at = @next, updated_at = @updated, reason = @reason, injected_at = @injected, started_at = @started,
        read_at = @read, acknowledged_at = @acknowledged`,
  );
  const setExtras = database.prepare<
    [{ id: string; updated: string; wake: string | null; kind: string | null; other: string | null }]
  >(
    `INSERT INTO ocr_delivery (message_id, state, updated_at, wake, reference_kind, reference_id)
      VALUES (@id, 'queued', @updated, @wake, @kind, @other)`,
  );
  const addStep = database.prepare<[StepRow]>(
    `INSERT INTO ocr_delivery_steps (message_id, at, state, event, turn_id, detail)
      VALUES (@id, @at, @state, @event, @turn, @detail)`,
  );
  const steps = database.prepare<[string], Omit<DeliveryStep, 'turnId'> & { readonly turn: string | null }>(
    'SELECT at, state, event, turn_id AS turn, detail FROM ocr_delivery_steps WHERE message_id = ? ORDER BY id',
  );
  const setRead = database.prepare<[string]>('UPDATE messages SET read = 1 WHERE id = ?');
  const setTold = database.prepare<[string, string]>('UPDATE ocr_delivery SET bounced_to = ? WHERE message_id = ?');
  const due = database.prepare<[{ now: string }], DueAgent>(
    `SELECT m.to_agent AS agentName,
        CASE WHEN max(d.next_attempt_at) > @now THEN 0 ELSE count(*) END AS due,
        CASE WHEN max(d.next_attempt_at) > @now THEN max(d.next_attempt_at) END AS nextAttemptAt
      FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
      WHERE m.read = 0 AND coalesce(d.state, 'queued') = 'queued'
      GROUP BY m.to_agent ORDER BY m.to_agent`,
  );
  const queued = database.prepare<[], QueuedBox & { readonly agentName: string }>(
    `SELECT m.to_agent AS agentName, count(*) AS count, max(coalesce(d.attempts, 0)) AS attempts
      FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
      WHERE m.read = 0 AND coalesce(d.state, 'queued') = 'queued' GROUP BY m.to_agent`,
  );
  const waiting = database.prepare<[string], WaitingMail>(
    `SELECT m.type, m.priority, m.created_at AS createdAt, coalesce(d.attempts, 0) AS attempts,
        d.next_attempt_at AS nextAttemptAt, d.wake
      FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
      WHERE m.to_agent = ? AND m.read = 0 AND coalesce(d.state, 'queued') = 'queued' ${OLDEST}`,
  );
  const injected = database
    .prepare<[], string>(
      `SELECT DISTINCT d.turn_id FROM ocr_delivery d JOIN messages m ON m.id = d.message_id
        WHERE ${CARRIED} AND m.read = 0 AND d.turn_id IS NOT NULL ORDER BY d.turn_id`,
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
  const wakeQueued = database.prepare<[{ agent: string; now: string }]>(
    `INSERT INTO ocr_delivery (message_id, state, updated_at, wake)
      SELECT m.id, 'queued', @now, 'now' FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id
        WHERE m.to_agent = @agent AND m.read = 0 AND coalesce(d.state, 'queued') = 'queued'
      ON CONFLICT(message_id) DO UPDATE SET wake = 'now', next_attempt_at = NULL, updated_at = @now`,
  );

  const now = (): string => timestamp(clock.now());
  const current = (row: MailRow): MailMessage => fromMailRow(byId.get(row.id) ?? row);

  /** Lets something happen to a mail, within a transaction. @returns false where it means nothing. */
  function happen(row: MailRow, event: DeliveryEvent, detail: string | null = null): boolean {
    const at = now();
    const before = deliveryOf(row);
    const next = nextDelivery(before, event, at);
    if (next === null) return false;
    if (row.read === 0 && (next.state === 'read' || next.state === 'acknowledged')) setRead.run(row.id);
    setDelivery.run({
      id: row.id,
      state: next.state,
      turn: next.turnId,
      attempts: next.attempts,
      next: next.nextAttemptAt,
      updated: at,
      reason: next.reason,
      injected: next.injectedAt,
      started: next.startedAt,
      read: next.readAt,
      acknowledged: next.acknowledgedAt,
    });
    addStep.run({ id: row.id, at, state: next.state, event: deliveryWords(event), turn: next.turnId, detail });
    return true;
  }

  function settle(row: MailRow, settlement: Settlement): void {
    switch (settlement.kind) {
      case 'read':
        happen(row, { kind: 'turnEnded' });
        return;
      case 'requeue':
        happen(
          row,
          {
            kind: 'returned',
            nextAttemptAt: timestamp(settlement.at),
            reason: settlement.reason,
            uncounted: settlement.uncounted === true,
          },
          settlement.reason,
        );
        return;
      case 'dead':
        happen(row, { kind: 'givenUp', reason: settlement.reason }, settlement.reason);
        return;
    }
  }

  return {
    claimForTurn(agentName, turnId, at, isTurnLive = () => true) {
      const limit = timestamp(at);
      const isFree = (row: MailRow): boolean => {
        const { state } = deliveryOf(row);
        if (state === 'injected' || state === 'started') return row.turn_id === null || !isTurnLive(row.turn_id);
        return state === 'queued';
      };
      return write(() => {
        const free = unread.all(agentName).filter(isFree);
        if (free.some((row) => row.next_attempt_at !== null && row.next_attempt_at > limit)) return [];
        return free.filter((row) => happen(row, { kind: 'carried', turnId })).map(current);
      });
    },
    turnStarted: (turnId) =>
      write(() => carried.all(turnId).flatMap((row) => (happen(row, { kind: 'turnStarted' }) ? [row.id] : []))),
    acknowledge(messageId) {
      return write(() => {
        const row = byId.get(messageId);
        return row !== undefined && happen(row, { kind: 'acknowledged' }) ? current(row) : null;
      });
    },
    take(messageId) {
      const row = byId.get(messageId);
      if (row !== undefined) happen(row, { kind: 'taken' });
    },
    begin(messageId, { wake, reference }) {
      if (wake === undefined && reference === undefined) return;
      const kind = reference?.kind ?? null;
      setExtras.run({ id: messageId, updated: now(), wake: wake ?? null, kind, other: reference?.messageId ?? null });
    },
    stepsOf: (messageId) =>
      steps.all(messageId).map(({ turn, at, state, event, detail }) => ({ at, state, event, turnId: turn, detail })),
    waiting: (agentName) => waiting.all(agentName),
    unreached: (agentName) => unreached.all(agentName).map(fromMailRow),
    unreachedBoxes: () => unreachedBoxes.all(),
    giveUp(letters) {
      return write(() =>
        letters.flatMap(({ id, reason, told }) => {
          const row = byId.get(id);
          if (row === undefined || row.read !== 0 || row.bounced_to !== null) return [];
          const state = deliveryOf(row).state;
          if (state === 'injected' || state === 'started') return [];
          if (state === 'queued') happen(row, { kind: 'givenUp', reason }, reason);
          setTold.run(told, id);
          const words = told === 'nobody' ? 'nobody is left to be told' : `told ${told}`;
          addStep.run({
            id,
            at: now(),
            state: 'dead',
            event: 'returned to its sender',
            turn: row.turn_id,
            detail: words,
          });
          return [id];
        }),
      );
    },
    referringTo: (messageId) => referring.all(messageId).map(fromMailRow),
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
        const rows = unread.all(agentName).filter((row) => !['injected', 'started'].includes(deliveryOf(row).state));
        for (const row of rows) happen(row, { kind: 'taken' }, 'by "ov mail check"');
        return rows.map(fromMailRow);
      });
    },
    dueAgents: (at) => due.all({ now: timestamp(at) }),
    queuedCounts: () => new Map(queued.all().map(({ agentName, count }) => [agentName, count])),
    queuedBoxes: () => new Map(queued.all().map((box) => [box.agentName, box])),
    injectedTurnIds: () => injected.all(),
    carriedBy: (turnId) => carried.all(turnId).map(fromMailRow),
    attemptsOf: (turnId) => attempts.get(turnId) ?? 0,
    deliveryReason: (messageId) => reason.get(messageId) ?? null,
    hasten: (agentName) => write(() => hasten.run({ agent: agentName, now: now() }).changes),
    wakeNow: (agentName) => void write(() => wakeQueued.run({ agent: agentName, now: now() })),
    resend(messageId) {
      return write(() => {
        const row = byId.get(messageId);
        if (row === undefined) return fail('mail', `mail ${messageId} was not found`, { data: { messageId } });
        if (row.read !== 0 || !happen(row, { kind: 'resent' })) {
          return fail(
            'invalidState',
            `mail ${messageId} is not a dead letter: there is nothing to send again; "ov mail forward ${messageId}" sends a copy`,
          );
        }
        return ok(current(row));
      });
    },
  };
}
