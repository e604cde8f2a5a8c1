/** Milliseconds since an arbitrary start, finer than a microsecond. */
export const now = (): number => performance.now();

/** A quantile by nearest rank; NaN for no samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);
export const p95 = (samples: readonly number[]): number => quantile(samples, 0.95);
export const p99 = (samples: readonly number[]): number => quantile(samples, 0.99);
export const worst = (samples: readonly number[]): number => quantile(samples, 1);

/** Milliseconds a piece of work takes. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const started = now();
  await work();
  return now() - started;
}

/**
 * Runs each side `rounds` times, one after the other in changing order, so that a load that comes and goes falls on all
 * of them. Gives milliseconds by side.
 */
export async function interleave<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, (round: number) => Promise<unknown> | unknown>>,
): Promise<Record<Side, number[]>> {
  const names = Object.keys(sides) as Side[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      samples[name].push(await timed(() => sides[name](round)));
    }
  }
  return samples;
}

/** A figure as a person reads it: three digits that mean something. */
export function figure(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '-';
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size === 0) return '0';
  return size >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}
