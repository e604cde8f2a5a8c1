import { ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { ensureSchema, hasObjects } from '../db/migrations.ts';
import { type OpenOptions, openStore, type StoreSource } from '../db/openDatabase.ts';

/** Who holds an agent's turn lock; nulls when nobody does (spec 01 §2.3). */
export interface LockRow {
  readonly heldByPid: number | null;
  readonly acquiredAt: string | null;
}

/** A holder as recorded, with the kernel start time of its process where our own engine wrote it down. */
export interface LockHolder {
  readonly pid: number;
  readonly acquiredAt: string | null;
  /** Null when another program took the lock: then only the pid tells. */
  readonly startTime: string | null;
}

/** Table `turn_locks` of turn-locks.db, one short transaction an attempt. */
export interface TurnLockStore {
  read(agentName: string): LockRow;
  /**
   * Takes the lock when it is free, held by the same pid, or still held by `dead`, a holder the caller has found gone.
   * @returns null when taken, else the holder in the way.
   */
  tryAcquire(
    agentName: string,
    owner: { readonly pid: number; readonly startTime: string | null },
    dead: LockHolder | null,
  ): LockHolder | null;
  /** Frees the lock if this pid holds it. */
  release(agentName: string, pid: number): void;
  close(): void;
}

interface Row {
  readonly held_by_pid: number | null;
  readonly acquired_at: string | null;
  readonly start_time: string | null;
}

/** Opens `turn-locks.db`. Start times of holders lie in a table of our own beside the reference's. */
export function openTurnLockStore(source: StoreSource, options: OpenOptions = {}): Result<TurnLockStore> {
  return openStore(source, options, ({ connection, clock, close }) => {
    const { database, write } = connection;
    ensureSchema(
      connection,
      () => hasObjects(connection, ['turn_locks', 'ocr_turn_lock_owners']),
      () => {
        database.exec(`
          CREATE TABLE IF NOT EXISTS turn_locks (agent_name TEXT PRIMARY KEY, held_by_pid INTEGER, acquired_at TEXT);
          CREATE TABLE IF NOT EXISTS ocr_turn_lock_owners (
            agent_name TEXT PRIMARY KEY, pid INTEGER NOT NULL, acquired_at TEXT NOT NULL, start_time TEXT
          );`);
      },
    );
    // A start time counts only while it describes the very claim the reference's table shows.
    const find = database.prepare<[string], Row>(
      `SELECT l.held_by_pid, l.acquired_at, o.start_time FROM turn_locks l
        LEFT JOIN ocr_turn_lock_owners o
          ON o.agent_name = l.agent_name AND o.pid = l.held_by_pid AND o.acquired_at = l.acquired_at
        WHERE l.agent_name = ?`,
    );
    const create = database.prepare<[string]>('INSERT OR IGNORE INTO turn_locks (agent_name) VALUES (?)');
    const claim = database.prepare<[number, string, string]>(
      'UPDATE turn_locks SET held_by_pid = ?, acquired_at = ? WHERE agent_name = ?',
    );
    const describe = database.prepare<[string, number, string, string | null]>(
      'INSERT OR REPLACE INTO ocr_turn_lock_owners (agent_name, pid, acquired_at, start_time) VALUES (?, ?, ?, ?)',
    );
    const free = database.prepare<[string, number]>(
      'UPDATE turn_locks SET held_by_pid = NULL, acquired_at = NULL WHERE agent_name = ? AND held_by_pid = ?',
    );
    return ok({
      read(agentName) {
        const row = find.get(agentName);
        return { heldByPid: row?.held_by_pid ?? null, acquiredAt: row?.acquired_at ?? null };
      },
      tryAcquire(agentName, owner, dead) {
        return write(() => {
          create.run(agentName);
          const row = find.get(agentName);
          const pid = row?.held_by_pid ?? null;
          const acquiredAt = row?.acquired_at ?? null;
          const judged = dead !== null && dead.pid === pid && dead.acquiredAt === acquiredAt;
          if (pid !== null && pid !== owner.pid && !judged) {
            return { pid, acquiredAt, startTime: row?.start_time ?? null };
          }
          const now = timestamp(clock.now());
          claim.run(owner.pid, now, agentName);
          describe.run(agentName, owner.pid, now, owner.startTime);
          return null;
        });
      },
      release: (agentName, pid) => void write(() => free.run(agentName, pid)),
      close,
    });
  });
}
