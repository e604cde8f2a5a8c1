import { z } from 'zod';
import { AttentionItem } from './attention.ts';
import { AgentEvidence } from './evidence.ts';
import { CapView, GovernorView } from './governor.ts';
import { DeliveryState, MailPriority, MailType } from './mail.ts';
import { MergeTraceStep } from './mergeDetail.ts';
import { MergeHold, MergeProgress, MergeTier, MergeView } from './merges.ts';
import { RadarPair, RadarView, RadarWorktree } from './radar.ts';
import { GUARD_LEVELS } from './runtimes.ts';
import { RoomStatus } from './status.ts';
import { TaskColumn } from './tasks.ts';

/**
 * What the history is made of. Each event says what one row is from its moment on (`value`), or that it is gone (null), so
 * the state at any moment needs of each row only the newest event before it.
 *
 * - `agent`, `run`: sessions.db; `mail`, `delivery`: mail.db; `merge`: merge-queue.db
 * - `task`, `mergeOutcome`, `agentSettings`, `setting`, `dismissed`, `finding`: control-room.db
 * - `turn`: events.db; `head`: branches of the repository, and `HEAD` of the project's own checkout
 * - `mergeHold`, `mergeStep`: merge-queue.db, why a merge waits and what its attempt did, step by step
 * - the rest is what the engine showed without storing it (`OBSERVED_KINDS`)
 */
export const HISTORY_KINDS = [
  'agent',
  'agentSettings',
  'run',
  'turn',
  'mail',
  'delivery',
  'task',
  'merge',
  'mergeOutcome',
  'setting',
  'dismissed',
  'finding',
  'head',
  'mergeHold',
  'mergeStep',
  'evidence',
  'radar',
  'spending',
  'cap',
  'guards',
  'tick',
  'progress',
  'calling',
] as const;
export const HistoryKind = z.enum(HISTORY_KINDS);
export type HistoryKind = z.infer<typeof HistoryKind>;

/**
 * What the engine knows only while it runs: signals and verdicts, predicted collisions, spending and caps, how far guards
 * hold, the watchdog's rounds, what a merge is at, and calls for a person that come from none of the tables. Kept thinned
 * (main/core/recordings/observations.ts).
 */
export const OBSERVED_KINDS = [
  'evidence',
  'radar',
  'spending',
  'cap',
  'guards',
  'tick',
  'progress',
  'calling',
] as const satisfies readonly HistoryKind[];
export type ObservedKind = (typeof OBSERVED_KINDS)[number];

export const HistoryEvent = z.object({
  /** ISO 8601 in UTC. */
  at: z.string(),
  /** Orders the events of one kind. */
  id: z.number().int(),
  kind: HistoryKind,
  key: z.string(),
  value: z.record(z.string(), z.unknown()).nullable(),
});
export type HistoryEvent = z.infer<typeof HistoryEvent>;

const Text = z.string();
const MaybeText = z.string().nullable();
const Count = z.number().int();
/** A list kept as JSON text, as the stores keep it; anything else reads as none. */
const Strings = z.string().transform((json) => {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
  } catch {
    // Written by hand: the stores read such a list as empty too.
    return [];
  }
});

