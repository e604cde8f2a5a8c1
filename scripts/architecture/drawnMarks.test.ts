import { expect, test } from 'vitest';
import { isTest, readSources } from './sources.ts';

/**
 * Arrows, ticks, crosses, shapes and notes: the typefaces that come with the room have none of them, so that each machine
 * would show letters of its own, or boxes. They are drawn (renderer/components/Glyph.tsx). Written out or as an escape.
 */
const LETTERS = /[\u2016\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff]|\p{Extended_Pictographic}/u;
const ESCAPES = /\\u\{?(?:2016|2[13][0-9a-f]{2}|2[567][0-9a-f]{2}|29[0-7][0-9a-f]|2b[0-9a-f]{2})/i;

/** The keys of a Mac's keyboard, in the letters its own typeface has. */
const KEYS_OF_A_MAC = 'renderer/actions/shortcutNames.ts';

/** What is left of a text without its comments; strings and templates stay. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

function marks(text: string): readonly string[] {
  return withoutComments(text)
    .split('\n')
    .flatMap((line, index) => (LETTERS.test(line) || ESCAPES.test(line) ? [`${index + 1}: ${line.trim()}`] : []));
}

test('a mark is found as a letter, as an escape and in a template, and not in a comment', () => {
  expect(marks("const done = '✓';\n// ✓ is drawn\nconst to = `a → b`;")).toHaveLength(2);
  expect(marks("const dead = '\\u2715';\nconst half = '\\u{25d0}';")).toHaveLength(2);
  expect(marks("const plain = 'yes – no · 2 × 3 …';")).toEqual([]);
});

test('marks people see are drawn, never letters of a typeface', async () => {
  const sources = await readSources((path) => /^renderer\/.*\.(?:tsx?|css|html)$/.test(path) && !isTest(path));
  expect(sources.length).toBeGreaterThan(200);
  const found = sources
    .filter(({ path }) => path !== KEYS_OF_A_MAC)
    .flatMap(({ path, text }) => marks(text).map((line) => `${path}:${line}`));
  expect(found).toEqual([]);
});
