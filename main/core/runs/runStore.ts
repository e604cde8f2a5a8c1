import { ok, type Result } from '../../../contract/result.ts';
import type { RunStatus } from '../../../contract/runs.ts';
import { timestamp } from '../../platform/clock.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import { ensureRunSchema } from '../sessions/sessionSchema.ts';

/** One run (spec 01 §1.2). `agentCount` is counted from the sessions at each read. */
export interface Run {
  readonly id: string;
  readonly startedAt: string;
  readonly completedAt: string | null;
  readonly agentCount: number;
  readonly coordinatorSessionId: string | null;
  readonly coordinatorName: string | null;
  readonly status: RunStatus;
}

export interface NewRun {
  /** `run-<file-safe ISO>`. */
  readonly id: string;
  readonly startedAt: string;
  readonly coordinatorSessionId: string | null;
  readonly coordinatorName?: string | null;
  readonly status: RunStatus;
  /** Stored for other readers, never read back (spec 01 §1.2). */
  readonly agentCount?: number;
}

/** Table `runs` of sessions.db (spec 01 §1.8). */
export interface RunStore {
  /** Throws for a duplicate id or a bad status: both are bugs of the caller. */
  createRun(run: NewRun): void;
  getRun(id: string): Run | null;
  /** Newest active run. */
  getActiveRun(): Run | null;
  getActiveRunForCoordinator(name: string): Run | null;
  /** Newest first. */
  listRuns(filter?: { readonly limit?: number; readonly status?: RunStatus }): readonly Run[];
  /** Nothing to do: the count is derived. Kept because the reference's callers know it. */
  incrementAgentCount(id: string): void;
  /** Sets status and time whatever they were; an unknown id is ignored. */
  completeRun(id: string, status: 'completed' | 'failed'): void;
  /** Makes a completed run active again: an agent of it is at work after all. An unknown id is ignored. */
  reopenRun(id: string): void;
  /** Takes back a run whose first agent could not be started; an unknown id is ignored. */
  removeRun(id: string): void;
  close(): void;
}

interface RunRow {
  readonly id: string;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly agent_count: number;
  readonly coordinator_session_id: string | null;
  readonly coordinator_name: string | null;
  readonly status: string;
}

function fromRow(row: RunRow): Run {
  return {
    id: row.id,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    agentCount: row.agent_count,
    coordinatorSessionId: row.coordinator_session_id,
    coordinatorName: row.coordinator_name,
    // The column's CHECK allows exactly these three words.
    status: row.status as RunStatus,
  };
}

/** Opens the runs of `sessions.db`; also on a brand-new file, where it makes the `sessions` table it counts in. */
export function openRuns(source: StoreSource, options: OpenOptions = {}): Result<RunStore> {
  return openStore(source, options, (context) => {
    ensureRunSchema(context.connection);
    return ok(buildStore(context));
  });
}

function buildStore({ connection, clock, close }: StoreContext): RunStore {
  const { database, write } = connection;
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, RunRow>(
      `SELECT id, started_at, completed_at, coordinator_session_id, coordinator_name, status,
        (SELECT count(*) FROM sessions WHERE sessions.run_id = runs.id) AS agent_count
        FROM runs ${rest}`,
    );
  const NEWEST = 'ORDER BY started_at DESC, rowid DESC';
  const insert = database.prepare<[Omit<RunRow, 'completed_at'>]>(
    `INSERT INTO runs (id, started_at, completed_at, agent_count, coordinator_session_id, coordinator_name, status)
      VALUES (@id, @started_at, NULL, @agent_count, @coordinator_session_id, @coordinator_name, @status)`,
  );
  const byId = read<[string]>('WHERE id = ?');
  const activeRun = read<[]>(`WHERE status = 'active' ${NEWEST} LIMIT 1`);
  const activeOf = read<[string]>(`WHERE status = 'active' AND coordinator_name = ? ${NEWEST} LIMIT 1`);
  const list = read<[{ status: string | null; limit: number }]>(
    `WHERE @status IS NULL OR status = @status ${NEWEST} LIMIT @limit`,
  );
  const complete = database.prepare<[string, string, string]>(
    'UPDATE runs SET status = ?, completed_at = ? WHERE id = ?',
  );
  const reopen = database.prepare<[string]>("UPDATE runs SET status = 'active', completed_at = NULL WHERE id = ?");
  const remove = database.prepare<[string]>('DELETE FROM runs WHERE id = ?');
  const one = (row: RunRow | undefined): Run | null => (row === undefined ? null : fromRow(row));

  return {
    createRun(run) {
      write(() =>
        insert.run({
          id: run.id,
          started_at: run.startedAt,
          agent_count: run.agentCount ?? 0,
          coordinator_session_id: run.coordinatorSessionId,
          coordinator_name: run.coordinatorName ?? null,
          status: run.status,
        }),
      );
    },
    getRun: (id) => one(byId.get(id)),
    getActiveRun: () => one(activeRun.get()),
    getActiveRunForCoordinator: (name) => one(activeOf.get(name)),
    // SQLite reads a negative limit as "no limit".
    listRuns: (filter = {}) => list.all({ status: filter.status ?? null, limit: filter.limit ?? -1 }).map(fromRow),
    incrementAgentCount() {},
    completeRun: (id, status) => void write(() => complete.run(status, timestamp(clock.now()), id)),
    reopenRun: (id) => void write(() => reopen.run(id)),
    removeRun: (id) => void write(() => remove.run(id)),
    close,
  };
}
