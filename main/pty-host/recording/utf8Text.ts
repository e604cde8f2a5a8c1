import { isUtf8 } from 'node:buffer';
import { characterBytes, isContinuation, WholeCharacters } from '../../../contract/utf8.ts';

/**
 * Turns chunks of bytes, cut anywhere, into text. What is no UTF-8 is dropped exactly as the screen model drops it
 * (a wrong continuation is read again as a beginning; surrogates and overlong forms go), so that the text draws the same
 * screen as the bytes did. One thing differs: the screen model takes an overlong form that is cut by a chunk for a
 * character, depending on where the cut is.
 */
export class Utf8Text {
  readonly #characters = new WholeCharacters();

  /** Text of everything that is complete by now, as valid UTF-8; a part of the chunk itself where nothing is wrong with it. */
  push(chunk: Uint8Array): Uint8Array {
    const whole = this.#characters.push(chunk);
    return isUtf8(whole) ? whole : salvage(whole);
  }

  /** Forgets the beginning of a character, for a stream of which a part is left out. */
  reset(): void {
    this.#characters.reset();
  }
}

function salvage(bytes: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterBytes(bytes[at] ?? 0);
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
