import type { MergeTier } from '../../../contract/merges.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { runMigrations } from '../db/migrations.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import { CONTROL_MIGRATIONS, parseStrings } from './controlStoreSchema.ts';
import { buildTasks, type TaskStore } from './controlStoreTasks.ts';

/** What an agent was launched with, kept for its later turns (D-15), and why it is where it is. */
export interface AgentSettings {
  readonly agentName: string;
  readonly runtime: string;
  readonly model: string | null;
  readonly specPath: string | null;
  readonly files: readonly string[];
  /** One line for a person: why the agent died or needs somebody; null otherwise. */
  readonly reason: string | null;
}

/** What the last attempt to merge an entry of the queue said. */
export interface MergeOutcome {
  readonly queueId: number;
  readonly target: string | null;
  readonly tier: MergeTier | null;
  readonly conflictFiles: readonly string[];
  readonly error: string | null;
  readonly warnings: readonly string[];
  readonly finishedAt: string | null;
}

/** The engine that holds a project. */
export interface EngineLease {
  readonly pid: number;
  /** Kernel start time; null where the system has none. */
  readonly startTime: string | null;
  readonly instanceId: string;
  readonly acquiredAt: string;
}

/** Our own file `.overstory/control-room.db`: what the reference has no place for. */
export interface ControlStore extends TaskStore {
  getAgentSettings(agentName: string): AgentSettings | null;
  listAgentSettings(): readonly AgentSettings[];
  /** Inserts or replaces. */
  putAgentSettings(settings: AgentSettings): void;
  /** Sets or clears the reason alone; an agent without settings is ignored. */
  setAgentReason(agentName: string, reason: string | null): void;
  removeAgentSettings(agentName: string): void;

  getMergeOutcome(queueId: number): MergeOutcome | null;
  listMergeOutcomes(): readonly MergeOutcome[];
  putMergeOutcome(outcome: MergeOutcome): void;
  removeMergeOutcome(queueId: number): void;

  /** Puts an attention item aside for good. */
  dismiss(id: string): void;
  dismissed(): ReadonlySet<string>;

  /** A JSON value by name; undefined when it was never set. */
  getSetting(key: string): unknown;
  /** `value` must be JSON. */
  putSetting(key: string, value: unknown): void;

  /** Who holds the project, living or not. */
  readLease(): EngineLease | null;
  /**
   * Takes the project for an engine unless another one holds it and `isHolderAlive`, asked inside the transaction, says
   * that one lives: of two engines that start at once, one is refused with `conflict` (`data.holder`).
   */
  claimLease(
    claim: Pick<EngineLease, 'pid' | 'startTime' | 'instanceId'>,
    isHolderAlive: (holder: EngineLease) => boolean,
  ): Result<EngineLease>;
  /** Gives the project back; only the holder can. True if it was held by that instance. */
  releaseLease(instanceId: string): boolean;
  close(): void;
}

/** Opens `control-room.db`; a file of a newer version is refused untouched. */
export function openControl(source: StoreSource, options: OpenOptions = {}): Result<ControlStore> {
  return openStore(source, options, (context) => {
    const migrated = runMigrations(context.connection, CONTROL_MIGRATIONS);
    return migrated.ok ? ok(buildStore(context)) : migrated;
  });
}

interface SettingsRow {
  readonly agent_name: string;
  readonly runtime: string;
  readonly model: string | null;
  readonly spec_path: string | null;
  readonly files: string;
  readonly reason: string | null;
}

interface OutcomeRow {
  readonly queue_id: number;
  readonly target: string | null;
  readonly tier: string | null;
  readonly conflict_files: string;
  readonly error: string | null;
  readonly warnings: string;
  readonly finished_at: string | null;
}

function fromSettingsRow(row: SettingsRow): AgentSettings {
  return {
    agentName: row.agent_name,
    runtime: row.runtime,
    model: row.model,
    specPath: row.spec_path,
    files: parseStrings(row.files),
    reason: row.reason,
  };
}

function fromOutcomeRow(row: OutcomeRow): MergeOutcome {
  return {
    queueId: row.queue_id,
    target: row.target,
    // Only ever written from the contract's type.
    tier: row.tier as MergeTier | null,
    conflictFiles: parseStrings(row.conflict_files),
    error: row.error,
    warnings: parseStrings(row.warnings),
    finishedAt: row.finished_at,
  };
}