const AgentRow = z.object({
  capability: Text,
  state: Text,
  taskId: Text,
  parent: MaybeText,
  depth: Count,
  runId: MaybeText,
  branch: Text,
  worktree: Text,
  startedAt: Text,
  pid: Count.nullable(),
  escalationLevel: Count,
  stalledSince: MaybeText,
  conversationId: MaybeText,
});
const SettingsRow = z.object({ runtime: Text, model: MaybeText, reason: MaybeText });
const RunRow = z.object({ status: Text, startedAt: Text, completedAt: MaybeText, coordinator: MaybeText });
const TurnRow = z.object({
  agent: Text,
  number: Count,
  state: Text,
  startedAt: Text,
  endedAt: MaybeText,
  outcome: MaybeText,
  reason: MaybeText,
  costUsd: z.number().nullable(),
  /** Null also in events of before it was kept. */
  model: MaybeText.default(null),
});
const MailRow = z.object({
  from: Text,
  to: Text,
  subject: Text,
  type: MailType,
  priority: MailPriority,
  threadId: MaybeText,
  read: z.number().transform((flag) => flag !== 0),
  createdAt: Text,
});
const DeliveryRow = z.object({ state: DeliveryState, turnId: MaybeText, attempts: Count, nextAttemptAt: MaybeText });
const TaskRow = z.object({
  title: Text,
  description: Text,
  column: TaskColumn,
  priority: Count,
  files: Strings,
  blockedBy: Strings,
  agent: MaybeText,
  note: MaybeText,
  position: z.number(),
  createdAt: Text,
  updatedAt: Text,
});
const MergeRow = MergeView.pick({
  branchName: true,
  taskId: true,
  agentName: true,
  enqueuedAt: true,
  status: true,
}).extend({
  filesModified: Strings,
  resolvedTier: MergeTier.nullable(),
});
const OutcomeRow = z.object({
  target: MaybeText,
  conflictFiles: Strings,
  errorMessage: MaybeText,
  warnings: Strings,
  finishedAt: MaybeText,
});
const HeadRow = z.object({ commit: MaybeText, branch: MaybeText });
const SettingRow = z.object({ value: Text });
/** The way of a mail in full; of events from before these were kept the rest stays open. */
const DeliveryWayRow = DeliveryRow.extend({
  reason: MaybeText.default(null),
  injectedAt: MaybeText.default(null),
  startedAt: MaybeText.default(null),
  readAt: MaybeText.default(null),
  acknowledgedAt: MaybeText.default(null),
  bouncedTo: MaybeText.default(null),
});
const FindingRow = z.object({
  kind: z.enum(['question', 'loop']),
  agentName: Text,
  turnId: Text,
  title: Text,
  detail: Text,
  at: Text,
  closedAt: MaybeText,
});

/** The whole hold as JSON text, as the queue keeps it; null when another version wrote it. */
const HoldRow = z.object({
  hold: z.string().transform((json): MergeHold | null => {
    try {
      const hold = MergeHold.safeParse(JSON.parse(json));
      return hold.success ? hold.data : null;
    } catch {
      // Written by hand: the queue reads such a hold as none too.
      return null;
    }
  }),
});
/** A step of the attempt that began at `startedAt`; its key is `<entry>:<place>`, places begin with 1. */
const StepRow = z.object({ startedAt: Text, step: MergeTraceStep });
/** The radar in parts, so that a look that changed one pair stores one pair. */
const RadarRow = z.discriminatedUnion('part', [
  RadarView.pick({ enabled: true, target: true, lookedAt: true, cost: true }).extend({ part: z.literal('look') }),
  z.object({ part: z.literal('order'), order: RadarView.shape.order }),
  z.object({ part: z.literal('worktree'), worktree: RadarWorktree }),
  z.object({ part: z.literal('pair'), pair: RadarPair }),
]);
const SpendingRow = GovernorView.omit({ caps: true });
const CapRow = z.object({ place: Count, cap: CapView });

/** How the value of an event is read, by kind. */
export const HISTORY_ROWS = {
  agent: AgentRow,
  agentSettings: SettingsRow,
  run: RunRow,
  turn: TurnRow,
  mail: MailRow,
  delivery: DeliveryWayRow,
  task: TaskRow,
  merge: MergeRow,
  mergeOutcome: OutcomeRow,
  setting: SettingRow,
  dismissed: z.object({ at: Text }),
  finding: FindingRow,
  head: HeadRow,
  mergeHold: HoldRow,
  mergeStep: StepRow,
  evidence: AgentEvidence,
  radar: RadarRow,
  spending: SpendingRow,
  cap: CapRow,
  guards: z.object({ level: z.enum(GUARD_LEVELS).nullable() }),
  tick: RoomStatus.shape.watchdog,
  progress: MergeProgress,
  calling: AttentionItem,
} as const satisfies Readonly<Record<HistoryKind, z.ZodType>>;

/** An agent as it was: what its session said, and what it was launched with. */
export const PastAgent = AgentRow.extend({ runtime: MaybeText, model: MaybeText, reason: MaybeText });
export type PastAgent = z.infer<typeof PastAgent>;
/** A mail as it was, without its text, which never changes and is read by `mail.list`. */
export const PastMail = z.object({ ...MailRow.shape, read: z.boolean(), delivery: DeliveryRow });
export type PastMail = z.infer<typeof PastMail>;
export const PastTask = z.object({ ...TaskRow.shape, files: z.array(Text), blockedBy: z.array(Text) });
export type PastTask = z.infer<typeof PastTask>;
export const PastRun = RunRow;
export type PastRun = z.infer<typeof PastRun>;
export const PastTurn = TurnRow;
export type PastTurn = z.infer<typeof PastTurn>;
/** Commit a branch was at; for `HEAD` also the branch that was checked out. */
export const PastHead = HeadRow;
export type PastHead = z.infer<typeof PastHead>;

