import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditText, type TextFinding } from './lossAuditText.ts';

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

function audit(base: string, ours: string, theirs: string, result: string): readonly TextFinding[] {
  const at = (content: string) => ({ path: 'a.ts', text: content });
  return auditText({ base: at(base), ours: at(ours), theirs: at(theirs), result: at(result) }).findings;
}

const shown = (findings: readonly TextFinding[]): readonly string[] =>
  findings.map((finding) => {
    const by = finding.by === null ? '' : ` by ${finding.by.version} ${finding.by.line}`;
    return `${finding.side} ${finding.what} ${finding.line}+${finding.lines} ${finding.verdict}${by}`;
  });

const BASE = text('head', 'const timeout = 5;', 'middle of the file', 'tail');

describe('hunks of both sides in a merged text', () => {
  it.each<readonly [name: string, ours: string, theirs: string, result: string, findings: readonly string[]]>([
    ['both present: nothing to say', `${BASE}ours\n`, `top\n${BASE}`, `top\n${BASE}ours\n`, []],
    [
      'the target’s insertion is missing',
      `${BASE}function ours() {\n}\n`,
      `${BASE}function theirs() {\n}\n`,
      `${BASE}function theirs() {\n}\n`,
      ['target added 5+1 lost'],
    ],
    [
      'an insertion of several lines is missing as one finding',
      `${BASE}first of ours\nsecond of ours\n`,
      `${BASE}theirs\n`,
      `${BASE}theirs\n`,
      ['target added 5+2 lost'],
    ],
    [
      'one line rewritten by both: the kept one stands for the other and is named',
      BASE.replace('5', '7'),
      BASE.replace('5', '9'),
      BASE.replace('5', '9'),
      ['target added 2+1 superseded by branch 2'],
    ],
    [
      'one line replaced by two different ones: the other is lost',
      BASE.replace('const timeout = 5;', 'export function load() {}'),
      BASE.replace('const timeout = 5;', 'import parse from "parser";'),
      BASE.replace('const timeout = 5;', 'import parse from "parser";'),
      ['target added 2+1 lost'],
    ],
    [
      'a result that joins both lines stands for both',
      BASE.replace('head', 'import { alpha } from "kit";'),
      BASE.replace('head', 'import { beta } from "kit";'),
      BASE.replace('head', 'import { alpha, beta } from "kit";'),
      ['target added 1+1 superseded by result 1', 'branch added 1+1 superseded by result 1'],
    ],
    [
      'a removed line that is there again',
      text('head', 'const timeout = 5;', 'tail'),
      `${BASE}theirs\n`,
      `${BASE}theirs\n`,
      ['target removed 3+1 lost by result 3'],
    ],
    [
      'a line one side removed and the other changed',
      text('head', 'middle of the file', 'tail'),
      BASE.replace('5', '9'),
      BASE.replace('5', '9'),
      [],
    ],
    [
      'lines around it that only the removal touched are named',
      text('head', 'tail'),
      BASE.replace('5', '9'),
      BASE.replace('5', '9'),
      ['target removed 3+1 superseded by branch 3'],
    ],
    [
      'a change in a removed part that is gone',
      text('head', 'tail'),
      BASE.replace('5', '9'),
      text('head', 'tail'),
      ['branch added 2+1 lost'],
    ],
    [
      'a moved line is named with its new place',
      `${BASE}the line of ours\n`,
      `${BASE}theirs\n`,
      `the line of ours\n${BASE}theirs\n`,
      ['target added 5+1 superseded by result 1'],
    ],
    [
      'other white space is named',
      `${BASE}  call the function();\n`,
      `${BASE}theirs\n`,
      `${BASE}    call the function();\ntheirs\n`,
      ['target added 5+1 superseded by result 5'],
    ],
    [
      'the same line added by both at one place is enough once',
      `${BASE}}\n`,
      `${BASE}theirs\n}\n`,
      `${BASE}theirs\n}\n`,
      [],
    ],
    [
      'a brace added at another place does not stand for this one',
      text('{', ...BASE.trimEnd().split('\n')),
      `${BASE}{\n`,
      `${BASE}{\n`,
      ['target added 1+1 lost'],
    ],
    ['other line ends are no difference', `${BASE}x\n`, BASE, `${BASE}x\n`.replaceAll('\n', '\r\n'), []],
    ['blank lines are no difference', `${BASE}\n\n`, BASE, BASE, []],
  ])('%s', (_name, ours, theirs, result, findings) => {
    expect(shown(audit(BASE, ours, theirs, result))).toEqual(findings);
  });

  it('a line doubled by one side and kept once is lost', () => {
    expect(shown(audit('', text('return the value;', 'return the value;'), '', text('return the value;')))).toEqual([
      'target added 2+1 lost',
    ]);
  });

  it('whatever the texts: a result that is one side loses every tagged line of the other, and is told so', () => {
    const edits = fc.array(fc.record({ at: fc.nat(9), kind: fc.constantFrom('insert', 'replace') }), {
      minLength: 1,
      maxLength: 4,
    });
    const base = Array.from({ length: 10 }, (_, index) => `line ${index} of the file`);
    const apply = (list: readonly { at: number; kind: string }[], tag: string): string[] => {
      const lines = [...base];
      for (const [index, { at, kind }] of list.entries()) {
        lines.splice(at, kind === 'replace' ? 1 : 0, `${tag}${index} unique ${tag}${index}`);
      }
      return lines;
    };
    fc.assert(
      fc.property(edits, edits, (one, other) => {
        const ours = apply(one, 'left');
        const theirs = apply(other, 'right');
        const findings = audit(text(...base), text(...ours), text(...theirs), text(...theirs));
        const lost = findings.filter((finding) => finding.side === 'target' && finding.verdict === 'lost');
        const tagged = ours.filter((line) => line.startsWith('left')).length;
        expect(lost.filter((finding) => finding.what === 'added').reduce((sum, { lines }) => sum + lines, 0)).toBe(
          tagged,
        );
      }),
    );
  });

  it('whatever the edits: a result that has one side and the other is untouched has no findings', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', '}', 'the long line'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (base, side) => {
        expect(audit(text(...base), text(...side), text(...base), text(...side))).toEqual([]);
        expect(audit(text(...base), text(...side), text(...side), text(...side))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
