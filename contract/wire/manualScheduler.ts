import type { Scheduler } from './channel.ts';

/** A scheduler whose time stands still until it is moved: tests of waiting need no waiting. */
export interface ManualScheduler extends Scheduler {
  /** Moves time forward in milliseconds and runs what falls due, in order. */
  advance(milliseconds: number): void;
  /** How many timers wait. */
  readonly waiting: number;
}

/** Creates a scheduler that starts at `start` milliseconds. */
export function createManualScheduler(start = 0): ManualScheduler {
  let time = start;
  const timers = new Set<{ readonly due: number; readonly run: () => void }>();
  return {
    now: () => time,
    after(milliseconds, run) {
      const timer = { due: time + milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(milliseconds) {
      const until = time + milliseconds;
      for (;;) {
        let next: { readonly due: number; readonly run: () => void } | null = null;
        for (const timer of timers) if (timer.due <= until && (next === null || timer.due < next.due)) next = timer;
        if (next === null) break;
        timers.delete(next);
        time = Math.max(time, next.due);
        next.run();
      }
      time = until;
    },
    get waiting() {
      return timers.size;
    },
  };
}
