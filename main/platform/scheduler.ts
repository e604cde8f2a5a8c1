import type { Scheduler } from '../../contract/wire/channel.ts';

/** Real timers for the wire; unref'd, so that waiting deltas never keep a process alive. */
export const nodeScheduler: Scheduler = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
