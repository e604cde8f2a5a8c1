import Database from 'better-sqlite3';
import { ok, type Result } from '../../../contract/result.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { describeStoreError, isBusy, isStoreError } from './storeError.ts';

/** Milliseconds SQLite itself waits for a lock (spec 02 §0.5). */
const BUSY_TIMEOUT_MS = 5_000;
/** Milliseconds until a write gives up: six times SQLite's own wait, so that a crowd of writers is served in turn. */
const WRITE_DEADLINE_MS = 30_000;
/** Bytes the write-ahead log file is cut back to after a checkpoint (engineering.md 2.6). */
const JOURNAL_SIZE_LIMIT = 33_554_432;

/** Milliseconds a writer in a crowd waits between two looks at the lock, twice, before it asks anew. */
const CROWDED_TIMEOUT_MS = 2;
/** Milliseconds of waiting for the lock from which on others are taken to be writing as well. */
const CONTENDED_MS = 0.8;
/** Milliseconds without such a wait after which they are taken to have gone. */
const CROWD_MS = 2_000;

function retryWhileBusy<Value>(attempt: () => Value): Value {
  const deadline = performance.now() + WRITE_DEADLINE_MS;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      // Somebody else writes right now: that passes by itself. Everything else, and a lock that never goes, is the caller's.
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
  }
}

/** One open database file. All stores of one file in one process share one, so that `data_version` only counts others. */
export interface Connection {
  readonly path: string;
  readonly database: Database.Database;
  /**
   * Runs synchronous work in one IMMEDIATE transaction: all of it is stored, or nothing. A lock held by another process
   * is waited for (30 s), so SQLITE_BUSY does not reach a caller. Inside another `write` of the same connection it joins.
   */
  write<Value>(work: () => Value): Value;
  /** Checkpoints what can be checkpointed, then closes. Safe to call twice. */
  close(): void;
}

export interface OpenOptions {
  /** The file must exist and is never written after its schema is known to be current. */
  readonly readOnly?: boolean;
  readonly clock?: Clock;
}

/** Where a store finds its file: a path it opens and closes itself, or a connection shared with other stores. */
export type StoreSource = string | Connection;

/**
 * SQLite opens a file it may not write without a word and fails at the first write: a write taken back says it at once.
 * While another program writes, the question is left to the first write: an opener of a current file waits for nobody.
 */
function requireWriteAccess(database: Database.Database): void {
  database.pragma('busy_timeout = 0');
  try {
    database.exec('BEGIN IMMEDIATE');
    database.exec('CREATE TABLE ocr_write_probe (x)');
  } catch (error) {
    if (!isBusy(error)) throw error;
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (database.inTransaction) database.exec('ROLLBACK');
  }
}

function connect(path: string, options: OpenOptions): Connection {
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: options.readOnly === true });
  try {
    // The first three in the reference's order (spec 01 §1.3); the others are ours (engineering.md 2.6).
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT}`);
    database.pragma('temp_store = MEMORY');
    database.pragma('trusted_schema = OFF');
    database.pragma('foreign_keys = ON');
    if (options.readOnly !== true) requireWriteAccess(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  let crowdedUntil = 0;
  /**
   * SQLite waits in growing steps, up to a tenth of a second, so that of several busy writers one may stand back for a
   * third of a second while the others go on. As long as others write too, the lock is looked at every millisecond instead.
   */
  const take = (): void => {
    const started = performance.now();
    if (started >= crowdedUntil) retryWhileBusy(() => begin.run());
    else {
      database.pragma(`busy_timeout = ${CROWDED_TIMEOUT_MS}`);
      try {
        retryWhileBusy(() => begin.run());
      } finally {
        database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
      }
    }
    const taken = performance.now();
    if (taken - started > CONTENDED_MS) crowdedUntil = taken + CROWD_MS;
  };
  return {
    path,
    database,
    write(work) {
      if (database.inTransaction) return work();
      take();
      try {
        const value = work();
        commit.run();
        return value;
      } catch (error) {
        // SQLite rolls some errors back by itself (disk full, I/O), in which case there is nothing left to undo.
        if (database.inTransaction) rollback.run();
        throw error;
      }
    },
    close() {
      if (!database.open) return;
      try {
        database.pragma('wal_checkpoint(PASSIVE)');
      } catch {
        // A checkpoint only saves the next opener work: without it the log is replayed then, nothing is lost (spec 01 §1.3).
      }
      database.close();
    },
  };
}

/**
 * Opens a database file, creating it unless `readOnly`, with the pragmas every file of `.overstory` uses
 * (spec 01 §1.3, spec 02 §0.5). Failures are values with a line for a person: not a database, damaged, folder in the
 * way, missing folder, no write access.
 */
export function openDatabase(path: string, options: OpenOptions = {}): Result<Connection> {
  try {
    return ok(retryWhileBusy(() => connect(path, options)));
  } catch (error) {
    if (!isStoreError(error)) throw error;
    const described = describeStoreError(error, path);
    // A file that only has to be read is most likely not there yet.
    const missing = options.readOnly === true && described.data?.code === 'SQLITE_CANTOPEN';
    return { ok: false, error: missing ? { ...described, tag: 'notFound' } : described };
  }
}

/** What a store needs from its connection: when the time is taken, and a close that leaves a shared connection alone. */
export interface StoreContext {
  readonly connection: Connection;
  readonly clock: Clock;
  close(): void;
}

/**
 * Opens a store on a path or on a shared connection. `build` brings the schema up to date and prepares the statements;
 * when it fails, a connection opened here is closed again. With `readOnly` the connection refuses writes from then on.
 */
export function openStore<Store>(
  source: StoreSource,
  options: OpenOptions,
  build: (context: StoreContext) => Result<Store>,
): Result<Store> {
  const shared = typeof source !== 'string';
  const opened = shared ? ok(source) : openDatabase(source, options);
  if (!opened.ok) return opened;
  const connection = opened.value;
  const close = shared ? () => {} : () => connection.close();
  try {
    const store = build({ connection, clock: options.clock ?? systemClock, close });
    if (!store.ok) close();
    else if (options.readOnly === true && !shared) connection.database.pragma('query_only = ON');
    return store;
  } catch (error) {
    close();
    if (!isStoreError(error)) throw error;
    return { ok: false, error: describeStoreError(error, connection.path) };
  }
}
