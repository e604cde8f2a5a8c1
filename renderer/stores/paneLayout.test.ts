import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MOST_PANES,
  type PaneLayout,
  PaneLayoutSchema,
  panesIn,
  prunePanes,
  putTerminal,
  splitKey,
  splitPane,
} from './paneLayout.ts';

const layouts = fc.letrec<{ layout: PaneLayout }>((tie) => ({
  layout: fc.oneof(
    { depthSize: 'small' },
    fc.record({ pane: fc.nat(20), terminal: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h') }),
    fc.record({ split: fc.constantFrom('right', 'down'), first: tie('layout'), second: tie('layout') }),
  ),
})).layout;

describe('a division of the screen', () => {
  test('pruned, shows no terminal twice, none that is unwanted, and never too many', () => {
    fc.assert(
      fc.property(layouts, fc.constantFrom('a', 'b', 'c'), (layout, unwanted) => {
        const shown = panesIn(prunePanes(layout, (terminal) => terminal !== unwanted)).map((pane) => pane.terminal);
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown).not.toContain(unwanted);
        expect(shown.length).toBeLessThanOrEqual(MOST_PANES);
        const wanted = new Set(panesIn(layout).map((pane) => pane.terminal));
        wanted.delete(unwanted);
        expect(shown.length).toBe(Math.min(wanted.size, MOST_PANES));
      }),
    );
  });

  test('of which nothing goes stays the very same', () => {
    const layout = splitPane({ pane: 0, terminal: 'a' }, 0, 'down', 'b').layout;
    expect(prunePanes(layout, () => true)).toBe(layout);
  });

  test('is kept as JSON and read back', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        expect(PaneLayoutSchema.parse(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
      }),
    );
    expect(PaneLayoutSchema.safeParse({ split: 'up', first: {}, second: {} }).success).toBe(false);
  });

  test('divides one pane and leaves the others', () => {
    const one: PaneLayout = { pane: 4, terminal: 'a' };
    const { layout, added } = splitPane(one, 4, 'right', 'b');
    expect(added).toBe(5);
    expect(layout).toEqual({ split: 'right', first: one, second: { pane: 5, terminal: 'b' } });
    const three = splitPane(layout, 5, 'down', 'c').layout;
    expect(panesIn(three).map((pane) => pane.terminal)).toEqual(['a', 'b', 'c']);
    expect(panesIn(putTerminal(three, 5, 'd')).map((pane) => pane.terminal)).toEqual(['a', 'd', 'c']);
  });

  test('names its splits apart', () => {
    const layout = splitPane(splitPane({ pane: 0, terminal: 'a' }, 0, 'right', 'b').layout, 1, 'down', 'c').layout;
    expect('split' in layout && splitKey(layout)).toBe('right-0-1');
    expect('split' in layout && 'split' in layout.second && splitKey(layout.second)).toBe('down-1-2');
  });
});
