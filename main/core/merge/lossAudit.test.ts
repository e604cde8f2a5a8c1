import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLinesBack, countLostLines } from './lossAudit.ts';

describe('lines lost by a merge', () => {
  it.each([
    ['both additions kept', { base: 'a\n', ours: 'a\nx\n', theirs: 'a\ny\n', result: 'a\nx\ny\n' }, 0],
    ['the target addition dropped', { base: 'a\n', ours: 'a\nx\n', theirs: 'a\ny\n', result: 'a\ny\n' }, 1],
    ['both dropped', { base: 'a\n', ours: 'a\nx\n', theirs: 'a\ny\n', result: 'a\n' }, 2],
    ['the same addition merged once', { base: '', ours: 'x\n', theirs: 'x\n', result: 'x\n' }, 0],
    ['an addition made twice, kept once', { base: '', ours: 'x\nx\n', theirs: '', result: 'x\n' }, 1],
    ['added by one, removed by the other', { base: '}\n', ours: '}\n}\n', theirs: '', result: '}\n' }, 0],
    ['a removal only', { base: 'a\nb\n', ours: 'a\n', theirs: 'a\nb\n', result: 'a\n' }, 0],
    ['blank lines and indentation', { base: '', ours: '\n\n  x\n', theirs: '', result: 'x' }, 0],
    ['other line ends', { base: '', ours: 'x\r\n', theirs: 'y\r\n', result: 'x\ny\n' }, 0],
  ])('%s', (_name, input, lost) => {
    expect(countLostLines(input)).toBe(lost);
  });

  it('a result with every line of both sides never counts as a loss', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '}', ''), { maxLength: 8 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(text, text, text, (base, ours, theirs) => {
        expect(countLostLines({ base, ours, theirs, result: `${ours}\n${theirs}` })).toBe(0);
      }),
    );
  });
});

describe('lines a merge brings back', () => {
  it.each([
    [
      'the branch’s side of a place where the target removed more',
      { base: 'a\nfirst long line\nsecond long line\nz\n', ours: 'a\nz\n', theirs: 'a\nsecond long line\nz\n' },
      'a\nsecond long line\nz\n',
      1,
    ],
    [
      'the branch changed what the target removed, and the lines around it come along',
      {
        base: 'a\nfirst long line\nsecond long line\nz\n',
        ours: 'a\nz\n',
        theirs: 'a\nfirst new line\nsecond long line\nz\n',
      },
      'a\nfirst new line\nsecond long line\nz\n',
      0,
    ],
    ['both removals carried out', { base: 'a\nlong line\nz\n', ours: 'a\nz\n', theirs: 'a\nlong line\n' }, 'a\n', 0],
  ])('%s', (_name, versions, result, back) => {
    expect(countLinesBack({ ...versions, result })).toBe(back);
  });
});
