import { describe, expect, test } from 'vitest';
import roomTokens from '../styles/tokens.css?raw';
import { TERMINAL_COLOURS } from './theme.ts';
import tokens from './tokens.css?raw';

function block(css: string, theme: string): ReadonlyMap<string, string> {
  const start = css.indexOf(`[data-theme="${theme}"]`);
  const body = css.slice(css.indexOf('{', start) + 1, css.indexOf('}', start));
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

describe.each(['dark', 'light'])('%s terminal', (theme) => {
  const own = block(tokens, theme);
  const room = block(roomTokens, theme);
  const surface = room.get('surface-base') ?? '';
  const text = room.get('text') ?? '';

  test.each(TERMINAL_COLOURS.map((colour) => colour.token))('%s reaches AA on the terminal surface', (token) =>
    expect(contrast(own.get(token) ?? surface, surface)).toBeGreaterThanOrEqual(4.5),
  );

  test.each(['terminal-selection', 'terminal-match', 'terminal-match-current'])('text stays readable on %s', (token) =>
    expect(contrast(text, own.get(token) ?? text)).toBeGreaterThanOrEqual(4.5),
  );
});
