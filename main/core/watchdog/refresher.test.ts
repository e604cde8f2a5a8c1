import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefresher } from './refresher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('evidence is read again', () => {
  it('from time to time, and soon after a change, once for many', async () => {
    let reads = 0;
    const refresher = createRefresher(
      async () => {
        reads += 1;
      },
      () => {},
    );
    refresher.soon();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads).toBe(0);
    refresher.start(5_000);
    refresher.soon();
    refresher.soon();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(reads).toBe(2);
    await refresher.stop();
    refresher.soon();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(reads).toBe(2);
  });

  it('never twice at a time; a fault is told and the next reading comes', async () => {
    const faults: unknown[] = [];
    const { promise, reject } = Promise.withResolvers<void>();
    let reads = 0;
    const refresher = createRefresher(
      () => {
        reads += 1;
        return reads === 1 ? promise : Promise.resolve();
      },
      (error) => faults.push(error),
    );
    refresher.start(100);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads).toBe(1);
    reject(new Error('torn'));
    await vi.advanceTimersByTimeAsync(100);
    expect(faults).toHaveLength(1);
    expect(reads).toBe(2);
    await refresher.stop();
  });

  it('a stop waits for the reading that is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const refresher = createRefresher(
      () => promise,
      () => {},
    );
    refresher.start(100);
    await vi.advanceTimersByTimeAsync(100);
    let stopped = false;
    const stop = refresher.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(false);
    resolve();
    await stop;
    expect(stopped).toBe(true);
  });
});
