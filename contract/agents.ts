import { z } from 'zod';
import { AgentName, MailId, RunId, TaskId, TerminalId, Timestamp, TurnId } from './ids.ts';
import { PlannedCollision } from './radar.ts';
import { GUARD_LEVELS, GuardState } from './runtimes.ts';

/** The nine roles (spec 01 §0.2). */
export const CAPABILITIES = [
  'scout',
  'builder',
  'reviewer',
  'lead',
  'merger',
  'orchestrator',
  'coordinator',
  'supervisor',
  'monitor',
] as const;
export const Capability = z.enum(CAPABILITIES);
export type Capability = z.infer<typeof Capability>;

/** Stored session states (spec 01 §1.4). */
export const AGENT_STATES = [
  'booting',
  'working',
  'in_turn',
  'between_turns',
  'stalled',
  'completed',
  'zombie',
] as const;
export const AgentState = z.enum(AGENT_STATES);
export type AgentState = z.infer<typeof AgentState>;

/** What a person sees for an agent: glyph, colour and word hang on this (ui.md "Direction"). */
export const AGENT_STATUSES = [
  'starting',
  'working',
  'inTurn',
  'resting',
  'needsYou',
  'stalled',
  'dead',
  'done',
] as const;
export const AgentStatus = z.enum(AGENT_STATUSES);
export type AgentStatus = z.infer<typeof AgentStatus>;

/** Why an agent gets no turn although mail may wait. */
export const HOLD_KINDS = ['takenOver', 'needsLogin', 'quotaExhausted', 'resumeOffer', 'paused'] as const;
export const AgentHold = z.object({
  kind: z.enum(HOLD_KINDS),
  since: Timestamp,
  /** When it ends by itself; null when a person has to end it. */
  until: Timestamp.nullable(),
  /** One line for a person, with the way out. */
  reason: z.string(),
});
export type AgentHold = z.infer<typeof AgentHold>;

/** One agent as every face shows it. Display-ready: no face derives state of its own. */
export const AgentView = z.object({
  name: AgentName,
  capability: Capability,
  state: AgentState,
  status: AgentStatus,
  taskId: z.string(),
  taskTitle: z.string().nullable(),
  parent: z.string().nullable(),
  depth: z.number().int(),
  runId: RunId.nullable(),
  runtime: z.string(),
  model: z.string().nullable(),
  /** How far the guards of its runtime hold, as far as that is known; null or absent: nobody knows. */
  guards: z.enum(GUARD_LEVELS).nullable().optional(),
  branch: z.string(),
  worktree: z.string(),
  /** What the agent does now, in plain words: "Edit src/export/csv.ts", "resting, waits for 3 builders". */
  activity: z.string(),
  startedAt: Timestamp,
  /** Time of the newest evidence of life. */
  lastEvidenceAt: Timestamp,
  /** The running turn, or null between turns. */
  turn: z.object({ id: TurnId, number: z.number().int(), startedAt: Timestamp }).nullable(),
  turnCount: z.number().int(),
  unreadMail: z.number().int(),
  /** US dollars, from the runtime's own figures; null when no turn has reported any. */
  costUsd: z.number().nullable(),
  /** Set while a failed turn waits for its next attempt. */
  retry: z.object({ attempt: z.number().int(), nextAttemptAt: Timestamp, reason: z.string() }).nullable(),
  /** One line that says why the agent died or needs a person; null otherwise. */
  reason: z.string().nullable(),
  terminalId: TerminalId,
  conversationId: z.string().nullable(),
  /** Set while the agent gets no turns; absent or null: nothing holds it. */
  hold: AgentHold.nullable().optional(),
});
export type AgentView = z.infer<typeof AgentView>;

/** What `ov sling`, a dropped card and a lead all ask for (spec 02 §3.1). */
export const SlingInput = z.object({
  /** Chosen by a caller that may have to ask again because an answer was lost: nothing is then slung twice. */
  id: MailId.optional(),
  taskId: TaskId,
  capability: Capability.default('builder'),
  name: AgentName.optional(),
  spec: z.string().max(4_096).optional(),
  files: z.array(z.string().min(1).max(4_096)).max(500).default([]),
  siblings: z.array(AgentName).max(100).default([]),
  parent: z.union([AgentName, z.literal('')]).optional(),
  depth: z.number().int().min(0).max(50).default(0),
  forceHierarchy: z.boolean().default(false),
  skipTaskCheck: z.boolean().default(false),
  skipScout: z.boolean().default(false),
  skipReview: z.boolean().default(false),
  /** Says nothing about missing scouts. */
  noScoutCheck: z.boolean().default(false),
  /** Limit of the parent for this start only. */
  maxAgents: z.number().int().min(0).optional(),
  /** Ceiling a lead is told in its instructions. */
  dispatchMaxAgents: z.number().int().min(0).optional(),
  /** Text of `agent-defs/<profile>.md` between role and assignment. */
  profile: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9._-]*$/, 'a profile is the name of a file in agent-defs: letters, digits, dots, dashes')
    .optional(),
  runtime: z.string().max(64).optional(),
  baseBranch: z.string().max(255).optional(),
  recover: z.boolean().default(false),
  /** Who runs the command: becomes the sender of the dispatch mail. */
  from: z.string().max(64).optional(),
});
export type SlingInput = z.infer<typeof SlingInput>;
/** The same before defaults are filled in. */
export type SlingRequest = z.input<typeof SlingInput>;

export const SlingReply = z.object({
  agentName: AgentName,
  capability: Capability,
  taskId: TaskId,
  branch: z.string(),
  worktree: z.string(),
  runId: RunId,
  warnings: z.array(z.string()),
  /** How far the guards of its runtime hold, as far as that is known before its first turn. */
  guard: GuardState.optional(),
});
export type SlingReply = z.infer<typeof SlingReply>;

/** An agent that was ended; `turnEnded` when it was in the middle of a turn. */
export const StoppedAgent = z.object({
  sessionId: z.string(),
  capability: z.string(),
  turnEnded: z.boolean(),
  wasZombie: z.boolean(),
});
export type StoppedAgent = z.infer<typeof StoppedAgent>;

/** What a drop target shows before the drop: pure, changes nothing. */
export const Preflight = z.object({
  allowed: z.boolean(),
  /** First rule that forbids it, in one line; null when allowed. */
  refusal: z.string().nullable(),
  capacity: z.object({ active: z.number().int(), limit: z.number().int() }),
  runtime: z.object({ id: z.string(), ready: z.boolean(), detail: z.string() }),
  /** How far its guards hold, as far as that is known before its first turn; absent for a runtime nobody knows. */
  guard: GuardState.optional(),
  /** What the runtime will ask a person about trusting the project, in one line; null or absent: nothing. */
  trust: z.string().nullable().optional(),
  agentName: z.string(),
  capability: Capability,
  /** Running agents that work on the same files. They forbid nothing. */
  collisions: z.array(PlannedCollision),
  /** US dollars such agents have cost: the middle, and the span without the extremes; null without a past. */
  estimate: z.object({ usd: z.number(), lowUsd: z.number(), highUsd: z.number(), agents: z.number().int() }).nullable(),
  /** What the sling itself would remark, a line each. */
  warnings: z.array(z.string()),
});
export type Preflight = z.infer<typeof Preflight>;
