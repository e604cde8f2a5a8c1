/** The product's sign, a tree, as strokes in a 24 x 24 square: the same drawing as renderer/app/icon.svg. */
const STROKES: readonly (readonly (readonly [number, number])[])[] = [
  [
    [12, 3],
    [7.2, 9.2],
    [9.6, 9.2],
    [5, 15.6],
    [19, 15.6],
    [14.4, 9.2],
    [16.8, 9.2],
    [12, 3],
  ],
  [
    [12, 15.6],
    [12, 21],
  ],
];
const GRID = 24;
const STROKE_WIDTH = 1.75;
/** Badge: a dot in the lower right corner with a gap around it. */
const BADGE = { x: 18.5, y: 18.5, radius: 4.2, gap: 1.4 };

export type Colour = readonly [red: number, green: number, blue: number];

/** Amber of the accent, `--accent-fill` of renderer/styles/tokens.css. */
export const AMBER: Colour = [0xed, 0xa1, 0x3f];
/** For macOS, which colours template images itself. */
export const BLACK: Colour = [0, 0, 0];

/**
 * Draws the sign into RGBA bytes, not premultiplied, row by row. Pure: same input, same picture.
 * @param size edge in pixels.
 * @param badge whether something waits for a person.
 */
export function drawIcon(size: number, colour: Colour, badge: boolean): Uint8Array {
  const pixels = new Uint8Array(size * size * 4);
  const scale = GRID / size;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const x = (column + 0.5) * scale;
      const y = (row + 0.5) * scale;
      const coverage = Math.round(255 * coverageAt(x, y, scale, badge));
      if (coverage > 0) pixels.set([...colour, coverage], (row * size + column) * 4);
    }
  }
  return pixels;
}

/** How much of the pixel around a point is ink, 0 to 1; `softness` is a pixel's width in grid units. */
function coverageAt(x: number, y: number, softness: number, badge: boolean): number {
  const tree = ink(distanceToStrokes(x, y) - STROKE_WIDTH / 2, softness);
  if (!badge) return tree;
  const fromCentre = Math.hypot(x - BADGE.x, y - BADGE.y);
  const dot = ink(fromCentre - BADGE.radius, softness);
  const clear = ink(fromCentre - BADGE.radius - BADGE.gap, softness);
  return Math.max(dot, tree * (1 - clear));
}

function ink(distance: number, softness: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance / softness));
}

function distanceToStrokes(x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const stroke of STROKES) {
    for (const [index, from] of stroke.entries()) {
      const to = stroke[index + 1];
      if (to !== undefined) least = Math.min(least, distanceToSegment(x, y, from, to));
    }
  }
  return least;
}

function distanceToSegment(
  x: number,
  y: number,
  from: readonly [number, number],
  to: readonly [number, number],
): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const along = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
}

/** RGBA to what Electron's bitmaps are made of: BGRA, premultiplied. */
export function toBitmap(rgba: Uint8Array): Uint8Array {
  const bitmap = new Uint8Array(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] ?? 0;
    const scaled = (index: number): number => Math.round(((rgba[at + index] ?? 0) * alpha) / 255);
    bitmap.set([scaled(2), scaled(1), scaled(0), alpha], at);
  }
  return bitmap;
}
