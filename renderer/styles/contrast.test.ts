import { describe, expect, test } from 'vitest';
import tokens from './tokens.css?raw';

function block(theme: string): ReadonlyMap<string, string> {
  const start = tokens.indexOf(`[data-theme="${theme}"]`);
  const body = tokens.slice(tokens.indexOf('{', start) + 1, tokens.indexOf('}', start));
  return new Map(
    [...body.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})\s*;/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [light = 0, dark = 0] = [luminance(left), luminance(right)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['surface-base', 'surface-panel', 'surface-raised', 'surface-hover'];
const TEXTS = [
  'text',
  'text-muted',
  'text-faint',
  'accent',
  'state-starting',
  'state-working',
  'state-in-turn',
  'state-resting',
  'state-needs-you',
  'state-stalled',
  'state-dead',
  'state-done',
  'code-add',
  'code-remove',
];

describe.each([
  ['dark', block('dark')],
  ['light', block('light')],
])('%s theme', (_, theme) => {
  const colour = (name: string): string => {
    const value = theme.get(name);
    if (value === undefined) throw new Error(`tokens.css has no --${name}`);
    return value;
  };
  test.each(TEXTS.flatMap((text) => SURFACES.map((surface) => [text, surface] as const)))(
    '%s on %s reaches AA for text',
    (text, surface) => expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(4.5),
  );
  test.each([
    ['accent', 'surface-accent'],
    ['text', 'surface-accent'],
    ['text-muted', 'surface-accent'],
    ['text', 'surface-danger'],
    ['text-muted', 'surface-danger'],
    ['state-dead', 'surface-danger'],
    ['accent-on-fill', 'accent-fill'],
  ])('%s on %s reaches AA for text', (text, surface) =>
    expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(4.5),
  );
  test.each(SURFACES)('the focus ring reaches AA for shapes on %s', (surface) =>
    expect(contrast(colour('focus-ring'), colour(surface))).toBeGreaterThanOrEqual(3),
  );
});
