import { describe, expect, it } from 'vitest';
import { linesOf, looksLikeProse, readAnswer } from './modelAnswers.ts';

describe('prose instead of a file', () => {
  it.each([
    'I have resolved it',
    "I'll merge these",
    'Here is the file',
    "Here's the result",
    'The conflict is between two lines',
    'This file needs care',
    'Let me look at it',
    'Sure, here it is',
    'Unfortunately not',
    'Apologies',
    'Sorry',
    'To resolve this',
    'Looking at the two sides',
    'Based on the context',
    'After reviewing both',
    'const a = 1;\n```\n',
    '```ts\nconst a = 1;\n```',
    'x\nI need permission to edit',
    'x\nI cannot decide',
    "x\nI don't have access",
    'sure thing',
    '',
    '   \n ',
  ])('%j is prose', (answer) => {
    expect(looksLikeProse(answer)).toBe(true);
  });

  it.each(['const x = 1;', "import { a } from './a.ts';", 'export function f() {}', '// comment', 'Item one'])(
    '%j is content',
    (answer) => {
      expect(looksLikeProse(answer)).toBe(false);
    },
  );

  it('lines of the conflicting versions never make an answer prose', () => {
    const known = linesOf('The manual\n\n```sh\nov status\n```\n');
    expect(looksLikeProse('The manual\n\n```sh\nov status --json\n```\n', known)).toBe(false);
    expect(looksLikeProse('The result is as follows\n', known)).toBe(true);
  });
});

describe('the form of an answer', () => {
  const none = new Set<string>();

  it('a bare answer is the one region there is, whatever its line ends', () => {
    expect(readAnswer('a\r\nb', 1, none)).toEqual({ ok: true, value: { parts: ['a\nb\n'], decisions: [] } });
  });

  it('regions come in order, each once, with named omissions behind them', () => {
    const answer = '<<<region 1>>>\na\n<<<end>>>\n\n<<<region 2>>>\n<<<end>>>\n<<<dropped>>> line x, replaced by y\n';
    expect(readAnswer(answer, 2, none)).toEqual({
      ok: true,
      value: { parts: ['a\n', ''], decisions: ['line x, replaced by y'] },
    });
  });

  it.each([
    ['a bare answer for two regions', 'a\n', 2],
    ['regions in the wrong order', '<<<region 2>>>\nb\n<<<end>>>\n<<<region 1>>>\na\n<<<end>>>\n', 2],
    ['a region too few', '<<<region 1>>>\na\n<<<end>>>\n', 2],
    ['a region too many', '<<<region 1>>>\na\n<<<end>>>\n<<<region 2>>>\nb\n<<<end>>>\n', 1],
    ['a region without an end', '<<<region 1>>>\na\n', 1],
    ['a region inside a region', '<<<region 1>>>\n<<<region 2>>>\n<<<end>>>\n', 1],
    ['words around the regions', 'Here you are\n<<<region 1>>>\na\n<<<end>>>\n', 1],
    ['prose in a region', '<<<region 1>>>\nI cannot say\n<<<end>>>\n', 1],
    ['markers in a region', '<<<region 1>>>\n<<<<<<< ours\na\n<<<end>>>\n', 1],
    ['only blanks', ' \n\n', 1],
  ])('%s is refused', (_name, answer, count) => {
    expect(readAnswer(answer, count, none).ok).toBe(false);
  });
});
