import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchLines } from './lineMatch.ts';

/** Length of a longest common subsequence, by the table everybody knows. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [index, other] of b.entries()) {
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

describe('matching the lines of two texts', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '}'), { maxLength: 25 });

  it('pairs equal lines in order, as many as there can be', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const match = matchLines(a, b);
        let last = -1;
        let count = 0;
        for (const [index, other] of match.entries()) {
          if (other < 0) continue;
          expect(b[other]).toBe(a[index]);
          expect(other).toBeGreaterThan(last);
          last = other;
          count += 1;
        }
        expect(count).toBe(longestCommon(a, b));
      }),
      { numRuns: 500 },
    );
  });

  it('texts that differ in thousands of lines are divided by the lines that are unique', () => {
    const a = Array.from({ length: 9_000 }, (_, index) => (index % 3 === 0 ? `same ${index}` : `mine ${index}`));
    const b = Array.from({ length: 9_000 }, (_, index) => (index % 3 === 0 ? `same ${index}` : `theirs ${index}`));
    const match = matchLines(a, b);
    expect(match.every((other, index) => other === (index % 3 === 0 ? index : -1))).toBe(true);
  });

  it('nothing in common is no match', () => {
    expect([...matchLines(['a', 'b'], ['c'])]).toEqual([-1, -1]);
  });
});
