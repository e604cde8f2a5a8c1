import {
  addColumn,
  columnsOf,
  ensureSchema,
  hasColumns,
  hasObjects,
  quoteName,
  renameColumn,
  tableSql,
} from '../db/migrations.ts';
import type { Connection } from '../db/openDatabase.ts';

const CREATE_SESSIONS = `CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,
  agent_name TEXT NOT NULL UNIQUE,
  capability TEXT NOT NULL,
  worktree_path TEXT NOT NULL,
  branch_name TEXT NOT NULL,
  task_id TEXT NOT NULL,
  tmux_session TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'booting',
  pid INTEGER,
  parent_agent TEXT,
  depth INTEGER NOT NULL DEFAULT 0,
  run_id TEXT,
  started_at TEXT NOT NULL,
  last_activity TEXT NOT NULL,
  escalation_level INTEGER NOT NULL DEFAULT 0,
  stalled_since TEXT,
  transcript_path TEXT,
  prompt_version TEXT,
  claude_session_id TEXT
)`;

const CREATE_RUNS = `CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY,
  started_at TEXT NOT NULL,
  completed_at TEXT,
  agent_count INTEGER NOT NULL DEFAULT 0,
  coordinator_session_id TEXT,
  coordinator_name TEXT,
  status TEXT NOT NULL DEFAULT 'active' CHECK(status IN ('active', 'completed', 'failed'))
)`;

const SESSION_INDEXES = `
CREATE INDEX IF NOT EXISTS idx_sessions_state ON sessions(state);
CREATE INDEX IF NOT EXISTS idx_sessions_run ON sessions(run_id);`;

const RUN_INDEXES = `
CREATE INDEX IF NOT EXISTS idx_runs_status ON runs(status);
CREATE INDEX IF NOT EXISTS idx_runs_coordinator ON runs(coordinator_name);`;

const SESSION_INDEX_NAMES = ['idx_sessions_state', 'idx_sessions_run'];
const RUN_INDEX_NAMES = ['idx_runs_status', 'idx_runs_coordinator'];
const LATER_COLUMNS = ['transcript_path', 'prompt_version', 'claude_session_id'];
/** The exact text the reference looks for; any other spacing is left alone, as there (spec 01 §1.3). */
const OLD_CHECK = 'CHECK(state IN';
const REBUILT = 'sessions__new_3087';

function hasOldCheck(connection: Connection): boolean {
  return tableSql(connection, 'sessions')?.includes(OLD_CHECK) ?? false;
}

/**
 * Rebuilds `sessions` without the CHECK that knew only the older states. The columns are taken from the live table, so
 * that foreign ones survive; UNIQUE is kept for `agent_name` alone (spec 01 §1.3).
 */
function relaxStateCheck(connection: Connection): void {
  if (!hasOldCheck(connection)) return;
  const columns = columnsOf(connection, 'sessions');
  const definitions = columns.map((column) =>
    [
      quoteName(column.name),
      column.type === '' ? 'TEXT' : column.type,
      column.primaryKey ? 'PRIMARY KEY' : '',
      column.notNull ? 'NOT NULL' : '',
      column.defaultText === null ? '' : `DEFAULT ${column.defaultText}`,
      column.name === 'agent_name' ? 'UNIQUE' : '',
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
  const names = columns.map((column) => quoteName(column.name)).join(', ');
  connection.database.exec(`
    CREATE TABLE ${REBUILT} (${definitions.join(', ')});
    INSERT INTO ${REBUILT} (${names}) SELECT ${names} FROM sessions;
    DROP TABLE sessions;
    ALTER TABLE ${REBUILT} RENAME TO sessions;`);
}

/** Creates or migrates both tables in the order of spec 01 §1.3, in one transaction; nothing is locked when current. */
export function ensureSessionSchema(connection: Connection): void {
  ensureSchema(
    connection,
    () =>
      hasObjects(connection, ['sessions', 'runs', ...SESSION_INDEX_NAMES, ...RUN_INDEX_NAMES]) &&
      hasColumns(connection, 'sessions', ['task_id', ...LATER_COLUMNS]) &&
      hasColumns(connection, 'runs', ['coordinator_name']) &&
      !hasOldCheck(connection),
    () => {
      connection.database.exec(CREATE_SESSIONS);
      connection.database.exec(CREATE_RUNS);
      relaxStateCheck(connection);
      renameColumn(connection, 'sessions', 'bead_id', 'task_id');
      for (const name of LATER_COLUMNS) addColumn(connection, 'sessions', name, 'TEXT');
      addColumn(connection, 'runs', 'coordinator_name', 'TEXT');
      connection.database.exec(SESSION_INDEXES + RUN_INDEXES);
    },
  );
}

/**
 * What a RunStore needs: its own table, and a `sessions` table to count in. It leaves the migrations of an older
 * `sessions` table to the SessionStore (spec 01 §1.3).
 */
export function ensureRunSchema(connection: Connection): void {
  ensureSchema(
    connection,
    () =>
      hasObjects(connection, ['sessions', 'runs', ...SESSION_INDEX_NAMES, ...RUN_INDEX_NAMES]) &&
      hasColumns(connection, 'runs', ['coordinator_name']),
    () => {
      connection.database.exec(`${CREATE_SESSIONS};${SESSION_INDEXES}`);
      connection.database.exec(CREATE_RUNS);
      addColumn(connection, 'runs', 'coordinator_name', 'TEXT');
      connection.database.exec(RUN_INDEXES);
    },
  );
}
