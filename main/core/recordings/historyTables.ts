import { HELD, type HistoryKind, PAUSED, POLICY } from '../../../contract/history.ts';
import { hasObjects } from '../db/migrations.ts';
import type { Connection } from '../db/openDatabase.ts';

/** A table whose rows' changes are kept, and what of a row. */
export interface HistoryTable {
  readonly kind: HistoryKind;
  readonly table: string;
  /** Column of the row's name. */
  readonly key: string;
  /** Name in the event, column. Columns that change with every sign of life are left out: events.db has those. */
  readonly columns: readonly (readonly [name: string, column: string])[];
  /** Which rows count, by column; all of them when there is none. */
  readonly only?: { readonly column: string; readonly oneOf: readonly string[] };
}

/** File of `.overstory` by name, as in `Stores.connections`. */
export type HistoryFile = 'sessions' | 'mail' | 'events' | 'mergeQueue' | 'control';

/** What is kept of which file. */
export const HISTORY_TABLES: Readonly<Record<HistoryFile, readonly HistoryTable[]>> = {
  sessions: [
    {
      kind: 'agent',
      table: 'sessions',
      key: 'agent_name',
      columns: [
        ['capability', 'capability'],
        ['state', 'state'],
        ['taskId', 'task_id'],
        ['parent', 'parent_agent'],
        ['depth', 'depth'],
        ['runId', 'run_id'],
        ['branch', 'branch_name'],
        ['worktree', 'worktree_path'],
        ['startedAt', 'started_at'],
        ['pid', 'pid'],
        ['escalationLevel', 'escalation_level'],
        ['stalledSince', 'stalled_since'],
        ['conversationId', 'claude_session_id'],
      ],
    },
    {
      kind: 'run',
      table: 'runs',
      key: 'id',
      columns: [
        ['status', 'status'],
        ['startedAt', 'started_at'],
        ['completedAt', 'completed_at'],
        ['coordinator', 'coordinator_name'],
      ],
    },
  ],
  mail: [
    {
      kind: 'mail',
      table: 'messages',
      key: 'id',
      columns: [
        ['from', 'from_agent'],
        ['to', 'to_agent'],
        ['subject', 'subject'],
        ['type', 'type'],
        ['priority', 'priority'],
        ['threadId', 'thread_id'],
        ['read', 'read'],
        ['createdAt', 'created_at'],
      ],
    },
    {
      kind: 'delivery',
      table: 'ocr_delivery',
      key: 'message_id',
      columns: [
        ['state', 'state'],
        ['turnId', 'turn_id'],
        ['attempts', 'attempts'],
        ['nextAttemptAt', 'next_attempt_at'],
        ['reason', 'reason'],
        ['injectedAt', 'injected_at'],
        ['startedAt', 'started_at'],
        ['readAt', 'read_at'],
        ['acknowledgedAt', 'acknowledged_at'],
        ['bouncedTo', 'bounced_to'],
      ],
    },
  ],
  events: [
    {
      kind: 'turn',
      table: 'ocr_turns',
      key: 'turn_id',
      columns: [
        ['agent', 'agent_name'],
        ['number', 'number'],
        ['state', 'state'],
        ['startedAt', 'started_at'],
        ['endedAt', 'ended_at'],
        ['outcome', 'outcome'],
        ['reason', 'reason'],
        ['costUsd', 'cost_usd'],
        ['model', 'model'],
      ],
    },
  ],
  mergeQueue: [
    {
      kind: 'merge',
      table: 'merge_queue',
      key: 'id',
      columns: [
        ['branchName', 'branch_name'],
        ['taskId', 'task_id'],
        ['agentName', 'agent_name'],
        ['filesModified', 'files_modified'],
        ['enqueuedAt', 'enqueued_at'],
        ['status', 'status'],
        ['resolvedTier', 'resolved_tier'],
      ],
    },
    { kind: 'mergeHold', table: 'ocr_merge_holds', key: 'entry_id', columns: [['hold', 'hold']] },
  ],
  control: [
    {
      kind: 'task',
      table: 'tasks',
      key: 'id',
      columns: [
        ['title', 'title'],
        ['description', 'description'],
        ['column', 'column'],
        ['priority', 'priority'],
        ['files', 'files'],
        ['blockedBy', 'blocked_by'],
        ['agent', 'agent'],
        ['note', 'note'],
        ['position', 'position'],
        ['createdAt', 'created_at'],
        ['updatedAt', 'updated_at'],
      ],
    },
    {
      kind: 'mergeOutcome',
      table: 'merge_outcomes',
      key: 'queue_id',
      columns: [
        ['target', 'target'],
        ['conflictFiles', 'conflict_files'],
        ['errorMessage', 'error'],
        ['warnings', 'warnings'],
        ['finishedAt', 'finished_at'],
      ],
    },
    {
      kind: 'agentSettings',
      table: 'agent_settings',
      key: 'agent_name',
      columns: [
        ['runtime', 'runtime'],
        ['model', 'model'],
        ['reason', 'reason'],
      ],
    },
    {
      kind: 'setting',
      table: 'settings',
      key: 'key',
      columns: [['value', 'value']],
      only: { column: 'key', oneOf: [PAUSED, HELD, POLICY] },
    },
    { kind: 'dismissed', table: 'dismissed', key: 'id', columns: [['at', 'at']] },
    {
      kind: 'finding',
      table: 'watchdog_findings',
      key: 'id',
      columns: [
        ['kind', 'kind'],
        ['agentName', 'agent_name'],
        ['turnId', 'turn_id'],
        ['title', 'title'],
        ['detail', 'detail'],
        ['at', 'at'],
        ['closedAt', 'closed_at'],
      ],
    },
  ],
};

