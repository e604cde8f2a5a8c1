import { expect, test } from 'vitest';
import { AMBER, drawIcon, toBitmap } from './iconDrawing.ts';

const alphaAt = (pixels: Uint8Array, size: number, x: number, y: number): number =>
  pixels[(Math.floor((y / 24) * size) * size + Math.floor((x / 24) * size)) * 4 + 3] ?? 0;

test.each([16, 22, 44, 64, 256])('the sign at %i pixels has ink on its strokes and none in its corners', (size) => {
  const pixels = drawIcon(size, AMBER, false);
  expect(pixels.length).toBe(size * size * 4);
  expect(alphaAt(pixels, size, 12, 18)).toBeGreaterThan(100);
  expect(alphaAt(pixels, size, 12, 11)).toBe(0);
  expect(alphaAt(pixels, size, 0, 0)).toBe(0);
  expect(alphaAt(pixels, size, 23.9, 0)).toBe(0);
});

test('the badge is a dot with a gap around it', () => {
  const plain = drawIcon(64, AMBER, false);
  const badged = drawIcon(64, AMBER, true);
  expect(alphaAt(badged, 64, 18.5, 18.5)).toBe(255);
  expect(alphaAt(plain, 64, 20.5, 20.5)).toBe(0);
  expect(alphaAt(badged, 64, 20.5, 20.5)).toBe(255);
});

test('a bitmap is BGRA with colours multiplied by alpha', () => {
  expect([...toBitmap(new Uint8Array([200, 100, 50, 255, 200, 100, 50, 128, 9, 9, 9, 0]))]).toEqual([
    50, 100, 200, 255, 25, 50, 100, 128, 0, 0, 0, 0,
  ]);
});
