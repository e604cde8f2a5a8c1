import {
  DELIVERY_STATES,
  type DeliveryState,
  MAIL_PRIORITIES,
  MAIL_REFERENCES,
  MAIL_TYPES,
  type MailMessage,
  type MailPriority,
  type MailReference,
  type MailType,
} from '../../../contract/mail.ts';
import { columnsOf, ensureSchema, hasColumns, hasObjects, tableSql } from '../db/migrations.ts';
import type { Connection } from '../db/openDatabase.ts';
import type { DeliveryRecord } from './deliveryStates.ts';

/** A mail to be stored. Defaults: a new id, type `status`, priority `normal`, no thread, no payload, now. */
export interface NewMail {
  /** Kept when given and not empty. */
  readonly id?: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly type?: MailType;
  readonly priority?: MailPriority;
  readonly threadId?: string | null;
  /** JSON text, opaque to the store. */
  readonly payload?: string | null;
  /** ISO 8601 with `Z`. */
  readonly createdAt?: string;
  /** Outranks the reader's wake policy: wakes in any case, or only rides along. */
  readonly wake?: 'now' | 'batch';
  /** The mail this one forwards, returns or escalates. */
  readonly reference?: MailReference;
}

/** A message row joined with its delivery row, if it has one. */
export interface MailRow {
  readonly id: string;
  readonly from_agent: string;
  readonly to_agent: string;
  readonly subject: string;
  readonly body: string;
  readonly type: string;
  readonly priority: string;
  readonly thread_id: string | null;
  readonly payload: string | null;
  readonly read: number;
  readonly created_at: string;
  readonly state: string | null;
  readonly turn_id: string | null;
  readonly attempts: number | null;
  readonly next_attempt_at: string | null;
  readonly updated_at: string | null;
  readonly reason: string | null;
  readonly injected_at: string | null;
  readonly started_at: string | null;
  readonly read_at: string | null;
  readonly acknowledged_at: string | null;
  readonly wake: string | null;
  readonly reference_kind: string | null;
  readonly reference_id: string | null;
  readonly bounced_to: string | null;
}

/** Select list and source of a `MailRow`; `m` is the message, `d` its delivery. */
export const MAIL_SELECT = `SELECT m.id, m.from_agent, m.to_agent, m.subject, m.body, m.type, m.priority, m.thread_id,
  m.payload, m.read, m.created_at, d.state, d.turn_id, d.attempts, d.next_attempt_at, d.updated_at,
  d.reason, d.injected_at, d.started_at, d.read_at, d.acknowledged_at, d.wake, d.reference_kind, d.reference_id, d.bounced_to
  FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id`;

/**
 * Where a mail is on its way: the reference's `read` flag is the truth for that end of it, since the original program
 * sets it without knowing our table; a mail without a delivery row is queued.
 */
export const STATE_SQL =
  "CASE WHEN m.read = 1 AND coalesce(d.state, '') <> 'acknowledged' THEN 'read' ELSE coalesce(d.state, 'queued') END";

/** The delivery of a row, as the state machine takes it. */
export function deliveryOf(row: MailRow): DeliveryRecord {
  const isRead = row.read !== 0;
  // Our own table has a CHECK with exactly these words.
  const stored = (row.state ?? 'queued') as DeliveryState;
  return {
    state: isRead && stored !== 'acknowledged' ? 'read' : stored,
    turnId: row.turn_id,
    attempts: row.attempts ?? 0,
    nextAttemptAt: isRead ? null : row.next_attempt_at,
    reason: isRead ? null : row.reason,
    injectedAt: row.injected_at,
    startedAt: row.started_at,
    readAt: row.read_at,
    acknowledgedAt: row.acknowledged_at,
  };
}

/** Reads a row. */
export function fromMailRow(row: MailRow): MailMessage {
  return {
    id: row.id,
    from: row.from_agent,
    to: row.to_agent,
    subject: row.subject,
    body: row.body,
    // Both columns have a CHECK with exactly the contract's words.
    type: row.type as MailType,
    priority: row.priority as MailPriority,
    threadId: row.thread_id,
    payload: row.payload,
    read: row.read !== 0,
    createdAt: row.created_at,
    delivery: { ...deliveryOf(row), updatedAt: row.updated_at ?? row.created_at, bouncedTo: row.bounced_to },
    reference:
      row.reference_kind === null || row.reference_id === null
        ? null
        : { kind: row.reference_kind as MailReference['kind'], messageId: row.reference_id },
  };
}

const list = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

const CREATE_MESSAGES = `CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY,
  from_agent TEXT NOT NULL,
  to_agent TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT 'status' CHECK(type IN (${list(MAIL_TYPES)})),
  priority TEXT NOT NULL DEFAULT 'normal' CHECK(priority IN (${list(MAIL_PRIORITIES)})),
  thread_id TEXT,
  payload TEXT,
  read INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL DEFAULT (datetime('now'))
)`;

