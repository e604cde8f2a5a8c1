/** The part of xterm's DOM renderer that measures how wide a character is drawn; private, hence the guard in xtermInside.test.ts. */
export interface WidthCache {
  readonly _font: string;
  readonly _fontSize: number;
  readonly _weight: string | number;
  readonly _weightBold: string | number;
  _measure(characters: string, variant: number): number;
}

/** Of xterm's variants, regular and bold: their typefaces are loaded before the first terminal opens. */
const BOLD = 1;
/** Characters from here on may come from a typeface that is still to be loaded: each terminal measures its own. */
const LATIN_END = 256;

/**
 * What one terminal has measured holds for all others in the same type. Every measurement makes the browser lay the page out
 * once more, some forty of them before a terminal shows its first screen.
 *
 * @param scale how many pixels of the screen one of the page takes: widths are rounded to these.
 */
export function createSharedWidths(scale: () => number): (cache: WidthCache) => void {
  const known = new Map<string, number>();
  return (cache) => {
    const measure = cache._measure.bind(cache);
    cache._measure = (characters, variant) => {
      if (characters.length !== 1 || characters.charCodeAt(0) >= LATIN_END || variant > BOLD)
        return measure(characters, variant);
      const { _font, _fontSize, _weight, _weightBold } = cache;
      const key = [characters, variant, scale(), _fontSize, _weight, _weightBold, _font].join(' ');
      const width = known.get(key) ?? measure(characters, variant);
      // Nothing is as wide as nothing: the terminal was not in sight.
      if (width > 0) known.set(key, width);
      return width;
    };
  };
}
