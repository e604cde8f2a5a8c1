import type { BudgetNote, CostGroup, CostGrouping } from '../../../contract/costs.ts';
import { ok, type Result } from '../../../contract/result.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import type { SessionMetrics } from '../metrics/metricsStore.ts';
import { ensureTurnSchema } from '../turns/turnRow.ts';

/** Which turns are meant; all that are given must fit. Times are ISO. */
export interface TurnFilter {
  readonly agentName?: string;
  readonly taskId?: string;
  readonly runId?: string;
  /** Begun at or after. */
  readonly from?: string;
  /** Begun before. */
  readonly to?: string;
}

/** A turn's time and dollars. */
export interface TurnTime {
  readonly startedAt: string;
  /** Null while it runs. */
  readonly endedAt: string | null;
  readonly costUsd: number | null;
}

/** A turn with its dollars and whose they are. */
export interface PaidTurn extends TurnTime {
  readonly agentName: string;
  readonly taskId: string | null;
  readonly runId: string | null;
}

/** Sums over turns. */
export interface TurnSums {
  /** US dollars of all turns that reported or were priced. */
  readonly usd: number;
  readonly turns: number;
  readonly running: number;
  /** Ended turns that used tokens nobody can price. */
  readonly unpriced: number;
  /** Turns whose dollars are estimates, at least in part. */
  readonly estimated: number;
}

/** What a session used, by spec 03 §2.1, with how many of its turns are priced by the table. */
export interface SessionUse extends Omit<SessionMetrics, 'mergeResult' | 'parentAgent'> {
  readonly sessionId: string;
  readonly turns: number;
  readonly estimatedTurns: number;
}

/** Turns that have one thing in common. */
export interface TurnGroup extends Omit<CostGroup, 'usd'> {
  /** Turns whose dollars are known. */
  readonly knownTurns: number;
}

/**
 * Reads what turns used, from the turn rows themselves: they are written once each and are the only account, so that a
 * restart can neither lose nor double anything.
 */
export interface UsageStore {
  sums(filter: TurnFilter): TurnSums;
  times(filter: TurnFilter): readonly TurnTime[];
  /** Turns that ended at or after a time and cost something. */
  paidSince(endedAt: string): readonly PaidTurn[];
  /** Mean dollars of the newest turns that cost something; null when there is none. */
  meanCost(turns: number): number | null;
  /** US dollars of the newest agents of a role that have cost something and are not in a turn, newest first. */
  agentCosts(capability: string, agents: number): readonly number[];
  runningAgents(): ReadonlySet<string>;
  /** Newest first; one row a session and run. */
  sessions(filter: TurnFilter, limit: number): readonly SessionUse[];
  /** All turns of an agent on a task, as one row; null when there is none. */
  agentTask(agentName: string, taskId: string): SessionUse | null;
  /** Turns summed up by one of their columns. */
  groups(filter: TurnFilter, by: CostGrouping): readonly TurnGroup[];
  agentCount(filter: TurnFilter): number;
  /** What the governor told since a time (ISO), newest first. */
  budgetNotes(since: string, limit: number): readonly BudgetNote[];
  /** What turns had used by a moment (ISO), as the history kept it (recordings/historyTables.ts). */
  at(moment: string): PastUsage;
  close(): void;
}

/** What is asked of the turns of a moment. */
export type PastUsage = Pick<UsageStore, 'groups' | 'agentCount' | 'paidSince' | 'budgetNotes'>;

/** Opens the usage of the turns in `events.db`. */
export function openUsage(source: StoreSource, options: OpenOptions = {}): Result<UsageStore> {
  return openStore(source, options, (context) => {
    ensureTurnSchema(context.connection);
    return ok(buildStore(context));
  });
}

const SUMS = `coalesce(sum(cost_usd), 0) AS usd, count(*) AS turns, coalesce(sum(state = 'running'), 0) AS running,
  coalesce(sum(state = 'ended' AND cost_usd IS NULL AND input_tokens > 0), 0) AS unpriced,
  coalesce(sum(cost_source = 'estimate'), 0) AS estimated`;
