/** Bytes of the longest character in UTF-8. */
const LONGEST = 4;

/** Bytes of the character a byte begins; 0 for a byte that begins none. */
export function characterBytes(first: number): number {
  if (first < 0x80) return 1;
  if ((first & 0xe0) === 0xc0) return 2;
  if ((first & 0xf0) === 0xe0) return 3;
  return (first & 0xf8) === 0xf0 ? LONGEST : 0;
}

/** Whether a byte goes on with a character that another one began. */
export const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Bytes at the end that begin a character and do not finish it: 0 to 3. */
export function unfinishedCharacter(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return characterBytes(byte) > back ? back : 0;
  }
  return 0;
}

/**
 * Hands on a stream of bytes so that no character is cut: the beginning of one at the end of a chunk comes with the next.
 * xterm needs that. Its decoder takes a continuation byte 0x80 it has kept for none, so that of a quotation mark, a dash or
 * an ellipsis (E2 80 ..) that is cut behind the second byte nothing is left (xterm 6.0.0, input/TextDecoder).
 */
export class WholeCharacters {
  #held: Uint8Array = new Uint8Array();

  /** Whether the beginning of a character is held back. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** All that is complete by now: the chunk itself where nothing was held and nothing is. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#held.length === 0 ? chunk : joined(this.#held, chunk);
    const complete = bytes.length - unfinishedCharacter(bytes);
    // A copy: a view would keep the whole chunk alive.
    this.#held = complete === bytes.length ? new Uint8Array() : Uint8Array.from(bytes.subarray(complete));
    return bytes.subarray(0, complete);
  }

  /** Forgets what is held, for a stream of which a part is left out. */
  reset(): void {
    this.#held = new Uint8Array();
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
