import { z } from 'zod';

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
