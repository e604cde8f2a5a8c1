import { describe, expect, it } from 'vitest';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { ReadTurns } from './readTurns.ts';

const turnOver = () => new Promise((resolve) => setImmediate(resolve));

describe('ReadTurns', () => {
  it('lets a few go on in each turn, in the order in which they came, whoever waits again last', async () => {
    const turns = new ReadTurns(createManualScheduler());
    const done: string[] = [];
    const flood = (name: string, again: number) => {
      let left = again;
      const goOn = () => {
        done.push(name);
        left -= 1;
        if (left > 0) turns.wait(goOn);
      };
      turns.wait(goOn);
    };
    for (const name of ['a', 'b', 'c', 'd', 'e']) flood(name, 2);
    await turnOver();
    expect(done.join('')).toBe('ab');
    await turnOver();
    expect(done.join('')).toBe('abcd');
    for (let turn = 0; turn < 3; turn += 1) await turnOver();
    expect(done.join('')).toBe('abcdeabcde');
  });

  it('forgets who leaves, and counts who waits twice once', async () => {
    const turns = new ReadTurns(createManualScheduler());
    const done: string[] = [];
    const gone = () => done.push('gone');
    const twice = () => done.push('twice');
    turns.wait(gone);
    turns.wait(twice);
    turns.wait(twice);
    turns.leave(gone);
    await turnOver();
    await turnOver();
    expect(done).toEqual(['twice']);
  });

  /** A terminal that always has more. */
  function flood(turns: ReadTurns) {
    let reads = 0;
    const goOn = () => {
      reads += 1;
      turns.wait(goOn);
    };
    turns.wait(goOn);
    return {
      goOn,
      get reads() {
        return reads;
      },
    };
  }

  it('while a person types into one terminal, the others are read one by one in turns far apart, and as before afterwards', async () => {
    const time = createManualScheduler();
    const turns = new ReadTurns(time);
    const floods = [flood(turns), flood(turns), flood(turns)];
    const reads = () => floods.map((one) => one.reads);
    turns.typed(() => {});
    await turnOver();
    expect(reads()).toEqual([1, 1, 0]);
    for (let turn = 0; turn < 5; turn += 1) await turnOver();
    expect(reads()).toEqual([1, 1, 0]);
    for (let passed = 0; passed < HOST_LIMITS.typing.forMs; passed += HOST_LIMITS.typing.turnMs)
      time.advance(HOST_LIMITS.typing.turnMs);
    const [first = 0, second = 0, third = 0] = reads();
    expect(first + second + third).toBeLessThanOrEqual(3 + HOST_LIMITS.typing.forMs / HOST_LIMITS.typing.turnMs);
    expect(Math.max(first, second, third) - Math.min(first, second, third)).toBeLessThanOrEqual(1);
    const before = reads();
    for (let turn = 0; turn < 6; turn += 1) await turnOver();
    expect(reads()).not.toEqual(before);
    for (const { goOn } of floods) turns.leave(goOn);
  });

  it('a flood in the terminal that is typed into goes on as ever', async () => {
    const turns = new ReadTurns(createManualScheduler());
    const one = flood(turns);
    turns.typed(one.goOn);
    for (let turn = 0; turn < 6; turn += 1) await turnOver();
    expect(one.reads).toBeGreaterThanOrEqual(5);
    turns.leave(one.goOn);
  });
});
