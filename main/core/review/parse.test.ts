import { describe, expect, it } from 'vitest';
import { CHANGE_LIMITS } from '../../../contract/changes.ts';
import { parseChanges } from './parseChanges.ts';
import { parsePatch } from './parsePatch.ts';

const record = (before: string, after: string, letter: string, ...paths: string[]): string =>
  [`:${before} ${after} ${'1'.repeat(40)} ${letter === 'M0' ? '1'.repeat(40) : '2'.repeat(40)} ${letter[0]}`, ...paths]
    .join('\0')
    .concat('\0');

describe('the files of a difference', () => {
  it('are read with letters, renames and lines', () => {
    const raw = [
      record('000000', '100644', 'A', 'new.ts'),
      record('100644', '100644', 'M', 'a\tb.ts'),
      record('100644', '000000', 'D', 'old.ts'),
      record('100644', '100755', 'M0', 'run.sh'),
      `:100644 100644 ${'1'.repeat(40)} ${'2'.repeat(40)} R090\0from.ts\0to.ts\0`,
      record('100644', '100644', 'M', 'logo.png'),
    ].join('');
    const stat = [
      '3\t0\tnew.ts',
      '1\t2\ta\tb.ts',
      '0\t9\told.ts',
      '0\t0\trun.sh',
      '4\t1\t',
      'from.ts',
      'to.ts',
      '-\t-\tlogo.png',
      '',
    ].join('\0');
    expect(parseChanges(raw + stat)).toEqual([
      { path: 'new.ts', from: null, change: 'added', added: 3, removed: 0 },
      { path: 'a\tb.ts', from: null, change: 'modified', added: 1, removed: 2 },
      { path: 'old.ts', from: null, change: 'deleted', added: 0, removed: 9 },
      { path: 'run.sh', from: null, change: 'mode', added: 0, removed: 0 },
      { path: 'to.ts', from: 'from.ts', change: 'renamed', added: 4, removed: 1 },
      { path: 'logo.png', from: null, change: 'modified', added: null, removed: null },
    ]);
    expect(parseChanges('')).toEqual([]);
  });
});

describe('the patch of a file', () => {
  it('is read line by line with both numbers', () => {
    const patch = [
      'diff --git a/a.ts b/a.ts',
      '--- a/a.ts',
      '+++ b/a.ts',
      '@@ -3,3 +3,3 @@ function one() {',
      ' same',
      '-old',
      '\\ No newline at end of file',
      '+--- looks like a header',
      '@@ -9 +9,2 @@',
      ' x\r',
      '+y',
      '',
    ].join('\n');
    expect(parsePatch(patch)).toEqual({
      left: 0,
      binary: false,
      hunks: [
        {
          old: 3,
          new: 3,
          heading: 'function one() {',
          lines: [
            { kind: 'same', old: 3, new: 3, text: 'same' },
            { kind: 'removed', old: 4, new: null, text: 'old', noEnd: true },
            { kind: 'added', old: null, new: 4, text: '--- looks like a header' },
          ],
        },
        {
          old: 9,
          new: 9,
          heading: '',
          lines: [
            { kind: 'same', old: 9, new: 9, text: 'x' },
            { kind: 'added', old: null, new: 10, text: 'y' },
          ],
        },
      ],
    });
  });

  it('of a binary file has no lines', () => {
    expect(parsePatch('diff --git a/x b/x\nBinary files a/x and b/x differ\n')).toMatchObject({
      binary: true,
      hunks: [],
    });
  });

  it('is cut in lines and length, and says how much is left', () => {
    const count = CHANGE_LIMITS.lines + 7;
    const long = parsePatch(`@@ -0,0 +1,${count} @@\n${'+x\n'.repeat(count)}`);
    expect([long.hunks[0]?.lines.length, long.left]).toEqual([CHANGE_LIMITS.lines, 7]);
    expect(parsePatch(`@@ -0,0 +1 @@\n+${'z'.repeat(9_000)}\n`).hunks[0]?.lines[0]?.text).toHaveLength(
      CHANGE_LIMITS.lineCharacters + 1,
    );
  });
});