const SESSION = `session_id AS sessionId, agent_name AS agentName, coalesce(task_id, '') AS taskId,
  coalesce(max(capability), '') AS capability, min(started_at) AS startedAt, max(ended_at) AS completedAt,
  coalesce(sum((julianday(ended_at) - julianday(started_at)) * 86400000), 0) AS durationMs, max(exit_code) AS exitCode,
  coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
  coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens, coalesce(sum(cache_creation_tokens), 0) AS cacheCreationTokens,
  sum(cost_usd) AS estimatedCostUsd, max(model) AS modelUsed, max(run_id) AS runId, count(*) AS turns,
  coalesce(sum(cost_source = 'estimate'), 0) AS estimatedTurns`;

/** Later than every time that is stored. */
const END_OF_TIME = '9999';

const GROUP_COLUMNS: Readonly<Record<CostGrouping, string>> = {
  agent: 'agent_name',
  task: 'task_id',
  capability: 'capability',
  model: 'model',
  runtime: 'runtime',
  run: 'run_id',
};
/** The one value of a column in a group; null where there are several, empty where none is told. */
const common = (column: string): string =>
  `CASE WHEN count(${column}) = 0 THEN '' WHEN min(${column}) = max(${column}) THEN min(${column}) END`;
const GROUP = `count(DISTINCT agent_name) AS agents, count(*) AS turns, sum(state = 'running') AS runningTurns,
  sum(state = 'ended' AND cost_usd IS NULL AND coalesce(input_tokens, 0) > 0) AS unpricedTurns,
  sum(state = 'ended' AND cost_usd IS NULL AND coalesce(input_tokens, 0) = 0) AS silentTurns,
  sum(cost_usd IS NOT NULL) AS knownTurns,
  coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
  coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens, coalesce(sum(cache_creation_tokens), 0) AS cacheCreationTokens,
  coalesce(sum(CASE WHEN cost_source = 'estimate' THEN cost_usd END), 0) AS estimatedUsd,
  coalesce(sum(CASE WHEN cost_source IS NOT 'estimate' THEN cost_usd END), 0) AS reportedUsd,
  max(coalesce(ended_at, started_at)) AS lastAt,
  ${common('capability')} AS capability, ${common('model')} AS model, ${common('runtime')} AS runtime,
  ${common('task_id')} AS taskId`;

/**
 * The turns as they were at a moment: state, end and dollars of their newest event by then, the rest from the row, of which
 * it never changes or comes with the dollars. Dollars of ended turns too: JSON keeps fifteen digits only.
 */
const PAST_TURNS = `(SELECT t.agent_name, t.run_id, t.task_id, t.capability, t.runtime, t.started_at,
    coalesce(json_extract(h.value, '$.model'), t.model) AS model,
    json_extract(h.value, '$.state') AS state, json_extract(h.value, '$.endedAt') AS ended_at,
    CASE json_extract(h.value, '$.state') WHEN 'ended' THEN t.cost_usd ELSE json_extract(h.value, '$.costUsd') END AS cost_usd,
    CASE json_extract(h.value, '$.state') WHEN 'ended' THEN t.cost_source END AS cost_source,
    ${['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens']
      .map(
        (column) =>
          `CASE WHEN json_extract(h.value, '$.state') = 'ended' OR json_extract(h.value, '$.costUsd') IS NOT NULL THEN t.${column} END AS ${column}`,
      )
      .join(', ')}
  FROM ocr_history h JOIN ocr_turns t ON t.turn_id = h.key
  WHERE h.id IN (SELECT max(id) FROM ocr_history WHERE kind = 'turn' AND at <= ? GROUP BY key) AND h.value IS NOT NULL)`;

