import { ok, type Result } from '../../../contract/result.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import {
  EVENT_COLUMNS,
  type EventLevel,
  type EventTableRow,
  ensureEventSchema,
  fromEventRow,
  type NewEvent,
  prepareEventInsert,
  type StoredEvent,
} from './eventRow.ts';

/** Filters of the reference's queries; `since` and `until` are inclusive ISO times. */
export interface EventFilter {
  readonly since?: string;
  readonly until?: string;
  readonly level?: EventLevel;
  /** Keeps the OLDEST rows, as the reference does (spec 03 §1.2). Use `tail` where people look for what is new. */
  readonly limit?: number;
}

/** The newest rows, optionally of one agent or run, and only those before a row id. */
export interface TailQuery {
  readonly agentName?: string;
  readonly runId?: string;
  /** Rows older than this id: the cursor of the next page. */
  readonly before?: number;
  readonly limit: number;
}

export interface ToolStat {
  readonly toolName: string;
  readonly count: number;
  /** Milliseconds; 0 when no call of the tool has ended. */
  readonly avgDurationMs: number;
  readonly maxDurationMs: number;
}

/** Table `events` of events.db (spec 03 §1.2). */
export interface EventStore {
  /** @returns the row id. Throws for a level outside the four. */
  insert(event: NewEvent): number;
  /** All or none, in one transaction. @returns the row ids in order. */
  insertMany(events: readonly NewEvent[]): readonly number[];
  /** Writes the duration onto the newest open `tool_start` of that agent and tool; null when there is none. */
  correlateToolEnd(
    agentName: string,
    toolName: string,
  ): { readonly startId: number; readonly durationMs: number } | null;
  getByAgent(agentName: string, filter?: EventFilter): readonly StoredEvent[];
  getByRun(runId: string, filter?: EventFilter): readonly StoredEvent[];
  getTimeline(filter: EventFilter & { readonly since: string }): readonly StoredEvent[];
  /** Newest first. */
  getErrors(filter?: EventFilter): readonly StoredEvent[];
  /** The newest rows, oldest of them first. */
  tail(query: TailQuery): readonly StoredEvent[];
  /** Rows after a row id, oldest first: what a reader that knows `id` has not seen. */
  after(id: number, limit: number): readonly StoredEvent[];
  /**
   * Id of the last row before the first one of later than a moment (milliseconds since the epoch), by halving the ids; 0 when
   * there is none. Rows are written in the order of their times but for a few milliseconds between processes.
   */
  lastIdAt(at: number): number;
  /** Id and time (milliseconds) of rows after a row id, oldest first. */
  timesAfter(id: number, limit: number): readonly { readonly id: number; readonly at: number }[];
  /** Id of the newest row; 0 when there is none. */
  lastId(): number;
  getToolStats(filter?: { readonly agentName?: string; readonly since?: string }): readonly ToolStat[];
  /** Starts of turns and tool calls in each of the last `minutes` minutes, oldest first. */
  activityPerMinute(minutes: number): readonly number[];
  /** Number of rows removed; without criteria nothing is. `olderThanMs` is strict. */
  purge(filter: { readonly all?: boolean; readonly olderThanMs?: number; readonly agentName?: string }): number;
  close(): void;
}

/**
 * Bounds that compare right as text with both dialects of the column: a row of the same instant is longer with `Z` than
 * without, so a lower bound goes without and an upper bound with it (spec 03 §0.4).
 */
function bounds(filter: EventFilter): { since: string | null; until: string | null } {
  return { since: lowerBound(filter.since), until: filter.until === undefined ? null : normalise(filter.until) };
}

function lowerBound(since: string | undefined): string | null {
  return since === undefined ? null : normalise(since).replace(/Z$/, '');
}

function normalise(time: string): string {
  const milliseconds = parseTimestamp(time);
  return Number.isNaN(milliseconds) ? time : timestamp(milliseconds);
}

interface Selection {
  readonly since: string | null;
  readonly until: string | null;
  readonly level: string | null;
  readonly limit: number;
}

