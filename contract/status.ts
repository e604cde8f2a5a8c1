import { z } from 'zod';
import { GovernorView } from './governor.ts';
import { RunId, Timestamp } from './ids.ts';
import { NoticeSettings } from './notices.ts';

/** The one value behind top strip and status bar. */
export const RoomStatus = z.object({
  project: z.object({
    root: z.string(),
    name: z.string(),
    canonicalBranch: z.string(),
    /** Branch and short commit of the project root; null outside a branch. */
    branch: z.string().nullable(),
    head: z.string().nullable(),
  }),
  engine: z.object({
    mode: z.enum(['embedded', 'background', 'foreground']),
    version: z.string(),
    pid: z.number().int(),
    instanceId: z.string(),
    startedAt: Timestamp,
  }),
  runId: RunId.nullable(),
  /** Starts of turns and tool calls per minute over the last hour, oldest first, for the sparkline. */
  activity: z.array(z.number().int()),
  watchdog: z.object({ lastTickAt: Timestamp.nullable(), agents: z.number().int(), verdicts: z.number().int() }),
  terminals: z.number().int(),
  mailQueued: z.number().int(),
  mergesWaiting: z.number().int(),
  spendUsd: z.number().nullable(),
  /** While true no new turn starts; running turns end by themselves. */
  paused: z.boolean(),
  /** Burn rate, caps, pauses and exhausted runtimes (B4). */
  governor: GovernorView,
  /** What the desktop rings for; absent: everything. */
  notifications: NoticeSettings.optional(),
  /** Changes with the settings in force; `problem`: why the files as they are now cannot be used. */
  config: z.object({ version: z.string(), problem: z.string().nullable() }).optional(),
});
export type RoomStatus = z.infer<typeof RoomStatus>;
