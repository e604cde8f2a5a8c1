import { z } from 'zod';
import { Timestamp } from './ids.ts';
import { collectionTopic } from './reducers/collection.ts';
import { topics } from './topics.ts';

/** A branch as it was: for `HEAD` also which branch the project had checked out. */
export const PastBranch = z.object({
  name: z.string(),
  commit: z.string().nullable(),
  branch: z.string().nullable(),
  /** When it came there. */
  at: Timestamp,
});
export type PastBranch = z.infer<typeof PastBranch>;

/** Branches by name, with the reducer of a topic, though no live topic carries them. */
export const pastBranches = collectionTopic(PastBranch, (branch) => branch.name);

/**
 * What the room's topics gained and lost in one step of the past, in the very deltas that the live room sends. Fire drills
 * alone have no past: they run in sandboxes of their own.
 */
export const RoomChanges = z.object({
  status: topics.status.delta.optional(),
  agents: topics.agents.delta.optional(),
  runs: topics.runs.delta.optional(),
  mail: topics.mail.delta.optional(),
  tasks: topics.tasks.delta.optional(),
  merges: topics.merges.delta.optional(),
  attention: topics.attention.delta.optional(),
  terminals: topics.terminals.delta.optional(),
  timeline: topics.timeline.delta.optional(),
  evidence: topics.evidence.delta.optional(),
  radar: topics.radar.delta.optional(),
  branches: pastBranches.delta.optional(),
});
export type RoomChanges = z.infer<typeof RoomChanges>;

/** A moment (milliseconds since the epoch) and what changed then. */
export const ReplayStep = z.object({ at: z.number(), changes: RoomChanges });
export type ReplayStep = z.infer<typeof ReplayStep>;

/** A stretch of the past: the whole room at its beginning, then each change up to its end. */
export const ReplayWindow = z.object({
  /** Milliseconds since the epoch. */
  from: z.number(),
  /** Everything up to this moment is in here; the next window begins there. */
  until: z.number(),
  /** From an empty room to the room at `from`. */
  start: RoomChanges,
  /** After `from`, oldest first. */
  steps: z.array(ReplayStep),
  /** The newest change before `from`; null when there is none. */
  previousAt: z.number().nullable(),
});
export type ReplayWindow = z.infer<typeof ReplayWindow>;

export const ReplayWindowInput = z.object({
  from: Timestamp,
  /** Changes after this moment are left out; absent: until now. */
  to: Timestamp.optional(),
  /** Changes read at most; the window ends earlier then. */
  limit: z.number().int().min(1).max(2_000).default(400),
});
export type ReplayWindowInput = z.infer<typeof ReplayWindowInput>;

/** What a person may want to jump to. */
export const REPLAY_MARKS = ['attention', 'merge', 'death'] as const;
export const ReplayMark = z.object({
  at: z.number(),
  kind: z.enum(REPLAY_MARKS),
  agent: z.string().nullable(),
  /** One line. */
  title: z.string(),
  /** For merges: whether it worked. For the others always false. */
  good: z.boolean(),
});
export type ReplayMark = z.infer<typeof ReplayMark>;

/** What the scrubber shows of a stretch. */
export const ReplayOverview = z.object({
  /** Milliseconds since the epoch. */
  from: z.number(),
  to: z.number(),
  /** Changes and events in each of so many equal parts. */
  density: z.array(z.number().int()),
  /** Oldest first. */
  marks: z.array(ReplayMark),
  /** Oldest moment the project can be replayed at; null when nothing is recorded. */
  recordedFrom: z.number().nullable(),
});
export type ReplayOverview = z.infer<typeof ReplayOverview>;

export const ReplayOverviewInput = z.object({
  from: Timestamp,
  to: Timestamp,
  parts: z.number().int().min(1).max(1_000).default(240),
});
export type ReplayOverviewInput = z.infer<typeof ReplayOverviewInput>;
