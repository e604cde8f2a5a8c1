import { describe, expect, test } from 'vitest';
import { contrast, themeColours } from '../testing/contrast.ts';
import tokens from './tokens.css?raw';

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
  'replay',
  'code-add',
  'code-remove',
];

describe.each([
  ['dark', themeColours(tokens, 'dark')],
  ['light', themeColours(tokens, 'light')],
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
    ['text', 'surface-replay'],
    ['text-muted', 'surface-replay'],
    ['replay', 'surface-replay'],
    ['accent', 'surface-replay'],
    ['accent-on-fill', 'accent-fill'],
    ['text', 'surface-selected'],
    ['text-muted', 'surface-selected'],
  ])('%s on %s reaches AA for text', (text, surface) =>
    expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(4.5),
  );
  test.each(['focus-ring', 'control-line'].flatMap((line) => SURFACES.map((surface) => [line, surface] as const)))(
    '%s reaches AA for shapes on %s',
    (line, surface) => expect(contrast(colour(line), colour(surface))).toBeGreaterThanOrEqual(3),
  );
  test.each(['state-working', 'state-stalled', 'state-dead', 'text-faint', 'text'])(
    '%s as a shape stands out from the track it fills',
    (shape) => expect(contrast(colour(shape), colour('track'))).toBeGreaterThanOrEqual(3),
  );
});
