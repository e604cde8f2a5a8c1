import { isUtf8 } from 'node:buffer';

/** Bytes of the longest character. */
const LONGEST = 4;

/**
 * Turns chunks of bytes, cut anywhere, into text. What is no UTF-8 is dropped exactly as the screen model drops it
 * (a wrong continuation is read again as a beginning; surrogates and overlong forms go), so that the text draws the same
 * screen as the bytes did. One thing differs: the screen model takes an overlong form that is cut by a chunk for a
 * character, depending on where the cut is.
 */
export class Utf8Text {
  #pending: Uint8Array = new Uint8Array();

  /** Text of everything that is complete by now, as valid UTF-8; a part of the chunk itself where nothing is wrong with it. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes =
      this.#pending.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([this.#pending, chunk]);
    const complete = bytes.length - unfinished(bytes);
    // A copy: a view would keep the whole chunk alive.
    this.#pending = complete === bytes.length ? new Uint8Array() : Uint8Array.from(bytes.subarray(complete));
    const whole = bytes.subarray(0, complete);
    return isUtf8(whole) ? whole : salvage(whole);
  }

  /** Forgets the beginning of a character, for a stream of which a part is left out. */
  reset(): void {
    this.#pending = new Uint8Array();
  }
}

/** Length of the character the first byte begins; 0 for a byte that begins none. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if ((first & 0xe0) === 0xc0) return 2;
  if ((first & 0xf0) === 0xe0) return 3;
  return (first & 0xf8) === 0xf0 ? LONGEST : 0;
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Bytes at the end that begin a character and do not finish it. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

function salvage(bytes: Buffer): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOf(bytes[at] ?? 0);
    let following = 1;
    while (following < length && isContinuation(bytes[at + following] ?? 0)) following += 1;
    if (length > 0 && following === length) {
      const character = bytes.subarray(at, at + length);
      if (isUtf8(character)) kept.push(...character);
    }
    at += following;
  }
  return Buffer.from(kept);
}
