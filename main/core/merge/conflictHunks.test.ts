import { describe, expect, it } from 'vitest';
import { CONFLICT_LIMITS } from '../../../contract/conflicts.ts';
import { conflictHunks, wholeFileHunk } from './conflictHunks.ts';

const block = (ours: string, base: string, theirs: string): string =>
  `<<<<<<< aaa\n${ours}||||||| bbb\n${base}=======\n${theirs}>>>>>>> ccc\n`;

describe('the hunks of a marked file', () => {
  it('are read with what both sides started from, the lines around, and their place', () => {
    const { hunks, count } = conflictHunks(
      `1\n2\n3\n4\n${block('ours\n', 'base\n', 'theirs\nmore\n')}5\n${block('', 'gone\n', 'kept\n')}6\n`,
    );
    expect(count).toBe(2);
    expect(hunks).toEqual([
      {
        line: 5,
        before: ['2', '3', '4'],
        ours: { lines: ['ours'], count: 1 },
        base: { lines: ['base'], count: 1 },
        theirs: { lines: ['theirs', 'more'], count: 2 },
        after: ['5'],
      },
      {
        line: 7,
        before: ['5'],
        ours: { lines: [], count: 0 },
        base: { lines: ['gone'], count: 1 },
        theirs: { lines: ['kept'], count: 1 },
        after: ['6'],
      },
    ]);
  });

  it('without a part for the common ancestor have none', () => {
    const { hunks } = conflictHunks('<<<<<<< a\r\nx\r\n=======\r\ny\r\n>>>>>>> b\r\n');
    expect(hunks).toMatchObject([{ base: null, ours: { lines: ['x'] }, theirs: { lines: ['y'] } }]);
  });

  it('of an opening line without the rest are none', () => {
    expect(conflictHunks('<<<<<<< quoted\ntext\n')).toEqual({ hunks: [], count: 0 });
  });

  it('are cut in number, lines and length, and counted whole', () => {
    const many = conflictHunks(block('a\n', 'b\n', 'c\n').repeat(CONFLICT_LIMITS.hunks + 5));
    expect([many.hunks.length, many.count]).toEqual([CONFLICT_LIMITS.hunks, CONFLICT_LIMITS.hunks + 5]);
    const long = conflictHunks(block('x\n'.repeat(900), '', `${'y'.repeat(5_000)}\n`));
    expect(long.hunks[0]?.ours).toMatchObject({ count: 900 });
    expect(long.hunks[0]?.ours.lines).toHaveLength(CONFLICT_LIMITS.hunkLines);
    const heavy = `${'z'.repeat(900)}\n`.repeat(300);
    const bounded = conflictHunks(block(heavy, '', heavy).repeat(3));
    expect([bounded.hunks.length, bounded.count]).toEqual([1, 3]);
  });

  it('of a removed file show what is left and what both came from', () => {
    expect(wholeFileHunk({ base: 'a\n', ours: null, theirs: 'a\nb\n' })).toMatchObject({
      base: { lines: ['a'] },
      ours: { lines: [], count: 0 },
      theirs: { lines: ['a', 'b'], count: 2 },
    });
  });
});
