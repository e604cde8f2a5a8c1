import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanPaste, inputPieces, pasteAsks, pasteLines } from './paste.ts';

describe('paste', () => {
  test.each([
    ['plain text', 'git status', 'git status'],
    ['tabs and line ends stay, in one form', 'a\tb\r\nc\rd\ne', 'a\tb\nc\nd\ne'],
    ['the end of a bracketed paste loses its ESC', 'x\x1b[201~rm -rf ~\n', 'x[201~rm -rf ~\n'],
    ['the eight-bit ESC goes too', 'x\x9b201~y', 'x201~y'],
    ['bells, backspaces, interrupts and DELETE go', 'a\x07\x08\x03\x7fb', 'ab'],
    ['other scripts and emoji stay', 'naïve 日本 👩‍💻', 'naïve 日本 👩‍💻'],
  ])('%s', (_, given, wanted) => expect(cleanPaste(given)).toBe(wanted));

  test('nothing that is left can control a terminal, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanPaste(text);
        const codes = [...clean].map((character) => character.codePointAt(0) ?? 0);
        expect(
          codes.every(
            (code) => code === 9 || code === 10 || (code >= 32 && code !== 127 && !(code > 127 && code < 160)),
          ),
        ).toBe(true);
        expect(cleanPaste(clean)).toBe(clean);
      }),
    );
  });

  test.each([
    ['one line', 'ls', 'shell', false],
    ['one line with its newline runs at once', 'ls\n', 'shell', true],
    ['several lines', 'a\nb', 'shell', true],
    ['several lines to an agent', 'a\nb', 'agent', false],
  ] as const)('%s: asks %s', (_, text, kind, asks) => expect(pasteAsks(text, kind)).toBe(asks));

  test('lines are counted as a shell runs them', () => {
    expect(['', 'a', 'a\n', 'a\nb\n'].map(pasteLines)).toEqual([1, 1, 2, 3]);
  });

  test('input is cut without losing a character and without cutting one in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 2, max: 9 }), (text, most) => {
        const pieces = inputPieces(text, most);
        expect(pieces.join('')).toBe(text);
        expect(pieces.every((piece) => piece.length <= most && piece.isWellFormed())).toBe(true);
      }),
    );
  });
});
