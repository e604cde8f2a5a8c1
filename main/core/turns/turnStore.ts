import { fail, ok, type Result } from '../../../contract/result.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import { isConstraintViolation } from '../db/storeError.ts';
import { type NewEvent, prepareEventInsert } from '../events/eventRow.ts';
import type { Tokens } from '../metrics/pricing.ts';
import { NO_TOKENS } from '../metrics/turnMeter.ts';
import {
  ensureTurnSchema,
  type NewTurn,
  PATCH_ASSIGNMENTS,
  type PatchParameters,
  patchParameters,
  type StoredTurnLine,
  TURN_SELECT,
  type Turn,
  type TurnCost,
  type TurnEnd,
  type TurnEvent,
  type TurnLine,
  type TurnPatch,
} from './turnRow.ts';

/** Turns and the progress of their logs, in events.db so that events and progress are one commit (architecture.md §2). */
export interface TurnStore {
  /**
   * Stores a running turn with the agent's next number, and the event that tells of it, in one transaction. `conflict`
   * when the agent has a running turn or the id is taken.
   */
  start(turn: NewTurn, event?: (turn: Turn) => NewEvent): Result<Turn>;
  /** Ends a running turn, together with the event that tells of it; `notFound` for an unknown id, `invalidState` when it has ended already. */
  end(turnId: string, end: TurnEnd, event?: NewEvent): Result<Turn>;
  get(turnId: string): Turn | null;
  /** All running turns, oldest first: what a starting engine has to look after. */
  running(): readonly Turn[];
  latestForAgent(agentName: string): Turn | null;
  /** The newest turn of every agent. */
  latestByAgent(): ReadonlyMap<string, Turn>;
  /** Number the agent's next turn would get. */
  nextNumber(agentName: string): number;
  /** Newest first. */
  listByAgent(agentName: string, limit: number): readonly Turn[];
  /** Of every agent of a run, oldest first. */
  listByRun(runId: string): readonly Turn[];
  countByAgent(): ReadonlyMap<string, number>;
  costByAgent(): ReadonlyMap<string, TurnCost>;
  /** Money of one agent in US dollars, by index; null when no turn has reported any. */
  costOf(agentName: string): number | null;
  /** What the turns of a conversation used together, one turn left out. */
  usageOfConversation(conversationId: string, exceptTurnId: string): Tokens;
  /** Keyed by run id; turns outside of any run are left out. */
  costByRun(): ReadonlyMap<string, TurnCost>;
  /**
   * Stores what a stretch of a log says: events, lines, the new offset and the patch in ONE transaction. Refused with
   * `conflict` when the stored offset is not `expectedOffset`, so that no line is ever stored twice; `data.logOffset`
   * then says where the log is stored up to.
   * @returns ids of the event rows, line by line.
   */
  commitLines(
    turnId: string,
    expectedOffset: number,
    newOffset: number,
    lines: readonly TurnLine[],
    patch?: TurnPatch,
  ): Result<{ readonly eventIds: readonly (readonly number[])[] }>;
  /** Lines at or after a byte offset, in file order. */
  lines(turnId: string, from: number, limit: number): readonly StoredTurnLine[];
  /** Notes how far the log is drawn into the terminal; never goes back. */
  setFeedOffset(turnId: string, offset: number): void;
  close(): void;
}

/** Opens the turns in `events.db`. */
export function openTurns(source: StoreSource, options: OpenOptions = {}): Result<TurnStore> {
  return openStore(source, options, (context) => {
    ensureTurnSchema(context.connection);
    return ok(buildStore(context));
  });
}

const COST = `sum(cost_usd) AS costUsd, coalesce(sum(input_tokens), 0) AS inputTokens,
  coalesce(sum(output_tokens), 0) AS outputTokens, coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens,
  coalesce(sum(cache_creation_tokens), 0) AS cacheCreationTokens, count(*) AS turns`;

