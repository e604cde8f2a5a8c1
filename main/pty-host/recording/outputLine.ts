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
  let at = start + target.write(`[${secondsText(milliseconds)},"o","`, start, 'latin1');
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH) {
      target[at] = byte;
      at += 1;
      continue;
    }
    const short = SHORT[byte] ?? 0;
    target[at] = BACKSLASH;
    if (short !== 0) {
      target[at + 1] = short;
      at += 2;
      continue;
    }
    // As in \u001b: only what is below 0x20 comes here.
    target[at + 1] = LETTER_U;
    target[at + 2] = ZERO;
    target[at + 3] = ZERO;
    target[at + 4] = DIGITS[byte >> 4] ?? 0;
    target[at + 5] = DIGITS[byte & 15] ?? 0;
    at += LONGEST_ESCAPE;
  }
  return at + target.write('"]\n', at, 'latin1');
}
