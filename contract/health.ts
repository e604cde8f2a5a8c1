import { z } from 'zod';
import { AgentName, Timestamp } from './ids.ts';

/** A file that holds a store, with what its write-ahead log takes. Bytes. */
export const StoreFile = z.object({ name: z.string(), bytes: z.number(), walBytes: z.number() });
export type StoreFile = z.infer<typeof StoreFile>;

/** The process that owns every terminal; null fields where an older one does not tell. */
export const HostHealth = z.object({
  version: z.string(),
  pid: z.number().int(),
  startedAt: Timestamp,
  terminals: z.number().int(),
  running: z.number().int(),
  /** Engines and viewers connected to it. */
  connections: z.number().int(),
  /** Resident memory, bytes. */
  memoryBytes: z.number(),
  /** Output of terminals since they were opened, and what of it lies in their rings for an exact return. Bytes. */
  outputBytes: z.number(),
  ringBytes: z.number(),
});
export type HostHealth = z.infer<typeof HostHealth>;

/** How engine and pty host are, at the moment of asking. */
export const EngineHealth = z.object({
  at: Timestamp,
  engine: z.object({
    mode: z.enum(['embedded', 'background', 'foreground']),
    version: z.string(),
    pid: z.number().int(),
    instanceId: z.string(),
    startedAt: Timestamp,
    node: z.string(),
    /** Faces and commands connected right now, the one that asks included. */
    faces: z.number().int(),
    memory: z.object({ residentBytes: z.number(), heapUsedBytes: z.number(), heapTotalBytes: z.number() }),
    /** Milliseconds the event loop was late, over the last whole minute. */
    loopDelay: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
    /** CPU seconds used since the start. */
    cpuSeconds: z.number(),
  }),
  /** Who holds the project by the lease; null when nobody does, which is a defect while an engine runs. */
  lease: z.object({ pid: z.number().int(), instanceId: z.string(), ours: z.boolean() }).nullable(),
  stores: z.array(StoreFile),
  /** Bytes below `.overstory/recordings`. */
  recordingBytes: z.number(),
  /** Bytes below `.overstory/logs`. */
  logBytes: z.number(),
  host: HostHealth.nullable(),
  watchdog: z.object({
    enabled: z.boolean(),
    lastTickAt: Timestamp.nullable(),
    intervalMs: z.number(),
    agents: z.number().int(),
    verdicts: z.number().int(),
  }),
});
export type EngineHealth = z.infer<typeof EngineHealth>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LogLevelName = z.enum(LOG_LEVELS);
export type LogLevelName = z.infer<typeof LogLevelName>;

/** One line of a log. */
export const LogEntry = z.object({
  /** Names the line for as long as its file is there. */
  id: z.string(),
  /** Null for lines that carry no time of their own; the turn's start is then in `turn`. */
  at: Timestamp.nullable(),
  level: LogLevelName,
  agent: z.string().nullable(),
  /** Start of the turn the line belongs to; null for the engine's log. */
  turn: z.string().nullable(),
  message: z.string(),
  /** Everything else of the line, as text. */
  facts: z.string(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** A place in a log: a file and the byte a line begins at. */
export const LogCursor = z.object({ file: z.string().max(300), offset: z.number().int().min(0) });
export type LogCursor = z.infer<typeof LogCursor>;

export const ReadLogInput = z.object({
  /** Null reads the engine's log; a name the logs of that agent's turns. */
  agent: AgentName.nullable(),
  /** Lines below it are left out. */
  level: LogLevelName.default('debug'),
  /** In the engine's log: only lines about this agent. */
  about: z.string().max(64).optional(),
  /** Text that must be in the line, in any case of letters. */
  search: z.string().max(200).default(''),
  /** Older lines than this place; with neither the newest. */
  before: LogCursor.optional(),
  /** Newer lines than this place, as they were written since. */
  after: LogCursor.optional(),
  limit: z.number().int().min(1).max(500).default(200),
});
export type ReadLogInput = z.infer<typeof ReadLogInput>;

export const LogPage = z.object({
  /** Oldest first. */
  entries: z.array(LogEntry),
  /** Where older lines go on; null at the beginning of the log. Less than a page may come with it: one call reads a bounded part. */
  older: LogCursor.nullable(),
  /** Where newer lines will be. */
  newer: LogCursor.nullable(),
});
export type LogPage = z.infer<typeof LogPage>;
