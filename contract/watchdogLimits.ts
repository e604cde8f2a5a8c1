import { z } from 'zod';

/**
 * What the watchdog measures against. Milliseconds but for the two counts. Values come from config.yaml; a value set in the
 * room goes before it and is kept until it is taken back.
 */
export const WatchdogLimits = z.object({
  /** Silence of every signal after which an agent in a turn counts as stalled. */
  staleThresholdMs: z.number().int().min(1_000).max(86_400_000),
  /** Work without any other sign after which it counts as stalled, and silence after which the ladder is not waited for. */
  zombieThresholdMs: z.number().int().min(1_000).max(86_400_000),
  /** Between two levels of the ladder. */
  nudgeIntervalMs: z.number().int().min(1_000).max(86_400_000),
  /** Highest level that is reached. */
  maxEscalationLevel: z.number().int().min(1).max(5),
  /** Rounds of the same steps that count as a loop, and the time they take at least. */
  loopRounds: z.number().int().min(3).max(12),
  loopMinimumMs: z.number().int().min(0).max(86_400_000),
});
export type WatchdogLimits = z.infer<typeof WatchdogLimits>;

export const WatchdogLimitName = z.enum([
  'staleThresholdMs',
  'zombieThresholdMs',
  'nudgeIntervalMs',
  'maxEscalationLevel',
  'loopRounds',
  'loopMinimumMs',
]);
export type WatchdogLimitName = z.infer<typeof WatchdogLimitName>;

/** A limit as it holds now, and as config.yaml says it. */
export const WatchdogLimitView = z.object({ name: WatchdogLimitName, value: z.number(), preset: z.number() });
export type WatchdogLimitView = z.infer<typeof WatchdogLimitView>;
