import { z } from 'zod';
import { TriageMeter } from './evidence.ts';
import { CapView } from './governor.ts';
import { Timestamp } from './ids.ts';

/** What turns are summed up by. */
export const COST_GROUPS = ['agent', 'task', 'capability', 'model', 'runtime', 'run'] as const;
export const CostGrouping = z.enum(COST_GROUPS);
export type CostGrouping = z.infer<typeof CostGrouping>;

/** Which turns are meant: those of one run, or those begun since a moment; without either, all. */
export const CostOverviewInput = z.object({
  by: CostGrouping.default('agent'),
  run: z.string().min(1).max(100).optional(),
  from: Timestamp.optional(),
});
export type CostOverviewInput = z.infer<typeof CostOverviewInput>;

/** Sums over turns, with how far the dollars are known. */
export const CostFigures = z.object({
  agents: z.number().int(),
  turns: z.number().int(),
  runningTurns: z.number().int(),
  /** Ended turns that used tokens of a model nobody can price. */
  unpricedTurns: z.number().int(),
  /** Ended turns whose runtime told nothing of their use. */
  silentTurns: z.number().int(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheCreationTokens: z.number(),
  /** US dollars the runtimes told. */
  reportedUsd: z.number(),
  /** US dollars of turns that are priced by the table, at least in part. */
  estimatedUsd: z.number(),
  /** Both together; null when nothing is known. */
  usd: z.number().nullable(),
  lastAt: Timestamp.nullable(),
});
export type CostFigures = z.infer<typeof CostFigures>;

/** One row of the costs. */
export const CostGroup = CostFigures.extend({
  /** Name or id; empty where the turns do not tell it. */
  key: z.string(),
  /** What all of them have in common; null where they differ, empty where none tells. */
  capability: z.string().nullable(),
  model: z.string().nullable(),
  runtime: z.string().nullable(),
  taskId: z.string().nullable(),
});
export type CostGroup = z.infer<typeof CostGroup>;

/** What merging has asked of models; money for it is told by no runtime. */
export const ModelMeter = z.object({
  asked: z.number().int(),
  failed: z.number().int(),
  charactersIn: z.number(),
  charactersOut: z.number(),
  /** Milliseconds waited for answers. */
  ms: z.number(),
});
export type ModelMeter = z.infer<typeof ModelMeter>;

/** Something the governor did or was told: a cap reached, near or raised, a pause, an exhausted account. */
export const BudgetNote = z.object({
  id: z.number().int(),
  at: Timestamp,
  agentName: z.string(),
  runId: z.string().nullable(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  summary: z.string(),
});
export type BudgetNote = z.infer<typeof BudgetNote>;

/** Minutes of `CostOverview.lastHour`. */
export const COST_MINUTES = 60;

export const CostOverview = z.object({
  totals: CostFigures,
  /** Most expensive first. */
  groups: z.array(CostGroup),
  /** Groups beyond those. */
  moreGroups: z.number().int(),
  /** Sums by role, whatever the groups are: how much leads and watches, and how much works. */
  roles: z.array(CostGroup),
  /** US dollars of the whole project in each of the last sixty minutes, oldest first; a turn's are spread over its time. */
  lastHour: z.array(z.number()),
  burnUsdPerMinute: z.number().nullable(),
  /** Every cap of the run, the day, living agents and their tasks. */
  caps: z.array(CapView),
  /** Newest first. */
  notes: z.array(BudgetNote),
  /** Models that supervision asks by itself, in no agent's figures; since the project began. Null in a replay: it is not recorded. */
  triage: TriageMeter.nullable(),
  merging: ModelMeter.nullable(),
});
export type CostOverview = z.infer<typeof CostOverview>;

/** What the turns recorded by a moment had cost then; its caps are those of the replayed status. */
export const PastCosts = CostOverview.omit({ caps: true, triage: true, merging: true });
export type PastCosts = z.infer<typeof PastCosts>;
export const PastCostsInput = CostOverviewInput.extend({ at: Timestamp });
export type PastCostsInput = z.infer<typeof PastCostsInput>;
