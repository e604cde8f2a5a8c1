import { MERGE_STATUSES, MERGE_TIERS, type MergeStatus, type MergeTier } from '../../../contract/merges.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { ensureSchema, hasColumns, hasObjects, renameColumn } from '../db/migrations.ts';
import {
  type Connection,
  type OpenOptions,
  openStore,
  type StoreContext,
  type StoreSource,
} from '../db/openDatabase.ts';
import { buildLedger, ensureLedgerTables, LEDGER_TABLES, type MergeLedger } from './mergeLedger.ts';

/** One row of the merge queue (spec 02 §2.1); `id` is the place in the queue. */
export interface MergeEntry {
  readonly id: number;
  readonly branchName: string;
  readonly taskId: string;
  readonly agentName: string;
  readonly filesModified: readonly string[];
  readonly enqueuedAt: string;
  readonly status: MergeStatus;
  readonly resolvedTier: MergeTier | null;
}

/** Table `merge_queue` of merge-queue.db (spec 02 §2.1). */
export interface MergeQueueStore extends MergeLedger {
  /** Puts a branch at the end, `pending`. The same branch may stand in the queue more than once. */
  enqueue(entry: Pick<MergeEntry, 'branchName' | 'taskId' | 'agentName' | 'filesModified'>): MergeEntry;
  /** Takes the first pending entry out; null when there is none. Of two takers each entry goes to one. */
  dequeue(): MergeEntry | null;
  /** The first pending entry, left where it is. */
  peek(): MergeEntry | null;
  get(id: number): MergeEntry | null;
  /** In queue order. */
  list(status?: MergeStatus): readonly MergeEntry[];
  /** Sets every row of that branch; without a tier the tier is cleared. `merge` error when the branch is not queued. */
  updateStatus(branchName: string, status: MergeStatus, tier?: MergeTier | null): Result<void>;
  /** Sets one row; `merge` error when it is gone. */
  updateEntry(id: number, status: MergeStatus, tier?: MergeTier | null): Result<MergeEntry>;
  /** True if the entry was there. */
  remove(id: number): boolean;
  close(): void;
}

interface Row {
  readonly id: number;
  readonly branch_name: string;
  readonly task_id: string;
  readonly agent_name: string;
  readonly files_modified: string;
  readonly enqueued_at: string;
  readonly status: string;
  readonly resolved_tier: string | null;
}

/** Paths of a JSON array; anything else reads as none (spec 02 §2.1). */
function parseFiles(json: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((file): file is string => typeof file === 'string') : [];
  } catch {
    // Written by hand or cut off: the list only informs, the branch itself tells what it changes.
    return [];
  }
}

function fromRow(row: Row): MergeEntry {
  return {
    id: row.id,
    branchName: row.branch_name,
    taskId: row.task_id,
    agentName: row.agent_name,
    filesModified: parseFiles(row.files_modified),
    enqueuedAt: row.enqueued_at,
    // Both columns have a CHECK with exactly the contract's words.
    status: row.status as MergeStatus,
    resolvedTier: row.resolved_tier as MergeTier | null,
  };
}

const list = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

function ensureMergeSchema(connection: Connection): void {
  ensureSchema(
    connection,
    () =>
      hasObjects(connection, ['merge_queue', 'idx_merge_queue_status', 'idx_merge_queue_branch', ...LEDGER_TABLES]) &&
      hasColumns(connection, 'merge_queue', ['task_id']),
    () => {
      connection.database.exec(`CREATE TABLE IF NOT EXISTS merge_queue (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        branch_name TEXT NOT NULL,
        task_id TEXT NOT NULL,
        agent_name TEXT NOT NULL,
        files_modified TEXT NOT NULL DEFAULT '[]',
        enqueued_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
        status TEXT NOT NULL DEFAULT 'pending' CHECK(status IN (${list(MERGE_STATUSES)})),
        resolved_tier TEXT CHECK(resolved_tier IS NULL OR resolved_tier IN (${list(MERGE_TIERS)}))
      )`);
      renameColumn(connection, 'merge_queue', 'bead_id', 'task_id');
      connection.database.exec(`
        CREATE INDEX IF NOT EXISTS idx_merge_queue_status ON merge_queue(status);
        CREATE INDEX IF NOT EXISTS idx_merge_queue_branch ON merge_queue(branch_name);`);
      ensureLedgerTables(connection);
    },
  );
}

