import { z } from 'zod';
import { AgentState } from './agents.ts';
import { Timestamp } from './ids.ts';

/** The monitor as it is now, with what its turns used: its own meter, apart from the agents it watches. */
export const MonitorStatus = z.object({
  running: z.boolean(),
  sessionId: z.string().nullable(),
  state: AgentState.nullable(),
  startedAt: Timestamp.nullable(),
  lastActivity: Timestamp.nullable(),
  turns: z.number().int(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** US dollars; null when no turn has reported any. */
  costUsd: z.number().nullable(),
});
export type MonitorStatus = z.infer<typeof MonitorStatus>;
