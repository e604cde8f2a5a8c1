import { expect, it } from 'vitest';
import { type StoredSegment, segmentsToDrop } from './shelf.ts';

const DAY = 86_400_000;
const now = 100 * DAY;
const settings = { enabled: true, maxAgeDays: 10, maxMegabytes: 3 };
const segment = (base: string, megabytes: number, daysAgo: number): StoredSegment => ({
  base,
  bytes: megabytes * 1_000_000,
  writtenAt: now - daysAgo * DAY,
});
const dropped = (segments: readonly StoredSegment[], open: readonly string[] = []): string[] =>
  segmentsToDrop(segments, (base) => open.includes(base), settings, now).map((one) => one.base);

it.each([
  ['nothing, while all of it is young and fits', [segment('a', 1, 1), segment('b', 2, 2)], [], []],
  ['what is too old', [segment('a', 0.1, 11), segment('b', 0.1, 9)], [], ['a']],
  ['the oldest, until the rest fits', [segment('a', 2, 1), segment('b', 2, 3), segment('c', 1, 2)], [], ['b']],
  ['never what is being written', [segment('a', 2, 20), segment('b', 2, 3), segment('c', 1, 2)], ['a'], ['b']],
  ['everything, when one alone is too large', [segment('a', 5, 1)], [], ['a']],
] as const)('drops %s', (_case, segments, open, expected) => {
  expect(dropped(segments, open)).toEqual(expected);
});