/** Opens `merge-queue.db`, migrating older files. */
export function openMergeQueue(source: StoreSource, options: OpenOptions = {}): Result<MergeQueueStore> {
  return openStore(source, options, (context) => {
    ensureMergeSchema(context.connection);
    return ok(buildStore(context));
  });
}

const COLUMNS = 'id, branch_name, task_id, agent_name, files_modified, enqueued_at, status, resolved_tier';

function buildStore(context: StoreContext): MergeQueueStore {
  const { connection, clock, close } = context;
  const { database, write } = connection;
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, Row>(`SELECT ${COLUMNS} FROM merge_queue ${rest}`);
  const insert = database.prepare<
    [Pick<Row, 'branch_name' | 'task_id' | 'agent_name' | 'files_modified' | 'enqueued_at'>],
    Row
  >(
    `INSERT INTO merge_queue (branch_name, task_id, agent_name, files_modified, enqueued_at)
      VALUES (@branch_name, @task_id, @agent_name, @files_modified, @enqueued_at) RETURNING ${COLUMNS}`,
  );
  const take = database.prepare<[], Row>(
    `DELETE FROM merge_queue
      WHERE id = (SELECT id FROM merge_queue WHERE status = 'pending' ORDER BY id LIMIT 1) RETURNING ${COLUMNS}`,
  );
  const first = read<[]>("WHERE status = 'pending' ORDER BY id LIMIT 1");
  const byId = read<[number]>('WHERE id = ?');
  const matching = read<[{ status: string | null }]>('WHERE @status IS NULL OR status = @status ORDER BY id');
  const setBranch = database.prepare<[string, string | null, string]>(
    'UPDATE merge_queue SET status = ?, resolved_tier = ? WHERE branch_name = ?',
  );
  const setEntry = database.prepare<[string, string | null, number], Row>(
    `UPDATE merge_queue SET status = ?, resolved_tier = ? WHERE id = ? RETURNING ${COLUMNS}`,
  );
  const removeRow = database.prepare<[number]>('DELETE FROM merge_queue WHERE id = ?');
  const one = (row: Row | undefined): MergeEntry | null => (row === undefined ? null : fromRow(row));

  return {
    ...buildLedger(context),
    enqueue(entry) {
      const row = write(() =>
        insert.get({
          branch_name: entry.branchName,
          task_id: entry.taskId,
          agent_name: entry.agentName,
          files_modified: JSON.stringify(entry.filesModified),
          enqueued_at: timestamp(clock.now()),
        }),
      );
      if (row === undefined) throw new Error('an entry was inserted into the merge queue and none came back');
      return fromRow(row);
    },
    dequeue: () => one(write(() => take.get())),
    peek: () => one(first.get()),
    get: (id) => one(byId.get(id)),
    list: (status) => matching.all({ status: status ?? null }).map(fromRow),
    updateStatus(branchName, status, tier = null) {
      const { changes } = write(() => setBranch.run(status, tier, branchName));
      if (changes === 0)
        return fail('merge', `branch "${branchName}" is not in the merge queue`, { data: { branchName } });
      return ok(undefined);
    },
    updateEntry(id, status, tier = null) {
      const row = write(() => setEntry.get(status, tier, id));
      return row === undefined ? fail('merge', `entry ${id} is not in the merge queue any more`) : ok(fromRow(row));
    },
    remove: (id) => write(() => removeRow.run(id).changes > 0),
    close,
  };
}
