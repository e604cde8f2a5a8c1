import { addColumn, ensureSchema, hasColumns, hasObjects } from '../db/migrations.ts';
import type { Connection } from '../db/openDatabase.ts';
import { ensureEventSchema, type NewEvent } from '../events/eventRow.ts';

/** One turn of one agent: a process, its log, and how far the log is stored. Times are ISO 8601 in UTC. */
export interface Turn {
  readonly turnId: string;
  readonly agentName: string;
  readonly sessionId: string;
  readonly runId: string | null;
  /** Counts the agent's turns from 1. */
  readonly number: number;
  /** Text of the user turn. */
  readonly prompt: string;
  readonly logDirectory: string;
  /** Bytes of `stdout.ndjson` whose lines are stored as events. */
  readonly logOffset: number;
  /** Bytes of `stdout.ndjson` drawn into the agent's terminal. */
  readonly feedOffset: number;
  readonly state: 'running' | 'ended';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly lastEventAt: string | null;
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** What the end meant (`done`, `rest`, `retry`, `dead`, `stopped`); null while running. */
  readonly outcome: string | null;
  /** One line that says why; null when there is nothing to say. */
  readonly reason: string | null;
  /** Conversation the turn was asked to resume. */
  readonly resumeId: string | null;
  /** Conversation the runtime said it is in. */
  readonly conversationId: string | null;
  readonly model: string | null;
  /** US dollars of this turn, from the runtime's own figures. */
  readonly costUsd: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheCreationTokens: number | null;
  /** Task, role and runtime of the agent when the turn began; null in rows of older versions. */
  readonly taskId: string | null;
  readonly capability: string | null;
  readonly runtime: string | null;
  /** Where the dollars come from; null while there are none. `estimate`: at least a part is priced by the table of spec 03 §2.2. */
  readonly costSource: 'runtime' | 'estimate' | null;
}

/** A turn that starts now. `number` is given by the store. */
export type NewTurn = Pick<
  Turn,
  'turnId' | 'agentName' | 'sessionId' | 'runId' | 'prompt' | 'logDirectory' | 'startedAt' | 'resumeId' | 'model'
> &
  Partial<Pick<Turn, 'taskId' | 'capability' | 'runtime'>>;

/** Facts a turn's log tells as it is read; an absent or null field leaves what is stored. */
export type TurnPatch = Partial<
  Pick<
    Turn,
    | 'lastEventAt'
    | 'conversationId'
    | 'model'
    | 'costUsd'
    | 'inputTokens'
    | 'outputTokens'
    | 'cacheReadTokens'
    | 'cacheCreationTokens'
    | 'costSource'
  >
>;

/** How a turn ended. */
export interface TurnEnd extends TurnPatch {
  readonly endedAt: string;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly outcome: string;
  readonly reason: string | null;
}

/** An event read from a log line. `call` ties the end of a tool call to its start by the runtime's own id for it. */
export interface TurnEvent extends NewEvent {
  readonly call?: { readonly phase: 'start' | 'end'; readonly id: string };
}

/** One complete line of a log, by its place in the file in bytes, with the events it stands for. */
export interface TurnLine {
  readonly offset: number;
  /** Bytes, its line feed included. */
  readonly length: number;
  readonly events: readonly TurnEvent[];
}

/** A stored line: which event rows it became. */
export interface StoredTurnLine {
  readonly lineOffset: number;
  readonly lineLength: number;
  /** Null when the line gave no event. */
  readonly firstEventId: number | null;
  readonly eventCount: number;
}

/** Money and tokens of many turns together. */
export interface TurnCost {
  /** US dollars; null when no turn has reported any. */
  readonly costUsd: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
  readonly turns: number;
}

/** Column and property of every field of a turn, in table order. */
const COLUMNS = [
  ['turn_id', 'turnId'],
  ['agent_name', 'agentName'],
  ['session_id', 'sessionId'],
  ['run_id', 'runId'],
  ['number', 'number'],
  ['prompt', 'prompt'],
  ['log_directory', 'logDirectory'],
  ['log_offset', 'logOffset'],
  ['feed_offset', 'feedOffset'],
  ['state', 'state'],
  ['started_at', 'startedAt'],
  ['ended_at', 'endedAt'],
  ['last_event_at', 'lastEventAt'],
  ['exit_code', 'exitCode'],
  ['signal', 'signal'],
  ['outcome', 'outcome'],
  ['reason', 'reason'],
  ['resume_id', 'resumeId'],
  ['conversation_id', 'conversationId'],
  ['model', 'model'],
  ['cost_usd', 'costUsd'],
  ['input_tokens', 'inputTokens'],
  ['output_tokens', 'outputTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_creation_tokens', 'cacheCreationTokens'],
  ['task_id', 'taskId'],
  ['capability', 'capability'],
  ['runtime', 'runtime'],
  ['cost_source', 'costSource'],
] as const satisfies readonly (readonly [string, keyof Turn])[];

