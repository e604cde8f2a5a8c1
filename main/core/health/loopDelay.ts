import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds the event loop was late. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds between two samples: fine enough for what a person feels, and no work to speak of. */
const SAMPLE_MS = 20;
/** Milliseconds of one window. */
const WINDOW_MS = 60_000;

/** Measures how late the event loop is, in windows of a minute: the last whole one, or the first while it fills. */
export function watchLoopDelay(): { read(): LoopDelay; close(): void } {
  const histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  histogram.enable();
  let last: LoopDelay | null = null;
  /** Without samples the histogram answers with what is no number, and with its own interval for an idle loop. */
  const late = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, Math.round((nanoseconds / 1e6 - SAMPLE_MS) * 10) / 10) : 0;
  const now = (): LoopDelay => ({
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: histogram.count === 0 ? 0 : late(histogram.max),
  });
  const timer = setInterval(() => {
    last = now();
    histogram.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    read: () => last ?? now(),
    close() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
