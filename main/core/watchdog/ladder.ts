/** Where an agent stands on the way from a first warning to the end of its turn (spec 01 §4.5). Milliseconds awake. */
export interface Escalation {
  readonly level: number;
  /** How long it has been stalled. */
  readonly stalledMs: number;
}

export interface LadderLimits {
  readonly nudgeIntervalMs: number;
  /** 1 to 3; `watchdog.maxEscalationLevel` above 3 counts as 3: there is no further step. */
  readonly highest: number;
}

export const LEVELS = ['warn', 'nudge', 'triage', 'end'] as const;
export type LadderStep = (typeof LEVELS)[number];

/** Highest level without evidence that is good enough to end something. */
const WITHOUT_PROOF = 2;

/**
 * Next level and the steps that come with it, each once, when its level is entered; the reference repeats them at every
 * tick. It never goes down, and never skips the step before the last: whoever is ended was nudged first.
 */
export function climb(
  now: Escalation,
  limits: LadderLimits,
  mayEnd: boolean,
): { readonly level: number; readonly step: LadderStep | null } {
  const wanted = expectedLevel(now.stalledMs, limits);
  const highest = mayEnd ? wanted : Math.min(wanted, WITHOUT_PROOF);
  if (highest <= now.level) return { level: now.level, step: null };
  const level = now.level + 1;
  return { level, step: LEVELS[level] ?? null };
}

/** Level by time alone: one for each nudge interval. */
export function expectedLevel(stalledMs: number, limits: LadderLimits): number {
  return Math.max(0, Math.min(Math.floor(stalledMs / limits.nudgeIntervalMs), limits.highest, LEVELS.length - 1));
}

/** The step after this one and how long until then; null at the top. */
export function nextStep(
  now: Escalation,
  limits: LadderLimits,
  mayEnd: boolean,
): { readonly step: LadderStep; readonly inMs: number } | null {
  const level = now.level + 1;
  const step = LEVELS[level];
  if (step === undefined || level > limits.highest || (!mayEnd && level > WITHOUT_PROOF)) return null;
  return { step, inMs: Math.max(0, level * limits.nudgeIntervalMs - now.stalledMs) };
}
