import { describe, expect, it } from 'vitest';
import { DuplicateAnswers, isAllowedAnswer } from './deviceAnswers.ts';

describe('isAllowedAnswer', () => {
  it.each([
    ['primary device attributes', '\x1b[?1;2c', true],
    ['status', '\x1b[0n', true],
    ['cursor position', '\x1b[12;80R', true],
    ['secondary device attributes', '\x1b[>0;276;0c', false],
    ['a colour report', '\x1b]10;rgb:ff/ff/ff\x07', false],
    ['a key', '\x1b[A', false],
    ['an answer with keys behind it', '\x1b[0nrm', false],
    ['text', 'y', false],
  ])('%s', (_name, data, allowed) => {
    expect(isAllowedAnswer(data)).toBe(allowed);
  });
});

describe('DuplicateAnswers', () => {
  it('drops the second of two equal answers, and only with several viewers and within the window', () => {
    const answers = new DuplicateAnswers(250);
    expect(answers.isDuplicate('\x1b[0n', 2, 1_000)).toBe(false);
    expect(answers.isDuplicate('\x1b[0n', 2, 1_010)).toBe(true);
    expect(answers.isDuplicate('\x1b[1;1R', 2, 1_020)).toBe(false);
    expect(answers.isDuplicate('\x1b[1;1R', 1, 1_030)).toBe(false);
    expect(answers.isDuplicate('\x1b[1;1R', 2, 1_281)).toBe(false);
  });

  it('never drops what a person types', () => {
    const answers = new DuplicateAnswers(250);
    expect(answers.isDuplicate('y', 3, 0)).toBe(false);
    expect(answers.isDuplicate('y', 3, 1)).toBe(false);
  });
});