/** Select list that gives rows in the shape of `Turn`. */
export const TURN_SELECT = COLUMNS.map(([column, property]) => `${column} AS ${property}`).join(', ');

/** Assignments of a `TurnPatch` bound by name: null leaves a column as it is. */
export const PATCH_ASSIGNMENTS = [
  'last_event_at',
  'conversation_id',
  'model',
  'cost_usd',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_creation_tokens',
  'cost_source',
]
  .map((column) => `${column} = coalesce(@${column}, ${column})`)
  .join(', ');

/** Parameters for `PATCH_ASSIGNMENTS`. */
export interface PatchParameters {
  readonly last_event_at: string | null;
  readonly conversation_id: string | null;
  readonly model: string | null;
  readonly cost_usd: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_creation_tokens: number | null;
  readonly cost_source: Turn['costSource'];
}

export function patchParameters(patch: TurnPatch): PatchParameters {
  return {
    last_event_at: patch.lastEventAt ?? null,
    conversation_id: patch.conversationId ?? null,
    model: patch.model ?? null,
    cost_usd: patch.costUsd ?? null,
    input_tokens: patch.inputTokens ?? null,
    output_tokens: patch.outputTokens ?? null,
    cache_read_tokens: patch.cacheReadTokens ?? null,
    cache_creation_tokens: patch.cacheCreationTokens ?? null,
    cost_source: patch.costSource ?? null,
  };
}

const OBJECTS = [
  'ocr_turns',
  'ocr_turn_lines',
  'ocr_tool_calls',
  'ocr_turns_running',
  'ocr_turns_agent',
  'ocr_turns_run',
  'ocr_turns_task',
  'ocr_turns_started',
  'ocr_turns_ended',
  'ocr_turns_conversation',
];
/** Columns that tables of older versions lack. */
const LATER_COLUMNS = ['task_id', 'capability', 'runtime', 'cost_source'];

/**
 * Creates our tables beside `events`. A partial unique index makes the rule "one running turn per agent" hold in the
 * file itself, whatever happens to the processes.
 */
export function ensureTurnSchema(connection: Connection): void {
  ensureEventSchema(connection);
  ensureSchema(
    connection,
    () => hasObjects(connection, OBJECTS) && hasColumns(connection, 'ocr_turns', LATER_COLUMNS),
    () => {
      connection.database.exec(`
        CREATE TABLE IF NOT EXISTS ocr_turns (
          turn_id TEXT PRIMARY KEY,
          agent_name TEXT NOT NULL,
          session_id TEXT NOT NULL,
          run_id TEXT,
          number INTEGER NOT NULL,
          prompt TEXT NOT NULL,
          log_directory TEXT NOT NULL,
          log_offset INTEGER NOT NULL DEFAULT 0,
          feed_offset INTEGER NOT NULL DEFAULT 0,
          state TEXT NOT NULL DEFAULT 'running' CHECK(state IN ('running', 'ended')),
          started_at TEXT NOT NULL,
          ended_at TEXT,
          last_event_at TEXT,
          exit_code INTEGER,
          signal INTEGER,
          outcome TEXT,
          reason TEXT,
          resume_id TEXT,
          conversation_id TEXT,
          model TEXT,
          cost_usd REAL,
          input_tokens INTEGER,
          output_tokens INTEGER,
          cache_read_tokens INTEGER,
          cache_creation_tokens INTEGER,
          task_id TEXT,
          capability TEXT,
          runtime TEXT,
          cost_source TEXT
        );
        CREATE UNIQUE INDEX IF NOT EXISTS ocr_turns_running ON ocr_turns(agent_name) WHERE state = 'running';
        CREATE UNIQUE INDEX IF NOT EXISTS ocr_turns_agent ON ocr_turns(agent_name, number);
        CREATE TABLE IF NOT EXISTS ocr_turn_lines (
          turn_id TEXT NOT NULL,
          line_offset INTEGER NOT NULL,
          line_length INTEGER NOT NULL,
          first_event_id INTEGER,
          event_count INTEGER NOT NULL,
          PRIMARY KEY (turn_id, line_offset)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS ocr_tool_calls (
          turn_id TEXT NOT NULL,
          call_id TEXT NOT NULL,
          event_id INTEGER NOT NULL,
          PRIMARY KEY (turn_id, call_id)
        ) WITHOUT ROWID;`);
      for (const name of LATER_COLUMNS) addColumn(connection, 'ocr_turns', name, 'TEXT');
      connection.database.exec(`
        CREATE INDEX IF NOT EXISTS ocr_turns_run ON ocr_turns(run_id);
        CREATE INDEX IF NOT EXISTS ocr_turns_task ON ocr_turns(task_id);
        CREATE INDEX IF NOT EXISTS ocr_turns_started ON ocr_turns(started_at);
        CREATE INDEX IF NOT EXISTS ocr_turns_ended ON ocr_turns(ended_at);
        CREATE INDEX IF NOT EXISTS ocr_turns_conversation ON ocr_turns(conversation_id);`);
    },
  );
}