function buildStore(context: StoreContext): ControlStore {
  const { connection, clock, close } = context;
  const { database, write } = connection;
  const settingsOf = database.prepare<[string], SettingsRow>('SELECT * FROM agent_settings WHERE agent_name = ?');
  const allSettings = database.prepare<[], SettingsRow>('SELECT * FROM agent_settings ORDER BY agent_name');
  const putSettings = database.prepare<[SettingsRow]>(
    `INSERT OR REPLACE INTO agent_settings (agent_name, runtime, model, spec_path, files, reason)
      VALUES (@agent_name, @runtime, @model, @spec_path, @files, @reason)`,
  );
  const setReason = database.prepare<[string | null, string]>(
    'UPDATE agent_settings SET reason = ? WHERE agent_name = ?',
  );
  const removeSettings = database.prepare<[string]>('DELETE FROM agent_settings WHERE agent_name = ?');
  const outcomeOf = database.prepare<[number], OutcomeRow>('SELECT * FROM merge_outcomes WHERE queue_id = ?');
  const allOutcomes = database.prepare<[], OutcomeRow>('SELECT * FROM merge_outcomes ORDER BY queue_id');
  const putOutcome = database.prepare<[OutcomeRow]>(
    `INSERT OR REPLACE INTO merge_outcomes (queue_id, target, tier, conflict_files, error, warnings, finished_at)
      VALUES (@queue_id, @target, @tier, @conflict_files, @error, @warnings, @finished_at)`,
  );
  const removeOutcome = database.prepare<[number]>('DELETE FROM merge_outcomes WHERE queue_id = ?');
  const addDismissed = database.prepare<[string, string]>('INSERT OR IGNORE INTO dismissed (id, at) VALUES (?, ?)');
  const allDismissed = database.prepare<[], string>('SELECT id FROM dismissed').pluck();
  const setting = database.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck();
  const setSetting = database.prepare<[string, string]>('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)');
  const lease = database.prepare<[], EngineLease>(
    'SELECT pid, start_time AS startTime, instance_id AS instanceId, acquired_at AS acquiredAt FROM engine_lease',
  );
  const setLease = database.prepare<[EngineLease]>(
    `INSERT OR REPLACE INTO engine_lease (id, pid, start_time, instance_id, acquired_at)
      VALUES (1, @pid, @startTime, @instanceId, @acquiredAt)`,
  );
  const freeLease = database.prepare<[string]>('DELETE FROM engine_lease WHERE instance_id = ?');
  const now = (): string => timestamp(clock.now());

  return {
    ...buildTasks(context),
    getAgentSettings(agentName) {
      const row = settingsOf.get(agentName);
      return row === undefined ? null : fromSettingsRow(row);
    },
    listAgentSettings: () => allSettings.all().map(fromSettingsRow),
    putAgentSettings(settings) {
      write(() =>
        putSettings.run({
          agent_name: settings.agentName,
          runtime: settings.runtime,
          model: settings.model,
          spec_path: settings.specPath,
          files: JSON.stringify(settings.files),
          reason: settings.reason,
        }),
      );
    },
    setAgentReason: (agentName, reason) => void write(() => setReason.run(reason, agentName)),
    removeAgentSettings: (agentName) => void write(() => removeSettings.run(agentName)),
    getMergeOutcome(queueId) {
      const row = outcomeOf.get(queueId);
      return row === undefined ? null : fromOutcomeRow(row);
    },
    listMergeOutcomes: () => allOutcomes.all().map(fromOutcomeRow),
    putMergeOutcome(outcome) {
      write(() =>
        putOutcome.run({
          queue_id: outcome.queueId,
          target: outcome.target,
          tier: outcome.tier,
          conflict_files: JSON.stringify(outcome.conflictFiles),
          error: outcome.error,
          warnings: JSON.stringify(outcome.warnings),
          finished_at: outcome.finishedAt,
        }),
      );
    },
    removeMergeOutcome: (queueId) => void write(() => removeOutcome.run(queueId)),
    dismiss: (id) => void write(() => addDismissed.run(id, now())),
    dismissed: () => new Set(allDismissed.all()),
    getSetting(key) {
      const json = setting.get(key);
      return json === undefined ? undefined : (JSON.parse(json) as unknown);
    },
    putSetting: (key, value) => void write(() => setSetting.run(key, JSON.stringify(value))),
    readLease: () => lease.get() ?? null,
    claimLease(claim, isHolderAlive) {
      return write(() => {
        const holder = lease.get();
        if (holder !== undefined && holder.instanceId !== claim.instanceId && isHolderAlive(holder)) {
          return fail(
            'conflict',
            `an engine already runs for this project (process ${holder.pid}): use that one or end it`,
            {
              data: { holder },
            },
          );
        }
        const taken: EngineLease = {
          pid: claim.pid,
          startTime: claim.startTime,
          instanceId: claim.instanceId,
          acquiredAt: now(),
        };
        setLease.run(taken);
        return ok(taken);
      });
    },
    releaseLease: (instanceId) => write(() => freeLease.run(instanceId).changes > 0),
    close,
  };
}
