import { expect, it } from 'vitest';
import { OutputRing } from './outputRing.ts';
import type { OutputPlace } from './screenModel.ts';
import { streamStart } from './streamStart.ts';

it.each<[text: string, place: OutputPlace, rest: string]>([
  ['plain', 'between', ''],
  ['\x1b[31mred', 'between', ''],
  ['red \x1b[3', 'inSequence', '\x1b[3'],
  ['\x1b[2Jdrawn \x1b]0;a title', 'inSequence', '\x1b]0;a title'],
  ['drawn \u009b3', 'inSequence', '\u009b3'],
])('a stream goes on where %j, which ends %s, is cut', (text, place, rest) => {
  const ring = new OutputRing(1024);
  ring.append(Buffer.from(text));
  const start = streamStart(ring, ring.total, place);
  expect(Buffer.from(ring.read(start, 100) ?? []).toString()).toBe(rest);
});

it('a cut character is begun again', () => {
  const ring = new OutputRing(1024);
  ring.append(Uint8Array.of(0x61, 0xe2, 0x80));
  expect(streamStart(ring, 3, 'inCharacter')).toBe(1);
});

it('a sequence whose beginning is not known any more goes on where it is', () => {
  const ring = new OutputRing(1024);
  ring.append(Buffer.from('x'.repeat(5_000)));
  expect(streamStart(ring, 5_000, 'inSequence')).toBe(5_000);
});
