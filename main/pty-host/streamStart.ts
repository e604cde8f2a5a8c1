import { unfinishedCharacter } from '../../contract/utf8.ts';
import type { OutputRing } from './outputRing.ts';
import type { OutputPlace } from './screenModel.ts';

/** Bytes looked back for the beginning of a sequence: longer ones are pictures and pasted texts, of which nothing is drawn. */
const LOOK_BACK_BYTES = 64 * 1024;
const ESCAPE = 0x1b;
/** First byte of the sequences' beginnings of one character, U+0080 to U+009F. */
const C1_LEAD = 0xc2;
const C1_LAST = 0x9f;

/**
 * Where the stream of a viewer has to begin that gets a screen drawn up to `offset`: there, unless a character or an escape
 * sequence is cut there. Nothing of that is on the screen yet, and its second half alone would be drawn as letters.
 * @param place where the output ended at that offset.
 */
export function streamStart(ring: OutputRing, offset: number, place: OutputPlace): number {
  const from = Math.max(ring.start, offset - LOOK_BACK_BYTES);
  const bytes = place === 'between' ? null : ring.read(from, offset - from);
  if (bytes === null) return offset;
  return place === 'inCharacter' ? offset - unfinishedCharacter(bytes) : from + sequenceStart(bytes);
}

function sequenceStart(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0; at -= 1) {
    if (bytes[at] === ESCAPE) return at;
    const next = bytes[at + 1] ?? 0;
    if (bytes[at] === C1_LEAD && next >= 0x80 && next <= C1_LAST) return at;
  }
  return bytes.length;
}
