import { describe, expect, it } from 'vitest';
import { ReadTurns } from './readTurns.ts';

const turnOver = () => new Promise((resolve) => setImmediate(resolve));

describe('ReadTurns', () => {
  it('lets a few go on in each turn, in the order in which they came, whoever waits again last', async () => {
    const turns = new ReadTurns();
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
    const turns = new ReadTurns();
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
});
