import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Connection } from './openDatabase.ts';

/** One column as SQLite reports it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** Literal text of the default expression; null when there is none. */
  readonly defaultText: string | null;
  readonly primaryKey: boolean;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
}

/** Quotes a name for use in SQL, since column lists are taken from live tables. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Columns of a table in their stored order; empty when there is no such table. */
export function columnsOf(connection: Connection, table: string): readonly Column[] {
  return connection.database
    .prepare<[string], ColumnRow>('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)')
    .all(table)
    .map((row) => ({
      name: row.name,
      type: row.type,
      notNull: row.notnull !== 0,
      defaultText: row.dflt_value,
      primaryKey: row.pk !== 0,
    }));
}

/** True when the table exists and has every one of these columns. */
export function hasColumns(connection: Connection, table: string, names: readonly string[]): boolean {
  const present = new Set(columnsOf(connection, table).map((column) => column.name));
  return names.every((name) => present.has(name));
}

/** Stored definition text of a table; null when it does not exist. */
export function tableSql(connection: Connection, table: string): string | null {
  const row = connection.database
    .prepare<[string], { sql: string }>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .get(table);
  return row?.sql ?? null;
}

/** True when every one of these tables and indexes exists. */
export function hasObjects(connection: Connection, names: readonly string[]): boolean {
  const find = connection.database.prepare<[string], { name: string }>('SELECT name FROM sqlite_schema WHERE name = ?');
  return names.every((name) => find.get(name) !== undefined);
}

/** Adds a column unless the table has it already. */
export function addColumn(connection: Connection, table: string, name: string, definition: string): void {
  if (hasColumns(connection, table, [name])) return;
  connection.database.exec(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteName(name)} ${definition}`);
}

/** Renames a column, only when the old name exists and the new one does not. */
export function renameColumn(connection: Connection, table: string, from: string, to: string): void {
  if (!hasColumns(connection, table, [from]) || hasColumns(connection, table, [to])) return;
  connection.database.exec(`ALTER TABLE ${quoteName(table)} RENAME COLUMN ${quoteName(from)} TO ${quoteName(to)}`);
}

/**
 * Brings a schema up to date: nothing is locked when it is current; else one IMMEDIATE transaction does it, and asks
 * again first, because another process may have been faster.
 */
export function ensureSchema(connection: Connection, isCurrent: () => boolean, migrate: () => void): void {
  if (isCurrent()) return;
  connection.write(() => {
    if (!isCurrent()) migrate();
  });
}

/**
 * Runs the numbered migrations of a file of our own. `steps[n]` leads from version n to n + 1 (`PRAGMA user_version`).
 * A file of a newer version is refused untouched, as a value.
 */
export function runMigrations(
  connection: Connection,
  steps: readonly ((connection: Connection) => void)[],
): Result<void> {
  const { database, path } = connection;
  const version = (): number => Number(database.pragma('user_version', { simple: true }));
  const newer = (found: number): Result<void> =>
    fail(
      'unavailable',
      `${path} was written by a newer version of this program (schema ${found}, known here: ${steps.length}): update this program`,
      { data: { path, found, known: steps.length } },
    );
  const found = version();
  if (found > steps.length) return newer(found);
  if (found === steps.length) return ok(undefined);
  return connection.write(() => {
    const now = version();
    if (now > steps.length) return newer(now);
    for (const step of steps.slice(now)) step(connection);
    database.pragma(`user_version = ${steps.length}`);
    return ok(undefined);
  });
}
