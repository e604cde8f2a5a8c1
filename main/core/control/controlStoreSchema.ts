import type { Connection } from '../db/openDatabase.ts';

/** Migrations of control-room.db, one a version (`PRAGMA user_version`); released ones never change. */
export const CONTROL_MIGRATIONS: readonly ((connection: Connection) => void)[] = [
  ({ database }) =>
    database.exec(`
      CREATE TABLE tasks (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        description TEXT NOT NULL,
        "column" TEXT NOT NULL,
        priority INTEGER NOT NULL,
        files TEXT NOT NULL,
        blocked_by TEXT NOT NULL,
        agent TEXT,
        note TEXT,
        position REAL NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
      );
      CREATE INDEX tasks_by_column ON tasks("column", position);
      CREATE TABLE agent_settings (
        agent_name TEXT PRIMARY KEY,
        runtime TEXT NOT NULL,
        model TEXT,
        spec_path TEXT,
        files TEXT NOT NULL,
        reason TEXT
      );
      CREATE TABLE merge_outcomes (
        queue_id INTEGER PRIMARY KEY,
        target TEXT,
        tier TEXT,
        conflict_files TEXT NOT NULL,
        error TEXT,
        warnings TEXT NOT NULL,
        finished_at TEXT
      );
      CREATE TABLE dismissed (id TEXT PRIMARY KEY, at TEXT NOT NULL);
      CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE engine_lease (
        id INTEGER PRIMARY KEY CHECK(id = 1),
        pid INTEGER NOT NULL,
        start_time TEXT,
        instance_id TEXT NOT NULL,
        acquired_at TEXT NOT NULL
      );`),
];

/** Strings of a stored JSON array; these columns are only written by this program. */
export function parseStrings(json: string): string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
