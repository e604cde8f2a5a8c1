import { ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { addColumn, ensureSchema, hasColumns, hasObjects, renameColumn } from '../db/migrations.ts';
import {
  type Connection,
  type OpenOptions,
  openStore,
  type StoreContext,
  type StoreSource,
} from '../db/openDatabase.ts';
import type { Tokens } from './pricing.ts';

/** What a finished or running session used (spec 03 §2.1). Times are ISO, durations milliseconds, money US dollars. */
export interface SessionMetrics extends Tokens {
  readonly agentName: string;
  readonly taskId: string;
  readonly capability: string;
  readonly startedAt: string;
  readonly completedAt: string | null;
  readonly durationMs: number;
  readonly exitCode: number | null;
  /** Merge tier. */
  readonly mergeResult: string | null;
  readonly parentAgent: string | null;
  readonly estimatedCostUsd: number | null;
  readonly modelUsed: string | null;
  readonly runId: string | null;
}

/** Running totals of an agent at a moment; cumulative, not a difference. */
export interface TokenSnapshot extends Tokens {
  readonly agentName: string;
  readonly estimatedCostUsd: number | null;
  readonly modelUsed: string | null;
  readonly runId: string | null;
  readonly createdAt: string;
}

/** Tables `sessions` and `token_snapshots` of metrics.db (spec 03 §2.1). */
export interface MetricsStore {
  /** Inserts or replaces the row of that agent and task. */
  recordSession(metrics: SessionMetrics): void;
  /** Newest first; 20 unless told. */
  getRecent(limit?: number): readonly SessionMetrics[];
  getByAgent(agentName: string): readonly SessionMetrics[];
  getByRun(runId: string): readonly SessionMetrics[];
  getByTask(taskId: string): readonly SessionMetrics[];
  /** Milliseconds, over completed sessions only; 0 when there is none. */
  averageDuration(capability?: string): number;
  count(): number;
  purge(filter: { readonly all?: boolean; readonly agent?: string }): number;
  /** Written with the time of writing unless the snapshot has its own. */
  recordSnapshot(snapshot: Omit<TokenSnapshot, 'createdAt'> & { readonly createdAt?: string }): void;
  /** The newest snapshot of every agent, optionally within a run. */
  getLatestSnapshots(runId?: string): readonly TokenSnapshot[];
  /** Null when the agent has none. */
  latestSnapshotAt(agentName: string): string | null;
  purgeSnapshots(filter: { readonly all?: boolean; readonly agent?: string; readonly olderThanMs?: number }): number;
  close(): void;
}

const TOKEN_COLUMNS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'];

const CREATE = `
CREATE TABLE IF NOT EXISTS sessions (
  agent_name TEXT NOT NULL,
  task_id TEXT NOT NULL,
  capability TEXT NOT NULL,
  started_at TEXT NOT NULL,
  completed_at TEXT,
  duration_ms INTEGER NOT NULL DEFAULT 0,
  exit_code INTEGER,
  merge_result TEXT,
  parent_agent TEXT,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  cache_read_tokens INTEGER NOT NULL DEFAULT 0,
  cache_creation_tokens INTEGER NOT NULL DEFAULT 0,
  estimated_cost_usd REAL,
  model_used TEXT,
  run_id TEXT,
  PRIMARY KEY (agent_name, task_id)
);
CREATE TABLE IF NOT EXISTS token_snapshots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_name TEXT NOT NULL,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  cache_read_tokens INTEGER NOT NULL DEFAULT 0,
  cache_creation_tokens INTEGER NOT NULL DEFAULT 0,
  estimated_cost_usd REAL,
  model_used TEXT,
  run_id TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);
CREATE INDEX IF NOT EXISTS idx_snapshots_agent_time ON token_snapshots(agent_name, created_at);`;

const LATER = [...TOKEN_COLUMNS, 'estimated_cost_usd', 'model_used', 'run_id'];

function ensureMetricsSchema(connection: Connection): void {
  ensureSchema(
    connection,
    () =>
      hasObjects(connection, ['sessions', 'token_snapshots', 'idx_snapshots_agent_time']) &&
      hasColumns(connection, 'sessions', ['task_id', ...LATER]) &&
      hasColumns(connection, 'token_snapshots', ['run_id']),
    () => {
      connection.database.exec(CREATE);
      renameColumn(connection, 'sessions', 'bead_id', 'task_id');
      for (const name of TOKEN_COLUMNS) addColumn(connection, 'sessions', name, 'INTEGER NOT NULL DEFAULT 0');
      addColumn(connection, 'sessions', 'estimated_cost_usd', 'REAL');
      addColumn(connection, 'sessions', 'model_used', 'TEXT');
      addColumn(connection, 'sessions', 'run_id', 'TEXT');
      addColumn(connection, 'token_snapshots', 'run_id', 'TEXT');
    },
  );
}

/** Opens `metrics.db`, migrating older files. */
export function openMetrics(source: StoreSource, options: OpenOptions = {}): Result<MetricsStore> {
  return openStore(source, options, (context) => {
    ensureMetricsSchema(context.connection);
    return ok(buildStore(context));
  });
}

const TOKENS = `input_tokens AS inputTokens, output_tokens AS outputTokens,
  cache_read_tokens AS cacheReadTokens, cache_creation_tokens AS cacheCreationTokens,
  estimated_cost_usd AS estimatedCostUsd, model_used AS modelUsed, run_id AS runId`;
const SESSION = `SELECT agent_name AS agentName, task_id AS taskId, capability, started_at AS startedAt,
  completed_at AS completedAt, duration_ms AS durationMs, exit_code AS exitCode, merge_result AS mergeResult,
  parent_agent AS parentAgent, ${TOKENS} FROM sessions`;
const SNAPSHOT = `SELECT agent_name AS agentName, ${TOKENS}, created_at AS createdAt FROM token_snapshots`;

function buildStore({ connection, clock, close }: StoreContext): MetricsStore {
  const { database, write } = connection;
  const sessions = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, SessionMetrics>(`${SESSION} ${rest}`);
  const NEWEST = 'ORDER BY started_at DESC, rowid DESC';

  const replace = database.prepare<[SessionMetrics]>(
    `INSERT OR REPLACE INTO sessions
      (agent_name, task_id, capability, started_at, completed_at, duration_ms, exit_code, merge_result, parent_agent,
       input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, estimated_cost_usd, model_used, run_id)
      VALUES (@agentName, @taskId, @capability, @startedAt, @completedAt, @durationMs, @exitCode, @mergeResult,
       @parentAgent, @inputTokens, @outputTokens, @cacheReadTokens, @cacheCreationTokens, @estimatedCostUsd,
       @modelUsed, @runId)`,
  );
  const recent = sessions<[number]>(`${NEWEST} LIMIT ?`);
  const byAgent = sessions<[string]>(`WHERE agent_name = ? ${NEWEST}`);
  const byRun = sessions<[string]>(`WHERE run_id = ? ${NEWEST}`);
  const byTask = sessions<[string]>(`WHERE task_id = ? ${NEWEST}`);
  const average = database
    .prepare<[{ capability: string | null }], number>(
      `SELECT coalesce(avg(duration_ms), 0) FROM sessions
        WHERE completed_at IS NOT NULL AND (@capability IS NULL OR capability = @capability)`,
    )
    .pluck();
  const countRows = database.prepare<[], number>('SELECT count(*) FROM sessions').pluck();
  const removeAll = database.prepare('DELETE FROM sessions');
  const removeAgent = database.prepare<[string]>('DELETE FROM sessions WHERE agent_name = ?');
  const insertSnapshot = database.prepare<[TokenSnapshot]>(
    `INSERT INTO token_snapshots
      (agent_name, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, estimated_cost_usd,
       model_used, run_id, created_at)
      VALUES (@agentName, @inputTokens, @outputTokens, @cacheReadTokens, @cacheCreationTokens, @estimatedCostUsd,
       @modelUsed, @runId, @createdAt)`,
  );
  const latest = database.prepare<[{ run: string | null }], TokenSnapshot>(
    `${SNAPSHOT} WHERE id IN (
        SELECT id FROM (
          SELECT id, row_number() OVER (PARTITION BY agent_name ORDER BY created_at DESC, id DESC) AS place
          FROM token_snapshots WHERE @run IS NULL OR run_id = @run
        ) WHERE place = 1
      ) ORDER BY agent_name`,
  );
  const latestAt = database
    .prepare<[string], string | null>('SELECT max(created_at) FROM token_snapshots WHERE agent_name = ?')
    .pluck();
  const removeSnapshots = database.prepare<[{ agent: string | null; before: string | null }]>(
    `DELETE FROM token_snapshots
      WHERE (@agent IS NULL OR agent_name = @agent) AND (@before IS NULL OR created_at < @before)`,
  );

  return {
    recordSession: (metrics) => void write(() => replace.run(metrics)),
    getRecent: (limit = 20) => recent.all(limit),
    getByAgent: (agentName) => byAgent.all(agentName),
    getByRun: (runId) => byRun.all(runId),
    getByTask: (taskId) => byTask.all(taskId),
    averageDuration: (capability) => average.get({ capability: capability ?? null }) ?? 0,
    count: () => countRows.get() ?? 0,
    purge({ all, agent }) {
      if (all === true) return write(() => removeAll.run().changes);
      return agent === undefined ? 0 : write(() => removeAgent.run(agent).changes);
    },
    recordSnapshot: (snapshot) =>
      void write(() => insertSnapshot.run({ createdAt: timestamp(clock.now()), ...snapshot })),
    getLatestSnapshots: (runId) => latest.all({ run: runId ?? null }),
    latestSnapshotAt: (agentName) => latestAt.get(agentName) ?? null,
    purgeSnapshots({ all, agent, olderThanMs }) {
      if (all === true) return write(() => removeSnapshots.run({ agent: null, before: null }).changes);
      if (agent === undefined && olderThanMs === undefined) return 0;
      // Without `Z`, so that the bound compares right with both dialects of the column (spec 03 §0.4).
      const before = olderThanMs === undefined ? null : timestamp(clock.now() - olderThanMs).replace(/Z$/, '');
      return write(() => removeSnapshots.run({ agent: agent ?? null, before }).changes);
    },
    close,
  };
}