function buildStore({ connection, close }: StoreContext): UsageStore {
  const { database } = connection;
  const running = database.prepare<[], string>("SELECT agent_name FROM ocr_turns WHERE state = 'running'").pluck();
  const mean = database
    .prepare<[number], number | null>(
      'SELECT avg(cost) FROM (SELECT cost_usd AS cost FROM ocr_turns WHERE cost_usd > 0 ORDER BY started_at DESC LIMIT ?)',
    )
    .pluck();
  const agentCosts = database
    .prepare<[string, number], number>(
      `SELECT sum(cost_usd) FROM ocr_turns WHERE capability = ?
        GROUP BY agent_name, coalesce(task_id, '') HAVING sum(cost_usd) > 0 AND sum(state = 'running') = 0
        ORDER BY max(started_at) DESC LIMIT ?`,
    )
    .pluck();
  const agentTask = database.prepare<[string, string], SessionUse>(
    `SELECT ${SESSION} FROM ocr_turns WHERE agent_name = ? AND coalesce(task_id, '') = ? GROUP BY agent_name`,
  );

  const notes = database.prepare<[string, string, number], Omit<BudgetNote, 'summary'> & { readonly data: string }>(
    `SELECT id, created_at AS at, agent_name AS agentName, run_id AS runId, level, data FROM events
      WHERE event_type = 'custom' AND created_at >= ? AND created_at <= ? AND data LIKE '{"type":"budget"%'
      ORDER BY created_at DESC, id DESC LIMIT ?`,
  );

  /** One condition for each field that is given, so that each statement can use the narrowest index. */
  function where(filter: TurnFilter): { readonly sql: string; readonly values: readonly string[] } {
    const parts: string[] = [];
    const values: string[] = [];
    const add = (condition: string, value: string | undefined): void => {
      if (value === undefined) return;
      parts.push(condition);
      values.push(value);
    };
    add('agent_name = ?', filter.agentName);
    add('task_id = ?', filter.taskId);
    add('run_id = ?', filter.runId);
    add('started_at >= ?', filter.from);
    add('started_at < ?', filter.to);
    return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
  }
  /** Statements by their text: there is one for each set of fields. */
  const prepared = new Map<string, ReturnType<typeof database.prepare<unknown[]>>>();
  function statement(sql: string): ReturnType<typeof database.prepare<unknown[]>> {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare<unknown[]>(sql);
    prepared.set(sql, made);
    return made;
  }

  /** Reads of the turns in a table, or in a query with its values. */
  function reads(table: string, own: readonly string[], until: string): PastUsage {
    return {
      paidSince: (endedAt) =>
        statement(
          `SELECT started_at AS startedAt, ended_at AS endedAt, cost_usd AS costUsd, agent_name AS agentName,
              task_id AS taskId, run_id AS runId FROM ${table}
            WHERE ended_at >= ? AND cost_usd > 0`,
        ).all(...own, endedAt) as PaidTurn[],
      groups(filter, by) {
        const { sql, values } = where(filter);
        const column = GROUP_COLUMNS[by];
        return statement(
          `SELECT coalesce(${column}, '') AS key, ${GROUP} FROM ${table} ${sql} GROUP BY coalesce(${column}, '')`,
        ).all(...own, ...values) as TurnGroup[];
      },
      agentCount(filter) {
        const { sql, values } = where(filter);
        const row = statement(`SELECT count(DISTINCT agent_name) AS agents FROM ${table} ${sql}`).get(
          ...own,
          ...values,
        );
        return (row as { readonly agents: number }).agents;
      },
      budgetNotes: (since, limit) =>
        notes.all(since, until, limit).map(({ data, ...row }) => ({ ...row, summary: summaryOf(data) })),
    };
  }

  return {
    ...reads('ocr_turns', [], END_OF_TIME),
    at: (moment) => reads(PAST_TURNS, [moment], moment),
    sums(filter) {
      const { sql, values } = where(filter);
      return statement(`SELECT ${SUMS} FROM ocr_turns ${sql}`).get(...values) as TurnSums;
    },
    times(filter) {
      const { sql, values } = where(filter);
      const columns = 'started_at AS startedAt, ended_at AS endedAt, cost_usd AS costUsd';
      return statement(`SELECT ${columns} FROM ocr_turns ${sql}`).all(...values) as TurnTime[];
    },
    meanCost: (turns) => mean.get(turns) ?? null,
    agentCosts: (capability, agents) => agentCosts.all(capability, agents),
    runningAgents: () => new Set(running.all()),
    sessions(filter, limit) {
      const { sql, values } = where(filter);
      const grouped = `GROUP BY agent_name, session_id, task_id, run_id ORDER BY min(started_at) DESC, agent_name LIMIT ?`;
      return statement(`SELECT ${SESSION} FROM ocr_turns ${sql} ${grouped}`).all(...values, limit) as SessionUse[];
    },
    agentTask: (agentName, taskId) => agentTask.get(agentName, taskId) ?? null,
    close,
  };
}

/** Text of a note the governor wrote. */
function summaryOf(data: string): string {
  const { summary } = JSON.parse(data) as { readonly summary?: unknown };
  return typeof summary === 'string' ? summary : '';
}
