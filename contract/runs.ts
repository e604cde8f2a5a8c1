import { z } from 'zod';
import { RunId, Timestamp } from './ids.ts';

export const RUN_STATUSES = ['active', 'completed', 'failed'] as const;
export const RunStatus = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof RunStatus>;

/** One run (spec 01 §1.2); `agentCount` is always derived from sessions. */
export const RunView = z.object({
  id: RunId,
  startedAt: Timestamp,
  completedAt: Timestamp.nullable(),
  status: RunStatus,
  coordinator: z.string().nullable(),
  agentCount: z.number().int(),
  costUsd: z.number().nullable(),
  /** True for the run in `current-run.txt`. */
  current: z.boolean(),
});
export type RunView = z.infer<typeof RunView>;