const CREATE_REST = `
CREATE INDEX IF NOT EXISTS idx_inbox ON messages(to_agent, read);
CREATE INDEX IF NOT EXISTS idx_thread ON messages(thread_id);
CREATE INDEX IF NOT EXISTS ocr_idx_messages_time ON messages(created_at);
CREATE INDEX IF NOT EXISTS ocr_idx_messages_unread ON messages(to_agent) WHERE read = 0;
CREATE INDEX IF NOT EXISTS ocr_idx_messages_gates ON messages(created_at) WHERE type = 'decision_gate';
CREATE TABLE IF NOT EXISTS ocr_delivery (
  message_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK(state IN (${list(DELIVERY_STATES)})),
  turn_id TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at TEXT,
  updated_at TEXT NOT NULL,
  reason TEXT,
  injected_at TEXT,
  started_at TEXT,
  read_at TEXT,
  acknowledged_at TEXT,
  wake TEXT,
  reference_kind TEXT CHECK(reference_kind IN (${list(MAIL_REFERENCES)})),
  reference_id TEXT,
  bounced_to TEXT
);
CREATE INDEX IF NOT EXISTS ocr_idx_delivery_turn ON ocr_delivery(turn_id);
CREATE INDEX IF NOT EXISTS ocr_idx_delivery_reference ON ocr_delivery(reference_id) WHERE reference_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS ocr_delivery_steps (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT NOT NULL,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  event TEXT NOT NULL,
  turn_id TEXT,
  detail TEXT
);
CREATE INDEX IF NOT EXISTS ocr_idx_delivery_steps ON ocr_delivery_steps(message_id);`;

const OBJECTS = [
  'messages',
  'idx_inbox',
  'idx_thread',
  'ocr_idx_messages_time',
  'ocr_idx_messages_unread',
  'ocr_idx_messages_gates',
  'ocr_delivery',
  'ocr_idx_delivery_turn',
  'ocr_idx_delivery_reference',
  'ocr_delivery_steps',
  'ocr_idx_delivery_steps',
];

/** What the stored definition of `messages` needs (spec 02 §1.1, "Migration on open"). */
function tableState(connection: Connection): 'missing' | 'current' | 'payload' | 'rebuild' {
  const sql = tableSql(connection, 'messages');
  if (sql === null) return 'missing';
  const knowsEnds = sql.includes('CHECK') && sql.includes('worker_done') && sql.includes('worker_died');
  const hasPayload = hasColumns(connection, 'messages', ['payload']);
  if (knowsEnds && hasPayload && sql.includes('decision_gate')) return 'current';
  return knowsEnds && !hasPayload ? 'payload' : 'rebuild';
}

/** Copies an older table into the current one: unknown types become `status`, unknown priorities `normal`. */
function rebuild(connection: Connection): void {
  const old = new Set(columnsOf(connection, 'messages').map((column) => column.name));
  const take = (name: string, otherwise: string): string => (old.has(name) ? name : otherwise);
  const among = (name: string, words: readonly string[], otherwise: string): string =>
    old.has(name) ? `CASE WHEN ${name} IN (${list(words)}) THEN ${name} ELSE '${otherwise}' END` : `'${otherwise}'`;
  connection.database.exec(`
    ALTER TABLE messages RENAME TO messages_old;
    ${CREATE_MESSAGES};
    INSERT INTO messages
      (id, from_agent, to_agent, subject, body, type, priority, thread_id, payload, read, created_at)
      SELECT id, from_agent, to_agent, subject, body, ${among('type', MAIL_TYPES, 'status')},
        ${among('priority', MAIL_PRIORITIES, 'normal')}, ${take('thread_id', 'NULL')}, ${take('payload', 'NULL')},
        ${take('read', '0')}, created_at
      FROM messages_old ORDER BY rowid;
    DROP TABLE messages_old;`);
}

/** True for a delivery table of an earlier version, which knew fewer states and no times. */
function isOldDelivery(connection: Connection): boolean {
  const sql = tableSql(connection, 'ocr_delivery');
  return sql !== null && !(sql.includes("'acknowledged'") && sql.includes('bounced_to'));
}

/** Copies it into the current one; its triggers go with it and are made anew by their owner. */
function rebuildDelivery(connection: Connection): void {
  connection.database.exec(`
    DROP INDEX IF EXISTS ocr_idx_delivery_turn;
    ALTER TABLE ocr_delivery RENAME TO ocr_delivery_old;
    ${CREATE_REST}
    INSERT INTO ocr_delivery (message_id, state, turn_id, attempts, next_attempt_at, updated_at, reason)
      SELECT message_id, state, turn_id, attempts, next_attempt_at, updated_at, reason FROM ocr_delivery_old;
    DROP TABLE ocr_delivery_old;`);
}

/**
 * Creates or migrates `messages` and our delivery table, in one transaction (spec 02 §1.1). A table that gains its payload
 * column and still lacks newer types is rebuilt at once; the reference does that at its next open.
 */
export function ensureMailSchema(connection: Connection): void {
  ensureSchema(
    connection,
    () => tableState(connection) === 'current' && hasObjects(connection, OBJECTS) && !isOldDelivery(connection),
    () => {
      if (tableState(connection) === 'payload')
        connection.database.exec('ALTER TABLE messages ADD COLUMN payload TEXT');
      if (tableState(connection) === 'rebuild') rebuild(connection);
      connection.database.exec(CREATE_MESSAGES);
      if (isOldDelivery(connection)) rebuildDelivery(connection);
      connection.database.exec(CREATE_REST);
    },
  );
}