function buildStore({ connection, clock, close }: StoreContext): TurnStore {
  const { database, write } = connection;
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, Turn>(`SELECT ${TURN_SELECT} FROM ocr_turns ${rest}`);

  const insert = database.prepare<[Required<NewTurn> & { number: number }]>(
    `INSERT INTO ocr_turns
      (turn_id, agent_name, session_id, run_id, number, prompt, log_directory, started_at, resume_id, model,
       task_id, capability, runtime)
      VALUES (@turnId, @agentName, @sessionId, @runId, @number, @prompt, @logDirectory, @startedAt, @resumeId, @model,
       @taskId, @capability, @runtime)`,
  );
  const setEnd = database.prepare<
    [PatchParameters & Pick<TurnEnd, 'endedAt' | 'exitCode' | 'signal' | 'outcome' | 'reason'> & { turnId: string }]
  >(
    `UPDATE ocr_turns SET state = 'ended', ended_at = @endedAt, exit_code = @exitCode, signal = @signal,
      outcome = @outcome, reason = @reason, ${PATCH_ASSIGNMENTS} WHERE turn_id = @turnId AND state = 'running'`,
  );
  const byId = read<[string]>('WHERE turn_id = ?');
  const running = read<[]>("WHERE state = 'running' ORDER BY started_at, turn_id");
  const newest = read<[string, number]>('WHERE agent_name = ? ORDER BY number DESC LIMIT ?');
  const newestOfAll = read<[]>(
    'AS t WHERE number = (SELECT max(number) FROM ocr_turns WHERE agent_name = t.agent_name)',
  );
  const ofRun = read<[string]>('WHERE run_id = ? ORDER BY started_at, turn_id');
  const highest = database
    .prepare<[string], number>('SELECT coalesce(max(number), 0) FROM ocr_turns WHERE agent_name = ?')
    .pluck();
  const counts = database.prepare<[], { agentName: string; turns: number }>(
    'SELECT agent_name AS agentName, count(*) AS turns FROM ocr_turns GROUP BY agent_name',
  );
  const costOfAgents = database.prepare<[], TurnCost & { key: string }>(
    `SELECT agent_name AS key, ${COST} FROM ocr_turns GROUP BY agent_name`,
  );
  const costOfAgent = database
    .prepare<[string], number | null>('SELECT sum(cost_usd) FROM ocr_turns WHERE agent_name = ?')
    .pluck();
  const usageOfConversation = database.prepare<[string, string], Tokens>(
    `SELECT coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
      coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens, coalesce(sum(cache_creation_tokens), 0) AS cacheCreationTokens
      FROM ocr_turns WHERE conversation_id = ? AND turn_id <> ?`,
  );
  const costOfRuns = database.prepare<[], TurnCost & { key: string }>(
    `SELECT run_id AS key, ${COST} FROM ocr_turns WHERE run_id IS NOT NULL GROUP BY run_id`,
  );
  const offsetOf = database.prepare<[string], number>('SELECT log_offset FROM ocr_turns WHERE turn_id = ?').pluck();
  const insertEvent = prepareEventInsert(connection);
  const insertLine = database.prepare<[string, number, number, number | null, number]>(
    'INSERT INTO ocr_turn_lines (turn_id, line_offset, line_length, first_event_id, event_count) VALUES (?, ?, ?, ?, ?)',
  );
  const openCall = database.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO ocr_tool_calls (turn_id, call_id, event_id) VALUES (?, ?, ?)',
  );
  const findCall = database.prepare<[string, string], { id: number; toolName: string | null; createdAt: string }>(
    `SELECT e.id, e.tool_name AS toolName, e.created_at AS createdAt FROM ocr_tool_calls c
      JOIN events e ON e.id = c.event_id WHERE c.turn_id = ? AND c.call_id = ?`,
  );
  const closeCall = database.prepare<[string, string]>('DELETE FROM ocr_tool_calls WHERE turn_id = ? AND call_id = ?');
  const closeCalls = database.prepare<[string]>('DELETE FROM ocr_tool_calls WHERE turn_id = ?');
  const setDuration = database.prepare<[number, number]>('UPDATE events SET tool_duration_ms = ? WHERE id = ?');
  const advance = database.prepare<[PatchParameters & { turnId: string; newOffset: number }]>(
    `UPDATE ocr_turns SET log_offset = @newOffset, ${PATCH_ASSIGNMENTS} WHERE turn_id = @turnId`,
  );
  const lineRows = database.prepare<[string, number, number], StoredTurnLine>(
    `SELECT line_offset AS lineOffset, line_length AS lineLength, first_event_id AS firstEventId,
      event_count AS eventCount FROM ocr_turn_lines WHERE turn_id = ? AND line_offset >= ?
      ORDER BY line_offset LIMIT ?`,
  );
  const setFeed = database.prepare<[number, string, number]>(
    'UPDATE ocr_turns SET feed_offset = ? WHERE turn_id = ? AND feed_offset < ?',
  );

  /** Stores one event; the end of a tool call gives its start row the duration, whatever else ran meanwhile (spec 03 §1.2). */
  function storeEvent(turnId: string, event: TurnEvent, now: string): number {
    if (event.call?.phase !== 'end') {
      const id = insertEvent(event, now);
      if (event.call !== undefined) openCall.run(turnId, event.call.id, id);
      return id;
    }
    const start = findCall.get(turnId, event.call.id);
    if (start === undefined) return insertEvent(event, now);
    const elapsed = parseTimestamp(event.createdAt ?? now) - parseTimestamp(start.createdAt);
    const durationMs = event.toolDurationMs ?? Math.max(0, Math.round(elapsed));
    setDuration.run(durationMs, start.id);
    closeCall.run(turnId, event.call.id);
    return insertEvent({ ...event, toolName: event.toolName ?? start.toolName, toolDurationMs: durationMs }, now);
  }

  const costs = (rows: readonly (TurnCost & { key: string })[]): ReadonlyMap<string, TurnCost> =>
    new Map(rows.map(({ key, ...cost }) => [key, cost]));

  return {
    start(turn, event) {
      try {
        return write(() => {
          const number = (highest.get(turn.agentName) ?? 0) + 1;
          insert.run({ taskId: null, capability: null, runtime: null, ...turn, number });
          const stored = byId.get(turn.turnId);
          if (stored === undefined) throw new Error(`turn ${turn.turnId} was inserted and is not there`);
          if (event !== undefined) insertEvent(event(stored), timestamp(clock.now()));
          return ok(stored);
        });
      } catch (error) {
        if (!isConstraintViolation(error)) throw error;
        return fail('conflict', `${turn.agentName} has a running turn already: wait until it has ended`, {
          data: { agentName: turn.agentName, turnId: turn.turnId },
        });
      }
    },
    end(turnId, end, event) {
      return write(() => {
        const { endedAt, exitCode, signal, outcome, reason } = end;
        const ended = setEnd.run({ turnId, endedAt, exitCode, signal, outcome, reason, ...patchParameters(end) });
        const stored = byId.get(turnId);
        if (stored === undefined) return fail('notFound', `there is no turn ${turnId}`);
        if (ended.changes === 0) return fail('invalidState', `turn ${turnId} has ended already`);
        closeCalls.run(turnId);
        if (event !== undefined) insertEvent(event, timestamp(clock.now()));
        return ok(stored);
      });
    },
    get: (turnId) => byId.get(turnId) ?? null,
    running: () => running.all(),
    latestForAgent: (agentName) => newest.get(agentName, 1) ?? null,
    latestByAgent: () => new Map(newestOfAll.all().map((turn) => [turn.agentName, turn])),
    nextNumber: (agentName) => (highest.get(agentName) ?? 0) + 1,
    listByAgent: (agentName, limit) => newest.all(agentName, limit),
    listByRun: (runId) => ofRun.all(runId),
    countByAgent: () => new Map(counts.all().map((row) => [row.agentName, row.turns])),
    costByAgent: () => costs(costOfAgents.all()),
    costOf: (agentName) => costOfAgent.get(agentName) ?? null,
    usageOfConversation: (conversationId, exceptTurnId) => ({
      ...NO_TOKENS,
      ...usageOfConversation.get(conversationId, exceptTurnId),
    }),
    costByRun: () => costs(costOfRuns.all()),
    commitLines(turnId, expectedOffset, newOffset, lines, patch = {}) {
      if (newOffset < expectedOffset) throw new Error(`log of turn ${turnId} cannot shrink below ${expectedOffset}`);
      const now = timestamp(clock.now());
      return write(() => {
        const logOffset = offsetOf.get(turnId);
        if (logOffset === undefined) return fail('notFound', `there is no turn ${turnId}`);
        if (logOffset !== expectedOffset) {
          return fail(
            'conflict',
            `the log of turn ${turnId} is stored up to byte ${logOffset}, not ${expectedOffset}`,
            {
              data: { logOffset, expectedOffset },
            },
          );
        }
        const eventIds = lines.map((line) => {
          const ids = line.events.map((event) => storeEvent(turnId, event, now));
          insertLine.run(turnId, line.offset, line.length, ids[0] ?? null, ids.length);
          return ids;
        });
        advance.run({ turnId, newOffset, ...patchParameters(patch) });
        return ok({ eventIds });
      });
    },
    lines: (turnId, from, limit) => lineRows.all(turnId, from, limit),
    setFeedOffset: (turnId, offset) => void write(() => setFeed.run(offset, turnId, offset)),
    close,
  };
}
