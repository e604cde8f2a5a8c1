import { z } from 'zod';
import { SlingInput } from './agents.ts';
import { AgentName, RunId, TaskId, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/**
 * Roles that work in the project itself and lead others: one project, several, or a team below a coordinator (deprecated,
 * kept for projects that still name it).
 */
export const LeadingRole = z.enum(['coordinator', 'orchestrator', 'supervisor']);
export type LeadingRole = z.infer<typeof LeadingRole>;

export const StartCoordinatorInput = z.object({
  capability: LeadingRole.default('coordinator'),
  /** By default the role's own word. */
  name: AgentName.optional(),
  runtime: z.string().max(64).optional(),
  spec: z.string().max(4_096).optional(),
  objective: z.string().max(LIMITS.bodyLength).optional(),
  /** As of a sling. */
  profile: SlingInput.shape.profile,
  /** A supervisor's task, who it reports to, and its depth; the others have none. */
  taskId: TaskId.optional(),
  parent: AgentName.optional(),
  depth: SlingInput.shape.depth,
});
export type StartCoordinatorInput = z.infer<typeof StartCoordinatorInput>;

/** An orchestrator has no run of its own. */
export const StartCoordinatorReply = z.object({ agentName: AgentName, runId: RunId.nullable() });

export const StopCoordinatorReply = z.object({
  agentName: AgentName,
  sessionId: z.string(),
  /** The run it led is completed with it. */
  runCompleted: z.boolean(),
});

export const TriggerResult = z.object({ enabled: z.boolean(), met: z.boolean(), detail: z.string() });
export type TriggerResult = z.infer<typeof TriggerResult>;

/** Whether a coordinator may stop (spec 03 §4.4). */
export const CompletionCheck = z.object({
  complete: z.boolean(),
  triggers: z.object({
    allAgentsDone: TriggerResult,
    taskTrackerEmpty: TriggerResult,
    onShutdownSignal: TriggerResult,
  }),
});
export type CompletionCheck = z.infer<typeof CompletionCheck>;

/** `running` is false when nobody of that name is active; the rest is null then. */
export const CoordinatorStatus = z.object({
  running: z.boolean(),
  sessionId: z.string().nullable(),
  state: z.string().nullable(),
  startedAt: Timestamp.nullable(),
  lastActivity: Timestamp.nullable(),
});
export type CoordinatorStatus = z.infer<typeof CoordinatorStatus>;
