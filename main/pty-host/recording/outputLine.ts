import { secondsText } from '../../platform/castFiles.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
const LETTER_U = 0x75;
const ZERO = 0x30;
/** Bytes the longest escape takes: `\u001b`. */
const LONGEST_ESCAPE = 6;
/** Bytes around the data: brackets, time and kind. */
const FRAME_BYTES = 48;

/** Second character of the short escapes of JSON, by byte; 0 for bytes that have none. */
const SHORT = new Uint8Array(BACKSLASH + 1);
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const)
  SHORT[byte] = letter.charCodeAt(0);
const DIGITS = Buffer.from('0123456789abcdef');
/** 1 for bytes that stand for themselves. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Bytes a line of output takes at most. */
export function longestLine(bytes: number): number {
  return bytes * LONGEST_ESCAPE + FRAME_BYTES;
}

/**
 * Writes a line of output (`castLine` in main/platform/castFiles.ts says which) straight from valid UTF-8: as fast as through
 * strings, and without their garbage, of which a flood would make hundreds of megabytes.
 * @param milliseconds since the segment began. @returns the place behind the line.
 */
export function writeOutputLine(target: Buffer, start: number, milliseconds: number, bytes: Uint8Array): number {
  const begin = start + target.write(`[${secondsText(milliseconds)},"o","`, start, 'latin1');
  // Plain arrays of one kind: the loop below sees every recorded byte.
  const end = escapeInto(
    new Uint8Array(target.buffer, target.byteOffset, target.length),
    begin,
    new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
  );
  return end + target.write('"]\n', end, 'latin1');
}

/** Four bytes at a time, since most need no escape. */
function escapeInto(target: Uint8Array, start: number, bytes: Uint8Array): number {
  const size = bytes.length;
  let at = start;
  let index = 0;
  for (; index < size - 3; index += 4) {
    const first = bytes[index] ?? 0;
    const second = bytes[index + 1] ?? 0;
    const third = bytes[index + 2] ?? 0;
    const fourth = bytes[index + 3] ?? 0;
    if (((PLAIN[first] ?? 0) & (PLAIN[second] ?? 0) & (PLAIN[third] ?? 0) & (PLAIN[fourth] ?? 0)) !== 0) {
      target[at] = first;
      target[at + 1] = second;
      target[at + 2] = third;
      target[at + 3] = fourth;
      at += 4;
      continue;
    }
    at = put(target, at, first);
    at = put(target, at, second);
    at = put(target, at, third);
    at = put(target, at, fourth);
  }
  for (; index < size; index += 1) at = put(target, at, bytes[index] ?? 0);
  return at;
}

/** Writes one byte, escaped where JSON wants it, and gives the place behind it. */
function put(target: Uint8Array, at: number, byte: number): number {
  if (PLAIN[byte] !== 0) {
    target[at] = byte;
    return at + 1;
  }
  const short = SHORT[byte] ?? 0;
  target[at] = BACKSLASH;
  if (short !== 0) {
    target[at + 1] = short;
    return at + 2;
  }
  // As in \u001b: only what is below 0x20 comes here.
  target[at + 1] = LETTER_U;
  target[at + 2] = ZERO;
  target[at + 3] = ZERO;
  target[at + 4] = DIGITS[byte >> 4] ?? 0;
  target[at + 5] = DIGITS[byte & 15] ?? 0;
  return at + LONGEST_ESCAPE;
}
