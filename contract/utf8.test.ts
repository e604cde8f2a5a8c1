import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unfinishedCharacter, WholeCharacters } from './utf8.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('unfinishedCharacter', () => {
  it.each([
    ['nothing', [], 0],
    ['letters', [0x61, 0x62], 0],
    ['a whole ellipsis', [0xe2, 0x80, 0xa6], 0],
    ['an ellipsis without its last byte', [0x61, 0xe2, 0x80], 2],
    ['the first byte of an ellipsis', [0x61, 0xe2], 1],
    ['a picture without its last byte', [0xf0, 0x9f, 0x98], 3],
    ['continuations without a beginning', [0x80, 0x80, 0x80, 0x80], 0],
    ['a byte that begins nothing', [0xff], 0],
  ])('%s', (_, bytes, expected) => {
    expect(unfinishedCharacter(Uint8Array.from(bytes))).toBe(expected);
  });
});

describe('WholeCharacters', () => {
  it('gives every byte, in order, and never cuts a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(5)), (text, cuts) => {
        const bytes = bytesOf(text);
        const characters = new WholeCharacters();
        const strict = new TextDecoder('utf-8', { fatal: true });
        let at = 0;
        let result = '';
        for (const cut of [...cuts, bytes.length]) {
          result += strict.decode(characters.push(bytes.subarray(at, at + cut)));
          at = Math.min(bytes.length, at + cut);
        }
        expect(result).toBe(text);
        expect(characters.isHolding).toBe(false);
      }),
    );
  });

  it('forgets what it holds when the stream begins anew', () => {
    const characters = new WholeCharacters();
    expect(characters.push(Uint8Array.of(0x61, 0xe2, 0x80))).toEqual(Uint8Array.of(0x61));
    expect(characters.isHolding).toBe(true);
    characters.reset();
    expect(characters.push(bytesOf('b'))).toEqual(bytesOf('b'));
  });
});