interface Page {
  readonly before: number;
  readonly limit: number;
}

/** Rows within which those of several processes may stand out of the order of their times. */
const NEAR_ROWS = 64;

const MATCHING = `(@since IS NULL OR created_at >= @since) AND (@until IS NULL OR created_at <= @until)
  AND (@level IS NULL OR level = @level)`;

/** Opens the events of `events.db`. */
export function openEvents(source: StoreSource, options: OpenOptions = {}): Result<EventStore> {
  return openStore(source, options, (context) => {
    ensureEventSchema(context.connection);
    return ok(buildStore(context));
  });
}

function buildStore({ connection, clock, close }: StoreContext): EventStore {
  const { database, write } = connection;
  const insertRow = prepareEventInsert(connection);
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, EventTableRow>(`SELECT ${EVENT_COLUMNS} FROM events ${rest}`);

  const byAgent = read<[Selection & { agent: string }]>(
    `WHERE agent_name = @agent AND ${MATCHING} ORDER BY created_at, id LIMIT @limit`,
  );
  const byRun = read<[Selection & { run: string }]>(
    `WHERE run_id = @run AND ${MATCHING} ORDER BY created_at, id LIMIT @limit`,
  );
  const timeline = read<[Selection]>(`WHERE ${MATCHING} ORDER BY created_at, id LIMIT @limit`);
  const errors = read<[Selection]>(
    `WHERE level = 'error' AND ${MATCHING} ORDER BY created_at DESC, id DESC LIMIT @limit`,
  );
  const NEWEST = 'id < @before ORDER BY id DESC LIMIT @limit';
  const tailOfAll = read<[Page]>(`WHERE ${NEWEST}`);
  const tailOfAgent = read<[Page & { agent: string }]>(
    `INDEXED BY ocr_idx_events_agent WHERE agent_name = @agent AND ${NEWEST}`,
  );
  const tailOfRun = read<[Page & { run: string }]>(`INDEXED BY ocr_idx_events_run WHERE run_id = @run AND ${NEWEST}`);
  const tailOfBoth = read<[Page & { agent: string; run: string }]>(
    `INDEXED BY ocr_idx_events_agent WHERE agent_name = @agent AND run_id = @run AND ${NEWEST}`,
  );
  const afterId = read<[number, number]>('WHERE id > ? ORDER BY id LIMIT ?');
  const newestId = database.prepare<[], number>('SELECT coalesce(max(id), 0) FROM events').pluck();
  const timeFrom = database.prepare<[number, number], { id: number; created_at: string }>(
    'SELECT id, created_at FROM events WHERE id >= ? ORDER BY id LIMIT ?',
  );
  const openStart = database.prepare<[string, string], { id: number; created_at: string }>(
    `SELECT id, created_at FROM events
      WHERE event_type = 'tool_start' AND agent_name = ? AND tool_name = ? AND tool_duration_ms IS NULL
      ORDER BY created_at DESC, id DESC LIMIT 1`,
  );
  const setDuration = database.prepare<[number, number]>('UPDATE events SET tool_duration_ms = ? WHERE id = ?');
  const toolStats = database.prepare<[{ agent: string | null; since: string | null }], ToolStat>(
    `SELECT tool_name AS toolName, count(*) AS count,
        coalesce(avg(tool_duration_ms), 0) AS avgDurationMs, coalesce(max(tool_duration_ms), 0) AS maxDurationMs
      FROM events
      WHERE event_type = 'tool_start' AND tool_name IS NOT NULL
        AND (@agent IS NULL OR agent_name = @agent) AND (@since IS NULL OR created_at >= @since)
      GROUP BY tool_name ORDER BY count DESC, tool_name`,
  );
  const starts = database
    .prepare<[string], string>(
      `SELECT created_at FROM events WHERE event_type IN ('tool_start', 'turn_start') AND created_at >= ?`,
    )
    .pluck();
  const removeAll = database.prepare('DELETE FROM events');
  const removeMatching = database.prepare<[{ before: string | null; agent: string | null }]>(
    `DELETE FROM events WHERE (@before IS NULL OR created_at < @before) AND (@agent IS NULL OR agent_name = @agent)`,
  );

  const selection = (filter: EventFilter): Selection => ({
    ...bounds(filter),
    level: filter.level ?? null,
    limit: filter.limit ?? -1,
  });

  return {
    insert: (event) => write(() => insertRow(event, timestamp(clock.now()))),
    insertMany(events) {
      const now = timestamp(clock.now());
      return write(() => events.map((event) => insertRow(event, now)));
    },
    correlateToolEnd(agentName, toolName) {
      return write(() => {
        const start = openStart.get(agentName, toolName);
        if (start === undefined) return null;
        const durationMs = Math.max(0, Math.round(clock.now() - parseTimestamp(start.created_at)));
        setDuration.run(durationMs, start.id);
        return { startId: start.id, durationMs };
      });
    },
    getByAgent: (agentName, filter = {}) => byAgent.all({ ...selection(filter), agent: agentName }).map(fromEventRow),
    getByRun: (runId, filter = {}) => byRun.all({ ...selection(filter), run: runId }).map(fromEventRow),
    getTimeline: (filter) => timeline.all(selection(filter)).map(fromEventRow),
    getErrors: (filter = {}) => errors.all(selection(filter)).map(fromEventRow),
    tail({ agentName, runId, before, limit }) {
      const page = { before: before ?? Number.MAX_SAFE_INTEGER, limit };
      const rows =
        agentName !== undefined
          ? runId !== undefined
            ? tailOfBoth.all({ ...page, agent: agentName, run: runId })
            : tailOfAgent.all({ ...page, agent: agentName })
          : runId !== undefined
            ? tailOfRun.all({ ...page, run: runId })
            : tailOfAll.all(page);
      return rows.reverse().map(fromEventRow);
    },
    after: (id, limit) => afterId.all(id, limit).map(fromEventRow),
    lastIdAt(at) {
      let low = 0;
      let high = newestId.get() ?? 0;
      // The answer lies in [low, high]; ids have gaps, so the row looked at may lie above the middle.
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        const row = timeFrom.get(middle, 1);
        if (row !== undefined && row.id <= high && parseTimestamp(row.created_at) <= at) low = row.id;
        else high = middle - 1;
      }
      const near = timeFrom.all(low - NEAR_ROWS, NEAR_ROWS + 1).filter((row) => row.id <= low);
      const later = near.findIndex((row) => parseTimestamp(row.created_at) > at);
      return later === -1 ? low : (near[later - 1]?.id ?? 0);
    },
    timesAfter: (id, limit) =>
      timeFrom.all(id + 1, limit).map((row) => ({ id: row.id, at: parseTimestamp(row.created_at) })),
    lastId: () => newestId.get() ?? 0,
    getToolStats: (filter = {}) => toolStats.all({ agent: filter.agentName ?? null, since: lowerBound(filter.since) }),
    activityPerMinute(minutes) {
      const now = clock.now();
      const counts = new Array<number>(minutes).fill(0);
      for (const at of starts.iterate(timestamp(now - minutes * 60_000).replace(/Z$/, ''))) {
        const age = Math.floor((now - parseTimestamp(at)) / 60_000);
        const index = minutes - 1 - age;
        // A row of the future (another clock) or exactly at the edge falls into no minute of the window.
        if (index >= 0 && index < minutes) counts[index] = (counts[index] ?? 0) + 1;
      }
      return counts;
    },
    purge({ all, olderThanMs, agentName }) {
      if (all === true) return write(() => removeAll.run().changes);
      if (olderThanMs === undefined && agentName === undefined) return 0;
      const before = olderThanMs === undefined ? null : timestamp(clock.now() - olderThanMs).replace(/Z$/, '');
      return write(() => removeMatching.run({ before, agent: agentName ?? null }).changes);
    },
    close,
  };
}
