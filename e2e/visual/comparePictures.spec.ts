import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { comparePictures } from './comparePictures.ts';

const SIZE = { width: 200, height: 100 } as const;

/** A dark picture with a light bar of 60x10 pixels, whose colour and place can differ, and whose edge can be softer. */
function picture(bar: {
  readonly left: number;
  readonly top: number;
  readonly light: number;
  readonly edge?: number;
}): Buffer {
  const png = new PNG(SIZE);
  for (let y = 0; y < SIZE.height; y += 1) {
    for (let x = 0; x < SIZE.width; x += 1) {
      const inside = x >= bar.left && x < bar.left + 60 && y >= bar.top && y < bar.top + 10;
      const onEdge = bar.edge !== undefined && !inside && x === bar.left + 60 && y >= bar.top && y < bar.top + 10;
      const value = inside ? bar.light : onEdge ? (bar.edge ?? 0) : 16;
      png.data.set([value, value, value, 255], (y * SIZE.width + x) * 4);
    }
  }
  return PNG.sync.write(png);
}

const baseline = picture({ left: 20, top: 20, light: 230 });

test('a picture is its own baseline', () => {
  expect(comparePictures(baseline, baseline).same).toBe(true);
});

test('a softer edge is the same picture', () => {
  expect(comparePictures(baseline, picture({ left: 20, top: 20, light: 230, edge: 90 })).same).toBe(true);
});

test.each([
  ['moved by two pixels', picture({ left: 20, top: 22, light: 230 })],
  ['in another colour', picture({ left: 20, top: 20, light: 150 })],
])('a bar %s is another picture', (_, actual) => {
  const compared = comparePictures(baseline, actual);
  expect(compared.same).toBe(false);
  expect(compared.words).toMatch(/^\d+ pixels differ, 24 may$/);
  expect(compared.diff).not.toBeNull();
});

test('another size is another picture', () => {
  const small = PNG.sync.write(new PNG({ width: 10, height: 10 }));
  expect(comparePictures(baseline, small).words).toBe('its size was 200x100 and is 10x10');
});