/** Time of writing with milliseconds and `Z`, by SQLite's own clock: whoever writes, this program or another. */
export const SQL_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

const quote = (name: string): string => `"${name}"`;

/** A row as the JSON of its event; `row` is `NEW`, `OLD` or a table's alias. */
export function rowJson(source: HistoryTable, row: string): string {
  return `json_object(${source.columns.map(([name, column]) => `'${name}', ${row}.${quote(column)}`).join(', ')})`;
}

/** Condition that a row counts. */
export function counts(source: HistoryTable, row: string): string {
  if (source.only === undefined) return '1';
  return `${row}.${quote(source.only.column)} IN (${source.only.oneOf.map((name) => `'${name}'`).join(', ')})`;
}

const CREATE = `
  CREATE TABLE IF NOT EXISTS ocr_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT
  );
  CREATE INDEX IF NOT EXISTS ocr_idx_history_row ON ocr_history(kind, key, id);
  CREATE INDEX IF NOT EXISTS ocr_idx_history_time ON ocr_history(at);`;
const OBJECTS = ['ocr_history', 'ocr_idx_history_row', 'ocr_idx_history_time'];

/** Name and text of the triggers of a table. They run inside the writer's own transaction: a change and its event are stored together or not at all. */
function triggersOf(source: HistoryTable): readonly (readonly [name: string, sql: string])[] {
  const { kind, table, key, columns } = source;
  const put = (row: string, value: string): string =>
    `INSERT INTO ocr_history (at, kind, key, value) VALUES (${SQL_NOW}, '${kind}', ${row}.${quote(key)}, ${value});`;
  const changed = columns.map(([, column]) => `NEW.${quote(column)} IS NOT OLD.${quote(column)}`).join(' OR ');
  const make = (moment: string, event: string, when: string, body: string): readonly [string, string] => {
    const name = `ocr_history_${kind}_${moment}`;
    return [name, `CREATE TRIGGER ${name} AFTER ${event} ON ${quote(table)} WHEN ${when} BEGIN ${body} END`];
  };
  return [
    make('insert', 'INSERT', counts(source, 'NEW'), put('NEW', rowJson(source, 'NEW'))),
    make('update', 'UPDATE', `${counts(source, 'NEW')} AND (${changed})`, put('NEW', rowJson(source, 'NEW'))),
    make('delete', 'DELETE', counts(source, 'OLD'), put('OLD', 'NULL')),
  ];
}

/**
 * The course of a merge: each time its trace is kept, its last step becomes an event of its own, and all go with the trace.
 * Of an attempt with more steps than a trace holds (mergeTrace.ts), those beyond share the last place.
 */
const MERGE_STEPS: readonly (readonly [name: string, sql: string])[] = [
  [
    'ocr_history_mergeStep_insert',
    `CREATE TRIGGER ocr_history_mergeStep_insert AFTER INSERT ON ocr_merge_traces WHEN json_array_length(NEW.trace, '$.steps') > 0 BEGIN INSERT INTO ocr_history (at, kind, key, value) VALUES (${SQL_NOW}, 'mergeStep', NEW.entry_id || ':' || json_array_length(NEW.trace, '$.steps'), json_object('startedAt', json_extract(NEW.trace, '$.startedAt'), 'step', json_extract(NEW.trace, '$.steps[#-1]'))); END`,
  ],
  [
    'ocr_history_mergeStep_delete',
    `CREATE TRIGGER ocr_history_mergeStep_delete AFTER DELETE ON ocr_merge_traces BEGIN INSERT INTO ocr_history (at, kind, key, value) SELECT ${SQL_NOW}, 'mergeStep', key, NULL FROM ocr_history WHERE kind = 'mergeStep' AND key > OLD.entry_id || ':' AND key < OLD.entry_id || ';' GROUP BY key; END`,
  ],
];

function allTriggers(tables: readonly HistoryTable[]): readonly (readonly [name: string, sql: string])[] {
  const steps = tables.some((source) => source.kind === 'merge') ? MERGE_STEPS : [];
  return [...tables.flatMap(triggersOf), ...steps];
}

/** Whether table and triggers are there as this version wants them. */
export function isHistoryCurrent(connection: Connection, tables: readonly HistoryTable[]): boolean {
  if (!hasObjects(connection, OBJECTS)) return false;
  const stored = connection.database.prepare<[string], { readonly sql: string }>(
    "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?",
  );
  return allTriggers(tables).every(([name, sql]) => stored.get(name)?.sql === sql);
}

/** Creates what is missing; triggers of another version are replaced. */
export function createHistory(connection: Connection, tables: readonly HistoryTable[]): void {
  connection.database.exec(CREATE);
  for (const [name, sql] of allTriggers(tables)) connection.database.exec(`DROP TRIGGER IF EXISTS ${name}; ${sql}`);
}
