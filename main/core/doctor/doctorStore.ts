import Database from 'better-sqlite3';
import { errorLine } from '../util/files.ts';

/** How a database file is, without its schema being brought up to date. */
export interface DatabaseFacts {
  /** Why it cannot be read; null when it can. */
  readonly problem: string | null;
  readonly journalMode: string;
  readonly tables: ReadonlySet<string>;
  /** What SQLite's own look found wrong, one line each; empty when nothing, or when it was not looked through. */
  readonly damage: readonly string[];
  readonly lookedThrough: boolean;
}

/** Lines of damage that are told. */
const DAMAGE_LINES = 5;

/** Opens a file for reading only and looks at it; `through` reads every page. */
export function inspectDatabase(path: string, through: boolean): DatabaseFacts {
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
    const journalMode = String(database.pragma('journal_mode', { simple: true }));
    const tables = database.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    const found = through ? database.prepare<[], string>(`PRAGMA quick_check(${DAMAGE_LINES})`).pluck().all() : ['ok'];
    return {
      problem: null,
      journalMode,
      tables: new Set(tables),
      damage: found.filter((line) => line !== 'ok'),
      lookedThrough: through,
    };
  } catch (error) {
    // Whatever SQLite says of a file it cannot read is the finding itself.
    return { problem: errorLine(error), journalMode: '', tables: new Set(), damage: [], lookedThrough: false };
  } finally {
    database?.close();
  }
}

/** Switches a file to write-ahead logging, which all programs of a project rely on. */
export function switchToWal(path: string): string {
  const database = new Database(path, { fileMustExist: true, timeout: 5_000 });
  try {
    return String(database.pragma('journal_mode = WAL', { simple: true }));
  } finally {
    database.close();
  }
}

/** Writes what stands in the write-ahead log into the file and cuts the log. @returns false while others hold it. */
export function checkpoint(path: string): boolean {
  const database = new Database(path, { fileMustExist: true, timeout: 5_000 });
  try {
    const [row] = database.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[];
    return row?.busy === 0;
  } finally {
    database.close();
  }
}
