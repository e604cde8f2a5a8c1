/**
 * Time this machine was awake and watched, in milliseconds from an arbitrary start. Wall clocks jump (sleep, time zones,
 * corrections) and on some systems monotonic ones count sleep too: a lid closed for an hour is no hour of silence
 * (design: "a wall-clock jump is not silence"). So time passes here only by steps of at most `longestStepMs`; whatever a
 * longer gap between two looks was, nobody watched, and it counts as one such step.
 */
export interface AwakeClock {
  /** Lets time pass up to the monotonic reading. @returns the new time and how much of the gap was not counted. */
  look(monotonicMs: number): { readonly now: number; readonly skippedMs: number };
  now(): number;
}

export function createAwakeClock(startMs: number, longestStepMs: () => number): AwakeClock {
  let last = startMs;
  let awake = 0;
  return {
    look(monotonicMs) {
      // Never backwards, whatever the source says.
      const gap = Math.max(0, monotonicMs - last);
      last = monotonicMs;
      const step = Math.min(gap, longestStepMs());
      awake += step;
      return { now: awake, skippedMs: gap - step };
    },
    now: () => awake,
  };
}
