import { describe, expect, it } from 'vitest';
import { ParseTurns } from './parseTurns.ts';

const turnOver = () => new Promise((resolve) => setImmediate(resolve));

/** A worker with some pieces of work that each take `cost` milliseconds of the test's clock. */
function worker(name: string, pieces: number, cost: number, clock: { now: number }, done: string[]) {
  let left = pieces;
  return {
    step() {
      clock.now += cost;
      done.push(name);
      left -= 1;
      return left > 0;
    },
    rest() {},
  };
}

describe('ParseTurns', () => {
  it('takes workers in turn', async () => {
    const clock = { now: 0 };
    const done: string[] = [];
    const turns = new ParseTurns(() => clock.now);
    turns.add(worker('a', 3, 0.1, clock, done));
    turns.add(worker('b', 1, 0.1, clock, done));
    turns.add(worker('c', 2, 0.1, clock, done));
    await turnOver();
    expect(done.join('')).toBe('abcaca');
  });

  it('lets everything else have its turn after a millisecond', async () => {
    const clock = { now: 0 };
    const done: string[] = [];
    const turns = new ParseTurns(() => clock.now);
    turns.add(worker('a', 5, 0.6, clock, done));
    await turnOver();
    expect(done).toHaveLength(2);
    await turnOver();
    expect(done).toHaveLength(4);
    await turnOver();
    await turnOver();
    expect(done).toHaveLength(5);
  });

  it('calls for work that can wait once a while later, and forgets it when removed', async () => {
    const rested: string[] = [];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const turns = new ParseTurns();
    const quiet = (name: string) => ({ step: () => false, rest: () => void rested.push(name) });
    const [busy, gone] = [quiet('busy'), quiet('gone')];
    turns.later(busy);
    turns.later(gone);
    turns.remove(gone);
    turns.later(busy);
    turns.later({ step: () => false, rest: resolve });
    expect(rested).toEqual([]);
    await done;
    expect(rested).toEqual(['busy']);
  });

  it('forgets a worker that was removed', async () => {
    const done: string[] = [];
    const turns = new ParseTurns();
    const gone = worker('a', 5, 0, { now: 0 }, done);
    turns.add(gone);
    turns.remove(gone);
    await turnOver();
    expect(done).toEqual([]);
  });
});
