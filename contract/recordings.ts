import { z } from 'zod';
import { TerminalId, Timestamp } from './ids.ts';
import { TerminalSize } from './terminals.ts';

/** How much is recorded, and for how long it is kept (config: `controlRoom.recordings`). */
export const RecordingSettings = z.object({
  enabled: z.boolean(),
  /** Days after which a segment is dropped. */
  maxAgeDays: z.number().positive(),
  /** Megabytes (10^6 bytes) of all recordings of the project; the oldest segments go first. */
  maxMegabytes: z.number().positive(),
});
export type RecordingSettings = z.infer<typeof RecordingSettings>;

/** Until somebody says otherwise: two weeks, two gigabytes. */
export const DEFAULT_RECORDINGS: RecordingSettings = { enabled: true, maxAgeDays: 14, maxMegabytes: 2_000 };

/** What is recorded of one terminal. Times are ISO 8601 in UTC. */
export const RecordingView = z.object({
  terminalId: TerminalId,
  kind: z.enum(['agent', 'shell']),
  agent: z.string().nullable(),
  title: z.string(),
  /** Oldest and newest moment that can be shown. */
  from: Timestamp,
  to: Timestamp,
  bytes: z.number().int(),
  segments: z.number().int(),
  /** False when its beginning was dropped, because it is too old or there was too much. */
  fromBeginning: z.boolean(),
});
export type RecordingView = z.infer<typeof RecordingView>;

/** A terminal as it was at a moment. */
export const RecordedState = z.object({
  /** Escape sequences that draw screen and scrollback. */
  snapshot: z.string(),
  size: TerminalSize,
  /** When the newest output in it was written; null when there was none. */
  lastOutputAt: Timestamp.nullable(),
  /** False when output before the recording is missing, so that parts of the screen may be too. */
  exact: z.boolean(),
});
export type RecordedState = z.infer<typeof RecordedState>;

/** Something recorded: output, a resize (`80x24`), or a marker. */
export const RecordedEvent = z.object({
  /** Milliseconds since the epoch, with fractions: of several in one millisecond the later one is larger. */
  at: z.number(),
  kind: z.enum(['o', 'r', 'm']),
  data: z.string(),
});
export type RecordedEvent = z.infer<typeof RecordedEvent>;

export const ReadRecordingInput = z.object({
  terminalId: TerminalId,
  /** Events after this moment; the screen of that moment is asked for with `recordings.state`. */
  from: Timestamp,
  to: Timestamp,
  /** From the page before. */
  cursor: z.string().max(200).optional(),
});
export type ReadRecordingInput = z.infer<typeof ReadRecordingInput>;

export const RecordedPage = z.object({
  events: z.array(RecordedEvent),
  /** Where the next page begins; null after the last one. */
  next: z.string().nullable(),
});
export type RecordedPage = z.infer<typeof RecordedPage>;
