import { secondsText } from '../../platform/castFiles.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
/** Bytes the longest escape takes: `\u001b`. */
const LONGEST_ESCAPE = 6;
/** Bytes around the data: brackets, time and kind. */
const FRAME_BYTES = 48;

/** Escapes of JSON by byte; undefined for bytes that stand for themselves. */
const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  byte < FIRST_PLAIN || byte === QUOTE || byte === BACKSLASH
    ? Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : undefined,
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
  let at = start + target.write(`[${secondsText(milliseconds)},"o","`, start, 'latin1');
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    const escaped = ESCAPES[byte];
    if (escaped === undefined) {
      target[at] = byte;
      at += 1;
      continue;
    }
    target.set(escaped, at);
    at += escaped.length;
  }
  return at + target.write('"]\n', at, 'latin1');
}
