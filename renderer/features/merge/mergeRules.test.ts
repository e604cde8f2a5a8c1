import { describe, expect, it } from 'vitest';
import { reasonOf } from './mergeRules.ts';

describe('what a failed merge says', () => {
  const files = ['src/a (old).ts', 'src/b.ts'];
  it.each([
    [
      'Merge of b into main failed: 2 files conflict (src/a (old).ts, src/b.ts); merge main',
      files,
      'Merge of b into main failed: 2 files conflict; merge main',
    ],
    [
      'Merge of b into main failed: 1 file conflicts (src/b.ts); merge main',
      ['src/b.ts'],
      'Merge of b into main failed: 1 file conflicts (src/b.ts); merge main',
    ],
    ['held by another engine (pid 7); wait', files, 'held by another engine (pid 7); wait'],
    [null, files, ''],
  ])('%s', (errorMessage, conflictFiles, shown) => expect(reasonOf({ errorMessage, conflictFiles })).toBe(shown));
});
