import type { MergeTrace, MergeTraceStep, ModelUse } from '../../../contract/mergeDetail.ts';
import type { MergeProgress, MergeTier } from '../../../contract/merges.ts';
import { estimateCost, type PriceRule } from '../metrics/pricing.ts';
import type { MergeModel } from './modelTiers.ts';

/** A step as it is reported; when it began and how long it took is the observer's matter. */
export type ReportedStep = MergeTraceStep extends infer Step
  ? Step extends unknown
    ? Omit<Step, 'at' | 'ms'>
    : never
  : never;

/** Hears what a merge does while it does it. */
export interface MergeObserver {
  /** Something begins; the next `step` belongs to it. */
  stage(stage: MergeProgress['stage'], tier: MergeTier, gate?: string): void;
  step(step: ReportedStep): void;
}

/** For a merge nobody watches. */
export const NOBODY: MergeObserver = { stage() {}, step() {} };

/** Steps kept of one attempt; gates are the only ones without a bound of their own. */
const STEPS = 60;
/** Files named in one step; a merge of thousands of conflicts is told by its counts elsewhere. */
const FILES = 200;
/** Characters of a reason. */
const REASON = 500;

/**
 * Writes the trace of one attempt: `keep` gets it anew after each step, `show` what is being done.
 * @param now ISO 8601, UTC.
 */
export function traceMerge(parts: {
  readonly former: MergeTrace | null;
  readonly now: () => string;
  /** Milliseconds of a clock that only runs forward. */
  readonly elapsed: () => number;
  readonly keep: (trace: MergeTrace) => void;
  readonly show: (progress: MergeProgress) => void;
}): MergeObserver {
  let trace: MergeTrace = parts.former ?? { startedAt: parts.now(), steps: [] };
  let at = trace.startedAt;
  let began = parts.elapsed();
  return {
    stage(stage, tier, gate) {
      at = parts.now();
      began = parts.elapsed();
      parts.show({ stage, tier, gate: gate ?? null, since: at });
    },
    step(step) {
      const whole = { ...bounded(step), at, ms: Math.round(parts.elapsed() - began) } as MergeTraceStep;
      trace = { ...trace, steps: [...trace.steps, whole].slice(-STEPS) };
      parts.keep(trace);
    },
  };
}

function bounded(step: ReportedStep): ReportedStep {
  if (step.kind !== 'tier') return step;
  return {
    ...step,
    resolved: step.resolved.slice(0, FILES),
    left: step.left.slice(0, FILES).map(({ path, reason }) => ({ path, reason: reason.slice(0, REASON) })),
  };
}

/** A model whose use is counted, one tier after the other. */
export interface CountedModel {
  readonly ask: MergeModel;
  /** What was asked since the last call of this; null: nothing. */
  take(): ModelUse | null;
}

/** Characters of one token, on the long side: code has shorter ones. */
const CHARACTERS_PER_TOKEN = 4;

/** Counts what a merge asks of its model and what that may cost. */
export function countModel(model: MergeModel, prices: readonly PriceRule[], elapsed: () => number): CountedModel {
  let use: Omit<ModelUse, 'tokensIn' | 'tokensOut' | 'usd'> | null = null;
  return {
    async ask(prompt, signal) {
      const began = elapsed();
      const answer = await model(prompt, signal);
      use = {
        model: (answer.ok ? answer.value.model : null) ?? use?.model ?? null,
        asked: (use?.asked ?? 0) + 1,
        failed: (use?.failed ?? 0) + (answer.ok ? 0 : 1),
        charactersIn: (use?.charactersIn ?? 0) + prompt.length,
        charactersOut: (use?.charactersOut ?? 0) + (answer.ok ? answer.value.text.length : 0),
        ms: Math.round((use?.ms ?? 0) + elapsed() - began),
      };
      return answer;
    },
    take() {
      if (use === null) return null;
      const tokensIn = Math.ceil(use.charactersIn / CHARACTERS_PER_TOKEN);
      const tokensOut = Math.ceil(use.charactersOut / CHARACTERS_PER_TOKEN);
      const tokens = { inputTokens: tokensIn, outputTokens: tokensOut, cacheReadTokens: 0, cacheCreationTokens: 0 };
      const taken: ModelUse = { ...use, tokensIn, tokensOut, usd: estimateCost(use.model, tokens, prices) };
      use = null;
      return taken;
    },
  };
}
