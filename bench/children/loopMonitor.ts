import { monitorEventLoopDelay } from 'node:perf_hooks';
import { LOOP_RESOLUTION_MS, type LoopDelay } from './messages.ts';

/** Watches the event loop of this process from the call on; the returned function ends that and tells. */
export function watchLoop(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  histogram.enable();
  // The histogram counts nanoseconds between two of its timers, its own interval included.
  const delay = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS);
  return () => {
    histogram.disable();
    return { p50: delay(histogram.percentile(50)), p99: delay(histogram.percentile(99)), max: delay(histogram.max) };
  };
}
