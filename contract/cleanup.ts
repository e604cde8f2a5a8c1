import { z } from 'zod';
import { AgentName } from './ids.ts';

/** What `ov clean` may take away; `all` is everything, the merge queue, nudge state and the current run with it (spec 02 §4.3). */
export const CLEAN_TARGETS = [
  'all',
  'mail',
  'sessions',
  'metrics',
  'logs',
  'worktrees',
  'branches',
  'agents',
  'specs',
] as const;
export type CleanTarget = (typeof CLEAN_TARGETS)[number];

export const CleanInput = z.object({
  targets: z
    .array(z.enum(CLEAN_TARGETS))
    .min(1, 'No cleanup targets specified: name one, such as --worktrees or --all'),
  /** Goes on although a worktree holds what no snapshot can. */
  acceptLoss: z.boolean().default(false),
});
export type CleanInput = z.infer<typeof CleanInput>;

/** What was taken away. A flag is true when there was something. */
export const CleanReply = z.object({
  sessionEndEventsLogged: z.number().int(),
  agentsStopped: z.array(z.string()),
  worktreesCleaned: z.number().int(),
  branchesDeleted: z.number().int(),
  mailWiped: z.boolean(),
  sessionsCleared: z.boolean(),
  mergeQueueCleared: z.boolean(),
  metricsWiped: z.boolean(),
  logsCleared: z.boolean(),
  agentsCleared: z.boolean(),
  specsCleared: z.boolean(),
  nudgeStateCleared: z.boolean(),
  currentRunCleared: z.boolean(),
  /** What stays, and why, in one line each. */
  kept: z.array(z.string()),
});
export type CleanReply = z.infer<typeof CleanReply>;

export const CleanAgentInput = z.object({ agentName: AgentName, acceptLoss: z.boolean().default(false) });

export const CleanAgentReply = z.object({
  agentName: AgentName,
  turnEnded: z.boolean(),
  worktreeRemoved: z.boolean(),
  branchDeleted: z.boolean(),
  agentDirCleared: z.boolean(),
  logsDirCleared: z.boolean(),
  sessionEndEventLogged: z.boolean(),
  markedCompleted: z.boolean(),
  kept: z.array(z.string()),
});
export type CleanAgentReply = z.infer<typeof CleanAgentReply>;

/** A worktree of an agent's branch; agent, state and task are null when no session knows it (spec 02 §4.6). */
export const WorktreeRow = z.object({
  path: z.string(),
  branch: z.string(),
  head: z.string(),
  agentName: z.string().nullable(),
  state: z.string().nullable(),
  taskId: z.string().nullable(),
});
export type WorktreeRow = z.infer<typeof WorktreeRow>;

export const CleanWorktreesInput = z.object({
  /** Worktrees of agents that are not completed too. */
  all: z.boolean().default(false),
  /** Unmerged branches, agents at work and nested agents too. */
  force: z.boolean().default(false),
  acceptLoss: z.boolean().default(false),
});
export type CleanWorktreesInput = z.infer<typeof CleanWorktreesInput>;

/** Branch names; `reasons` says of each that stays why. */
export const CleanWorktreesReply = z.object({
  cleaned: z.array(z.string()),
  failed: z.array(z.string()),
  skipped: z.array(z.string()),
  blockedByChildren: z.array(z.string()),
  pruned: z.number().int(),
  seedsPreserved: z.array(z.string()),
  reasons: z.record(z.string(), z.string()),
});
export type CleanWorktreesReply = z.infer<typeof CleanWorktreesReply>;
