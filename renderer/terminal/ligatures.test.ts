import { expect, test } from 'vitest';
import { ligatureRanges } from './ligatures.ts';

test.each([
  ['a => b', [[2, 4]]],
  [
    'if (x !== y && z >= 1) // why',
    [
      [6, 9],
      [12, 14],
      [17, 19],
      [23, 25],
    ],
  ],
  ['www.example.org', [[0, 3]]],
  ['a - b + c', []],
])('signs that stand together are drawn together: %s', (line, ranges) => expect(ligatureRanges(line)).toEqual(ranges));
