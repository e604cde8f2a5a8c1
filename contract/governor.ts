import { z } from 'zod';
import { Timestamp } from './ids.ts';

/** What a cap is set on, narrowest first (product.md B4). */
export const BUDGET_SCOPES = ['agent', 'task', 'run', 'day'] as const;
export const BudgetScope = z.enum(BUDGET_SCOPES);
export type BudgetScope = z.infer<typeof BudgetScope>;

/** What a cap counts: US dollars, turns begun, minutes in which at least one turn ran. */
export const BUDGET_MEASURES = ['usd', 'turns', 'minutes'] as const;
export const BudgetMeasure = z.enum(BUDGET_MEASURES);
export type BudgetMeasure = z.infer<typeof BudgetMeasure>;

/** One cap and how much of it is used. */
export const CapView = z.object({
  scope: BudgetScope,
  /** Name of the agent, id of the task or run, or the day as `YYYY-MM-DD`. */
  id: z.string(),
  measure: BudgetMeasure,
  used: z.number(),
  /** Raises included. */
  limit: z.number(),
  level: z.enum(['ok', 'soft', 'over']),
  /** Minutes until it is reached if spending goes on as in the last minutes; null when nothing says so. */
  minutesLeft: z.number().nullable(),
});
export type CapView = z.infer<typeof CapView>;

/** A runtime whose account is exhausted: no agent of it gets a turn before `until`, then one tries. */
export const BreakerView = z.object({
  runtime: z.string(),
  state: z.enum(['open', 'probing']),
  until: Timestamp,
  reason: z.string(),
});
export type BreakerView = z.infer<typeof BreakerView>;

/** Something that gets no more turns: paused by a person, or at its cap. */
export const PauseView = z.object({
  scope: BudgetScope,
  id: z.string(),
  by: z.enum(['operator', 'cap']),
  reason: z.string(),
  since: Timestamp,
});
export type PauseView = z.infer<typeof PauseView>;

/** Spending and what holds it, for status bar and `ov costs`. */
export const GovernorView = z.object({
  /** US dollars a minute over the last ten minutes, all agents; null while nothing was spent. */
  burnUsdPerMinute: z.number().nullable(),
  /** True when a part of the run's figure is priced by the table instead of told by the runtime. */
  estimated: z.boolean(),
  /** Ended turns of the run whose cost nobody knows. */
  unpricedTurns: z.number().int(),
  caps: z.array(CapView),
  pauses: z.array(PauseView),
  breakers: z.array(BreakerView),
});
export type GovernorView = z.infer<typeof GovernorView>;

/** Pauses or resumes one agent, task or run; the whole fleet has `fleet.pause`. */
export const PauseInput = z.object({
  scope: z.enum(['agent', 'task', 'run']),
  /** For a run: absent means the current one. */
  id: z.string().min(1).max(100).optional(),
  paused: z.boolean(),
});
export type PauseInput = z.infer<typeof PauseInput>;

/** Raises the caps of an agent, task, run or today by an amount; what its cap had paused goes on. */
export const RaiseInput = z.object({
  scope: BudgetScope,
  /** For a run and a day: absent means the current one. */
  id: z.string().min(1).max(100).optional(),
  usd: z.number().positive().max(1_000_000).optional(),
  turns: z.number().int().positive().max(1_000_000).optional(),
  minutes: z.number().positive().max(1_000_000).optional(),
});
export type RaiseInput = z.infer<typeof RaiseInput>;

/** One row of `ov costs`: a session's use by spec 03 §2.1, and whether its dollars are partly estimated. */
export const SessionCost = z.object({
  agentName: z.string(),
  taskId: z.string(),
  capability: z.string(),
  startedAt: Timestamp,
  completedAt: Timestamp.nullable(),
  durationMs: z.number(),
  exitCode: z.number().nullable(),
  mergeResult: z.string().nullable(),
  parentAgent: z.string().nullable(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheCreationTokens: z.number(),
  estimatedCostUsd: z.number().nullable(),
  modelUsed: z.string().nullable(),
  runId: z.string().nullable(),
  /** True when at least one turn's dollars come from the price table. */
  estimated: z.boolean(),
  turns: z.number().int(),
});
export type SessionCost = z.infer<typeof SessionCost>;

/** One agent of `ov costs --live`: running totals by its newest snapshot (spec 03 §2.4). */
export const LiveCost = z.object({
  agentName: z.string(),
  capability: z.string(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheCreationTokens: z.number(),
  estimatedCostUsd: z.number().nullable(),
  modelUsed: z.string().nullable(),
  snapshotAt: Timestamp,
  sessionStartedAt: Timestamp,
  elapsedMs: z.number(),
});
export type LiveCost = z.infer<typeof LiveCost>;

/** Sums over living agents; rates are a minute, each agent's since it was started. */
export const LiveTotals = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheTokens: z.number(),
  costUsd: z.number(),
  burnRatePerMin: z.number(),
  tokensPerMin: z.number(),
});
export type LiveTotals = z.infer<typeof LiveTotals>;

export const LiveCostsInput = z.object({
  agent: z.string().max(100).optional(),
  run: z.string().max(100).optional(),
});
export type LiveCostsInput = z.infer<typeof LiveCostsInput>;

/** Whose caps are asked for: everybody's, or those that hold one agent by itself and by its task. */
export const CapsInput = z.object({ agentName: z.string().max(100).optional() });
export type CapsInput = z.infer<typeof CapsInput>;

/** Which sessions `ov costs` shows; all that are given must fit. */
export const CostsInput = z.object({
  agent: z.string().max(100).optional(),
  task: z.string().max(100).optional(),
  run: z.string().max(100).optional(),
  /** `YYYY-MM-DD`, in the time zone of the engine's machine. */
  day: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, 'a day is written like 2026-11-23')
    .optional(),
  last: z.number().int().min(1).max(100_000).default(20),
});
export type CostsInput = z.infer<typeof CostsInput>;

/** Sums over all sessions that fit, shown or not. Rates are over the last ten minutes of the whole project. */
export const CostTotals = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** Read and created. */
  cacheTokens: z.number(),
  /** Null when nothing is known. */
  costUsd: z.number().nullable(),
  estimated: z.boolean(),
  turns: z.number().int(),
  /** Ended turns that used tokens nobody can price. */
  unpricedTurns: z.number().int(),
  burnRatePerMin: z.number().nullable(),
});
export type CostTotals = z.infer<typeof CostTotals>;
