import { describe, expect, test } from 'vitest';
import roomTokens from '../styles/tokens.css?raw';
import { contrast, themeColours } from '../testing/contrast.ts';
import { TERMINAL_COLOURS } from './theme.ts';
import tokens from './tokens.css?raw';

describe.each(['dark', 'light'])('%s terminal', (theme) => {
  const own = themeColours(tokens, theme);
  const room = themeColours(roomTokens, theme);
  const surface = room.get('surface-base') ?? '';
  const text = room.get('text') ?? '';

  test.each(TERMINAL_COLOURS.map((colour) => colour.token))('%s reaches AA on the terminal surface', (token) =>
    expect(contrast(own.get(token) ?? surface, surface)).toBeGreaterThanOrEqual(4.5),
  );

  test.each(['terminal-selection', 'terminal-match', 'terminal-match-current'])('text stays readable on %s', (token) =>
    expect(contrast(text, own.get(token) ?? text)).toBeGreaterThanOrEqual(4.5),
  );
});
