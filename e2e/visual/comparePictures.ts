import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** What a comparison found. `diff` is a picture that marks what differs; null when the sizes differ already. */
export interface Comparison {
  readonly same: boolean;
  /** One line: what differs and by how much. */
  readonly words: string;
  readonly diff: Buffer | null;
}

/** Cuts a rectangle, in pixels, out of a picture. */
export function cutOut(
  picture: Buffer,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Buffer {
  const source = PNG.sync.read(picture);
  const [left, top] = [Math.round(box.x), Math.round(box.y)];
  const part = new PNG({ width: Math.round(box.width), height: Math.round(box.height) });
  PNG.bitblt(source, part, left, top, part.width, part.height, 0, 0);
  return PNG.sync.write(part);
}

/** How far two colours may be apart, 0 to 1 (pixelmatch's measure); edges of letters are left out altogether. */
const COLOUR_DISTANCE = 0.12;
/** Differing pixels that are no difference: this share of the picture, at least so many. */
const TOLERATED = { share: 0.0004, pixels: 24 } as const;

/** Compares a picture with its baseline. Anti-aliasing may differ between machines, layout and colours may not. */
export function comparePictures(baseline: Buffer, actual: Buffer): Comparison {
  const before = PNG.sync.read(baseline);
  const now = PNG.sync.read(actual);
  if (before.width !== now.width || before.height !== now.height) {
    return {
      same: false,
      words: `its size was ${before.width}x${before.height} and is ${now.width}x${now.height}`,
      diff: null,
    };
  }
  const diff = new PNG({ width: now.width, height: now.height });
  const options = { threshold: COLOUR_DISTANCE, includeAA: false };
  const differing = pixelmatch(before.data, now.data, diff.data, now.width, now.height, options);
  const tolerated = Math.max(TOLERATED.pixels, Math.round(now.width * now.height * TOLERATED.share));
  return {
    same: differing <= tolerated,
    words: `${differing} pixels differ, ${tolerated} may`,
    diff: PNG.sync.write(diff),
  };
}
