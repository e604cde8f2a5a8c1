import { ensureSchema, hasObjects } from '../db/migrations.ts';
import type { Connection } from '../db/openDatabase.ts';

/** The thirteen event types of the reference (spec 03 §1.1); the column has no CHECK. */
export const EVENT_TYPES = [
  'tool_start',
  'tool_end',
  'session_start',
  'session_end',
  'mail_sent',
  'mail_received',
  'spawn',
  'error',
  'custom',
  'turn_start',
  'turn_end',
  'progress',
  'result',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const EVENT_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type EventLevel = (typeof EVENT_LEVELS)[number];

/** An event to be stored; absent fields are NULL, level `info`. */
export interface NewEvent {
  readonly agentName: string;
  readonly eventType: EventType;
  readonly runId?: string | null;
  readonly sessionId?: string | null;
  readonly toolName?: string | null;
  /** JSON text of the filtered arguments (spec 03 §1.4). */
  readonly toolArgs?: string | null;
  readonly toolDurationMs?: number | null;
  readonly level?: EventLevel;
  /** Usually JSON text. */
  readonly data?: string | null;
  /** ISO 8601 with `Z`; the time of writing when absent. */
  readonly createdAt?: string;
}

/** A stored event (spec 03 §1.1). `createdAt` of rows written by the reference has no zone and means UTC. */
export interface StoredEvent {
  /** Row id: the total order of all events, and the cursor of pages. */
  readonly id: number;
  readonly runId: string | null;
  readonly agentName: string;
  readonly sessionId: string | null;
  readonly eventType: EventType;
  readonly toolName: string | null;
  readonly toolArgs: string | null;
  readonly toolDurationMs: number | null;
  readonly level: EventLevel;
  readonly data: string | null;
  readonly createdAt: string;
}

/** The table row as SQLite gives it. */
export interface EventTableRow {
  readonly id: number;
  readonly run_id: string | null;
  readonly agent_name: string;
  readonly session_id: string | null;
  readonly event_type: string;
  readonly tool_name: string | null;
  readonly tool_args: string | null;
  readonly tool_duration_ms: number | null;
  readonly level: string;
  readonly data: string | null;
  readonly created_at: string;
}

export const EVENT_COLUMNS =
  'id, run_id, agent_name, session_id, event_type, tool_name, tool_args, tool_duration_ms, level, data, created_at';

/** Reads a row. */
export function fromEventRow(row: EventTableRow): StoredEvent {
  return {
    id: row.id,
    runId: row.run_id,
    agentName: row.agent_name,
    sessionId: row.session_id,
    // A word of a later version comes through as it is: readers treat what they do not know as `custom`.
    eventType: row.event_type as EventType,
    toolName: row.tool_name,
    toolArgs: row.tool_args,
    toolDurationMs: row.tool_duration_ms,
    level: row.level as EventLevel,
    data: row.data,
    createdAt: row.created_at,
  };
}

const INDEXES = [
  'idx_events_agent_time',
  'idx_events_run_time',
  'idx_events_type_time',
  'idx_events_tool_agent',
  'idx_events_level_error',
  'ocr_idx_events_agent',
  'ocr_idx_events_run',
];

/**
 * Creates the `events` table and its indexes (spec 03 §1.1). The two indexes with our prefix order one agent's or run's
 * rows by id, which is what the tail queries page by.
 */
export function ensureEventSchema(connection: Connection): void {
  ensureSchema(
    connection,
    () => hasObjects(connection, ['events', ...INDEXES]),
    () =>
      connection.database.exec(`
        CREATE TABLE IF NOT EXISTS events (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          run_id TEXT,
          agent_name TEXT NOT NULL,
          session_id TEXT,
          event_type TEXT NOT NULL,
          tool_name TEXT,
          tool_args TEXT,
          tool_duration_ms INTEGER,
          level TEXT NOT NULL DEFAULT 'info' CHECK(level IN ('debug', 'info', 'warn', 'error')),
          data TEXT,
          created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
        );
        CREATE INDEX IF NOT EXISTS idx_events_agent_time ON events(agent_name, created_at);
        CREATE INDEX IF NOT EXISTS idx_events_run_time ON events(run_id, created_at);
        CREATE INDEX IF NOT EXISTS idx_events_type_time ON events(event_type, created_at);
        CREATE INDEX IF NOT EXISTS idx_events_tool_agent ON events(tool_name, agent_name);
        CREATE INDEX IF NOT EXISTS idx_events_level_error ON events(level) WHERE level = 'error';
        CREATE INDEX IF NOT EXISTS ocr_idx_events_agent ON events(agent_name);
        CREATE INDEX IF NOT EXISTS ocr_idx_events_run ON events(run_id);`),
  );
}

/**
 * Prepares the insert of an event. `now` is the ISO time used when the event has none of its own.
 * @returns the new row id.
 */
export function prepareEventInsert(connection: Connection): (event: NewEvent, now: string) => number {
  const insert = connection.database.prepare<[Omit<EventTableRow, 'id'>]>(
    `INSERT INTO events
      (run_id, agent_name, session_id, event_type, tool_name, tool_args, tool_duration_ms, level, data, created_at)
      VALUES (@run_id, @agent_name, @session_id, @event_type, @tool_name, @tool_args, @tool_duration_ms, @level, @data, @created_at)`,
  );
  return (event, now) =>
    Number(
      insert.run({
        run_id: event.runId ?? null,
        agent_name: event.agentName,
        session_id: event.sessionId ?? null,
        event_type: event.eventType,
        tool_name: event.toolName ?? null,
        tool_args: event.toolArgs ?? null,
        tool_duration_ms: event.toolDurationMs ?? null,
        level: event.level ?? 'info',
        data: event.data ?? null,
        created_at: event.createdAt ?? now,
      }).lastInsertRowid,
    );
}
