import { expect, test } from 'vitest';
import { createSharedWidths, type WidthCache } from './sharedWidths.ts';

function cache(font = 'mono', width = 8): WidthCache & { readonly measured: string[] } {
  const measured: string[] = [];
  return {
    measured,
    _font: font,
    _fontSize: 13,
    _weight: 400,
    _weightBold: 600,
    _measure(characters, variant) {
      measured.push(`${characters}${variant}`);
      return width;
    },
  };
}

test('a character is measured by the first terminal in its type and by no other', () => {
  const share = createSharedWidths(() => 1);
  const first = cache();
  const second = cache();
  share(first);
  share(second);
  for (const terminal of [first, second, first]) expect(terminal._measure('a', 0)).toBe(8);
  expect(second._measure('a', 1)).toBe(8);
  expect([first.measured, second.measured]).toEqual([['a0'], ['a1']]);
});

test('another typeface or scale is measured anew', () => {
  let scale = 1;
  const share = createSharedWidths(() => scale);
  const first = cache();
  const other = cache('system', 7);
  share(first);
  share(other);
  expect([first._measure('a', 0), other._measure('a', 0)]).toEqual([8, 7]);
  scale = 2;
  first._measure('a', 0);
  expect(first.measured).toEqual(['a0', 'a0']);
});

test('what was not in sight, and what another typeface may still be loaded for, is not kept', () => {
  const share = createSharedWidths(() => 1);
  const hidden = cache('mono', 0);
  const shown = cache();
  share(hidden);
  share(shown);
  expect([hidden._measure('a', 0), shown._measure('a', 0)]).toEqual([0, 8]);
  for (const [characters, variant] of [
    ['я', 0],
    ['ab', 0],
    ['a', 2],
  ] as const) {
    shown._measure(characters, variant);
    shown._measure(characters, variant);
  }
  expect(shown.measured).toEqual(['a0', 'я0', 'я0', 'ab0', 'ab0', 'a2', 'a2']);
});