/** Everything that was true at a moment, by name or id. */
export const RoomMoment = z.object({
  agents: z.record(Text, PastAgent),
  runs: z.record(Text, PastRun),
  turns: z.record(Text, PastTurn),
  mail: z.record(Text, PastMail),
  tasks: z.record(Text, PastTask),
  merges: z.record(Text, MergeView),
  heads: z.record(Text, PastHead),
  /** True while the fleet was paused. */
  paused: z.boolean(),
});
export type RoomMoment = z.infer<typeof RoomMoment>;

/** Name of the setting that holds the fleet's pause. */
export const PAUSED = 'fleet.paused';
/** Name of the setting that holds why agents get no turns. */
export const HELD = 'agents.held';

/** Name of the setting that holds by what the watchdog judges and acts (contract/watchdogPolicy.ts). */
export const POLICY = 'watchdog.policy';

type Rows = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * The state at a moment (milliseconds since the epoch), from events in any order: of each row the newest event not after
 * it counts. Pure. A row that cannot be read, because another version wrote it, is left out.
 */
export function stateAt(events: Iterable<HistoryEvent>, at: number): RoomMoment {
  const newest = new Map<string, HistoryEvent>();
  for (const event of events) {
    if (Date.parse(event.at) > at) continue;
    const place = `${event.kind} ${event.key}`;
    const known = newest.get(place);
    if (known === undefined || known.id < event.id) newest.set(place, event);
  }
  const byKind = new Map<HistoryKind, Map<string, Readonly<Record<string, unknown>>>>();
  for (const { kind, key, value } of newest.values()) {
    if (value === null) continue;
    const rows = byKind.get(kind) ?? new Map<string, Readonly<Record<string, unknown>>>();
    byKind.set(kind, rows.set(key, value));
  }
  const rowsOf = (kind: HistoryKind): Rows => byKind.get(kind) ?? new Map();
  const settings = read(rowsOf('agentSettings'), SettingsRow);
  const deliveries = read(rowsOf('delivery'), DeliveryRow);
  const outcomes = read(rowsOf('mergeOutcome'), OutcomeRow);
  const pause = read(rowsOf('setting'), SettingRow)[PAUSED];
  return {
    agents: mapRows(read(rowsOf('agent'), AgentRow), (row, name) => ({
      ...row,
      ...(settings[name] ?? { runtime: null, model: null, reason: null }),
    })),
    runs: read(rowsOf('run'), RunRow),
    turns: read(rowsOf('turn'), TurnRow),
    mail: mapRows(read(rowsOf('mail'), MailRow), (row, id) => ({
      ...row,
      delivery: deliveryOf(row.read, deliveries[id]),
    })),
    tasks: read(rowsOf('task'), TaskRow),
    merges: mapRows(read(rowsOf('merge'), MergeRow), (row, id) => ({
      id: Number(id),
      ...row,
      ...(outcomes[id] ?? { target: null, conflictFiles: [], errorMessage: null, warnings: [], finishedAt: null }),
    })),
    heads: read(rowsOf('head'), HeadRow),
    paused: pause?.value === 'true',
  };
}

/** The `read` flag outranks the delivery, since the original program sets it without knowing of deliveries (mailRow.ts). */
function deliveryOf(isRead: boolean, row: z.output<typeof DeliveryRow> | undefined): z.output<typeof DeliveryRow> {
  const { state, turnId, attempts, nextAttemptAt } = row ?? { ...UNTOUCHED, state: 'queued' as const };
  return {
    state: isRead && state !== 'acknowledged' ? 'read' : state,
    turnId,
    attempts,
    nextAttemptAt: isRead ? null : nextAttemptAt,
  };
}

const UNTOUCHED = { turnId: null, attempts: 0, nextAttemptAt: null };

function read<Shape extends z.ZodType>(rows: Rows, shape: Shape): Record<string, z.output<Shape>> {
  const entries: [string, z.output<Shape>][] = [];
  for (const [key, value] of rows) {
    const row = shape.safeParse(value);
    if (row.success) entries.push([key, row.data]);
  }
  return Object.fromEntries(entries);
}

function mapRows<From, To>(rows: Record<string, From>, map: (row: From, key: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, map(row, key)]));
}
