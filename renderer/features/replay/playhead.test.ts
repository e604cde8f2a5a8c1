import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, otherSpeed, QUIET_MS, SPEEDS, timeTyped } from './playhead.ts';

describe('the playhead', () => {
  test('moves by the time watched and the speed, and never back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e12 }),
        fc.integer({ min: 0, max: 1_000 }),
        fc.constantFrom(...SPEEDS),
        fc.option(fc.integer({ min: 0, max: 1e7 })),
        fc.boolean(),
        (at, watched, speed, gap, skip) => {
          const next = gap === null ? null : at + gap;
          const moved = advance(at, watched, speed, next, skip);
          expect(moved).toBeGreaterThanOrEqual(at + watched * speed);
          // Skipping ends before what comes next, so that it is seen to come.
          if (moved > at + watched * speed) expect(moved).toBeLessThan(next ?? 0);
          if (!skip || gap === null || gap <= QUIET_MS * speed) expect(moved).toBe(at + watched * speed);
        },
      ),
    );
  });

  test('has speeds between two ends', () => {
    expect(otherSpeed(1, -1)).toBe(1);
    expect(otherSpeed(1, 1)).toBe(2);
    expect(otherSpeed(8, -1)).toBe(2);
    expect(otherSpeed(128, 1)).toBe(128);
  });

  test.each([
    ['14:03', [14, 3, 0]],
    [' 9:05:07 ', [9, 5, 7]],
  ] as const)('%j is the nearest such time', (words, [hours, minutes, seconds]) => {
    const near = new Date(2026, 10, 23, 12, 0, 0).getTime();
    expect(timeTyped(words, near)).toBe(new Date(2026, 10, 23, hours, minutes, seconds).getTime());
  });

  test('around midnight the nearest may be of another day', () => {
    const near = new Date(2026, 10, 23, 0, 10, 0).getTime();
    expect(timeTyped('23:50', near)).toBe(new Date(2026, 10, 22, 23, 50, 0).getTime());
  });

  test.each(['', 'noon', '24:00', '12:60', '12', '12:00:61'])('%j is no time', (words) => {
    expect(timeTyped(words, 0)).toBeNull();
  });
});
