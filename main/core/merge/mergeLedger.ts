import { MergeTrace } from '../../../contract/mergeDetail.ts';
import { MergeHold } from '../../../contract/merges.ts';
import { timestamp } from '../../platform/clock.ts';
import type { Connection, StoreContext } from '../db/openDatabase.ts';
import type { ConflictRecord } from './conflictHistory.ts';

/** Who is merging an entry; together pid and start time name a process for good. */
export interface MergeLease {
  readonly entryId: number;
  readonly pid: number;
  readonly startTime: string | null;
  /** Of one engine; a recovered entry belongs to another. */
  readonly token: string;
}

/** A record of the past with where it came from. */
export interface StoredConflict extends ConflictRecord {
  readonly taskId: string;
}

/**
 * What this product keeps beside the merge queue of the reference, in tables of its own: who merges an entry, what waits
 * for a person, and how conflicts ended (spec 02 §2.6).
 */
export interface MergeLedger {
  /** Marks an entry as being merged, unless somebody else is at it: then that lease comes back. Null when it was taken. */
  claim(lease: MergeLease): MergeLease | null;
  /** Gives an entry up; another's lease stays. */
  releaseLease(entryId: number, token: string): void;
  leases(): readonly MergeLease[];
  getHold(entryId: number): MergeHold | null;
  putHold(entryId: number, hold: MergeHold): void;
  removeHold(entryId: number): boolean;
  /** How the last attempt went; null where nothing was kept. */
  getTrace(entryId: number): MergeTrace | null;
  putTrace(entryId: number, trace: MergeTrace): void;
  removeTrace(entryId: number): void;
  recordConflict(record: StoredConflict): void;
  /** Newest first, at most 1,000. */
  conflictRecords(): readonly StoredConflict[];
}

const RECORDS = 1_000;
/** Entries whose trace is kept: an audit may hold 200 findings. */
const TRACES = 2_000;

/** Makes the tables where they are missing. */
export function ensureLedgerTables({ database }: Connection): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS ocr_merge_leases (
      entry_id INTEGER PRIMARY KEY,
      pid INTEGER NOT NULL,
      start_time TEXT,
      token TEXT NOT NULL,
      taken_at TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS ocr_merge_holds (entry_id INTEGER PRIMARY KEY, hold TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ocr_merge_traces (entry_id INTEGER PRIMARY KEY, trace TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ocr_merge_conflicts (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at TEXT NOT NULL,
      task_id TEXT NOT NULL,
      agent_name TEXT NOT NULL,
      branch_name TEXT NOT NULL,
      outcome TEXT NOT NULL,
      tier TEXT NOT NULL,
      files TEXT NOT NULL
    );`);
}

export const LEDGER_TABLES = [
  'ocr_merge_leases',
  'ocr_merge_holds',
  'ocr_merge_traces',
  'ocr_merge_conflicts',
] as const;

/** The ledger on an open merge-queue.db. */
export function buildLedger({ connection, clock }: StoreContext): MergeLedger {
  const { database, write } = connection;
  const now = (): string => timestamp(clock.now());
  const leaseOf = database.prepare<[number], MergeLease>(
    'SELECT entry_id AS entryId, pid, start_time AS startTime, token FROM ocr_merge_leases WHERE entry_id = ?',
  );
  const allLeases = database.prepare<[], MergeLease>(
    'SELECT entry_id AS entryId, pid, start_time AS startTime, token FROM ocr_merge_leases ORDER BY entry_id',
  );
  const addLease = database.prepare<[MergeLease & { readonly at: string }]>(
    'INSERT INTO ocr_merge_leases (entry_id, pid, start_time, token, taken_at) VALUES (@entryId, @pid, @startTime, @token, @at)',
  );
  const dropLease = database.prepare<[number, string]>('DELETE FROM ocr_merge_leases WHERE entry_id = ? AND token = ?');
  const holdOf = database.prepare<[number], string>('SELECT hold FROM ocr_merge_holds WHERE entry_id = ?').pluck();
  const setHold = database.prepare<[number, string]>(
    'INSERT OR REPLACE INTO ocr_merge_holds (entry_id, hold) VALUES (?, ?)',
  );
  const dropHold = database.prepare<[number]>('DELETE FROM ocr_merge_holds WHERE entry_id = ?');
  const traceOf = database.prepare<[number], string>('SELECT trace FROM ocr_merge_traces WHERE entry_id = ?').pluck();
  const setTrace = database.prepare<[number, string]>(
    'INSERT OR REPLACE INTO ocr_merge_traces (entry_id, trace) VALUES (?, ?)',
  );
  const dropTrace = database.prepare<[number]>('DELETE FROM ocr_merge_traces WHERE entry_id = ?');
  const dropOldTraces = database.prepare<[number]>(`DELETE FROM ocr_merge_traces WHERE entry_id <= ? - ${TRACES}`);
  const addConflict = database.prepare<[string, string, string, string, string, string, string]>(
    `INSERT INTO ocr_merge_conflicts (at, task_id, agent_name, branch_name, outcome, tier, files)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const conflicts = database.prepare<[number], Omit<StoredConflict, 'files'> & { readonly files: string }>(
    `SELECT task_id AS taskId, agent_name AS agentName, branch_name AS branchName, outcome, tier, files
      FROM ocr_merge_conflicts ORDER BY id DESC LIMIT ?`,
  );

  return {
    claim: (lease) =>
      write(() => {
        const held = leaseOf.get(lease.entryId);
        if (held !== undefined) return held;
        addLease.run({ ...lease, at: now() });
        return null;
      }),
    releaseLease: (entryId, token) => void write(() => dropLease.run(entryId, token)),
    leases: () => allLeases.all(),
    getHold(entryId) {
      const stored = holdOf.get(entryId);
      if (stored === undefined) return null;
      const parsed = MergeHold.safeParse(JSON.parse(stored));
      // Of another version: the entry then counts as an ordinary conflict, which can be merged again.
      return parsed.success ? parsed.data : null;
    },
    putHold: (entryId, hold) => void write(() => setHold.run(entryId, JSON.stringify(hold))),
    removeHold: (entryId) => write(() => dropHold.run(entryId).changes > 0),
    getTrace(entryId) {
      const stored = traceOf.get(entryId);
      if (stored === undefined) return null;
      const parsed = MergeTrace.safeParse(JSON.parse(stored));
      // Of another version: what it says cannot be shown, and nothing depends on it.
      return parsed.success ? parsed.data : null;
    },
    putTrace: (entryId, trace) =>
      void write(() => {
        setTrace.run(entryId, JSON.stringify(trace));
        dropOldTraces.run(entryId);
      }),
    removeTrace: (entryId) => void write(() => dropTrace.run(entryId)),
    recordConflict(record) {
      const { taskId, agentName, branchName, outcome, tier, files } = record;
      write(() => addConflict.run(now(), taskId, agentName, branchName, outcome, tier, JSON.stringify(files)));
    },
    conflictRecords: () =>
      conflicts.all(RECORDS).map((row) => ({ ...row, files: JSON.parse(row.files) as readonly string[] })),
  };
}
