import { z } from 'zod';
import { RuleMode, WatchdogAction, WatchdogRule, WatchdogRuleView } from './evidence.ts';
import { WatchdogLimitView } from './watchdogLimits.ts';

/** By what the watchdog judges and acts: the mode of every rule and every limit, beside what config.yaml says. */
export const WatchdogPolicy = z.object({
  rules: z.array(z.object({ rule: WatchdogRule, mode: RuleMode, preset: RuleMode })),
  limits: z.array(WatchdogLimitView),
});
export type WatchdogPolicy = z.infer<typeof WatchdogPolicy>;

/** The watchdog at a moment of the past. */
export const PastWatchdog = z.object({
  /** Null before it was recorded. */
  policy: z.object({ rules: z.array(WatchdogRuleView), limits: z.array(WatchdogLimitView) }).nullable(),
  /** What it had done, or would have done, newest first; outcomes as far as they were known. */
  recent: z.array(WatchdogAction),
});
export type PastWatchdog = z.infer<typeof PastWatchdog>;
