import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableResult } from './resultText.ts';

const texts = (content: string, most = 8) => readableResult(content, most).lines.map(({ text }) => text);
const tones = (content: string) => readableResult(content, 20).lines.map(({ tone }) => tone);

describe('what a person reads of a tool’s output', () => {
  it('tells an answer in JSON as its fields, without what is empty, was told, or goes without saying', () => {
    const answer = {
      success: true,
      command: 'merge',
      entry: {
        id: 1,
        branchName: 'overstory/csv-writer/BS-1',
        filesModified: ['src/export/csv.ts', 'src/index.ts'],
        conflictFiles: [],
        errorMessage: null,
        finishedAt: '2026-01-01T10:20:30.000Z',
      },
      tier: 'clean-merge',
      id: 1,
    };
    const told = [
      'command merge · id 1 · branchName overstory/csv-writer/BS-1',
      'filesModified src/export/csv.ts, src/index.ts · tier clean-merge',
    ];
    expect(texts(JSON.stringify(answer))).toEqual(told);
    expect(texts(JSON.stringify(answer, null, 2))).toEqual(told);
  });

  it('tells members of a list, and answers of one line each, one by one', () => {
    expect(texts('[{"id":"a","read":false},{"id":"b","tags":[1,2,3,4,5,6,7,8]}]')).toEqual([
      'id a · read false',
      'id b · tags 1, 2, 3, 4, 5, 6 and 2 more',
    ]);
    expect(texts('{"step":1}\n{"step":2,"of":[{"x":1}]}')).toEqual(['step 1', 'step 2 · of 1']);
  });

  it.each([
    ['a number', '12'],
    ['a list of words', '["a","b"]'],
    ['an empty list', '[]'],
    ['torn JSON', '{"a":1'],
    ['JSON among other lines', 'done\n{"a":1}'],
    ['very much JSON', JSON.stringify({ a: 'x'.repeat(40_000) })],
  ])('shows %s as it is', (_name, content) => {
    expect(texts(content)).toEqual(content.split('\n'));
  });

  it('tells a file that was read by its length', () => {
    expect(texts('     1→import a\n     2→\n     3→done\n')).toEqual(['3 lines']);
    expect(texts('1\tone\n2\ttwo')).toEqual(['2 lines']);
  });

  it('tells good lines of tests and diffs from bad ones', () => {
    expect(
      tones('  ✓ renders the due date  14 ms\n  ✗ sends one mail\n    expected 3\nTypeError: no\nok 1 - a'),
    ).toEqual(['good', 'bad', 'plain', 'bad', 'good']);
    expect(tones('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same')).toEqual([
      ...['plain', 'plain', 'plain'],
      ...['bad', 'good', 'plain'],
    ]);
    expect(tones('- a list\n+ is no diff')).toEqual(['plain', 'plain']);
  });

  it('says how many lines are left, and nothing of nothing', () => {
    expect(readableResult('1\n2\n3\n\n', 2)).toMatchObject({ lines: [{ text: '1' }, { text: '2' }], more: 1 });
    expect(readableResult('\n', 2)).toEqual({ lines: [], more: 0 });
  });

  it('whatever a tool gives: at most so many lines, and never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 1, max: 8 }), (content, most) => {
        const { lines, more } = readableResult(content, most);
        expect(lines.length).toBeLessThanOrEqual(most);
        expect(more).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
