import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkShortcut, shortcutOf, withChoice } from './keyBindings.ts';
import { canonicalShortcut, type KeyPress, matchesShortcut, shortcutLabel, shortcutOfPress } from './shortcutNames.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe('shortcuts', () => {
  test.each([
    ['Mod+K', { ...none, key: 'k', ctrlKey: true }, false, true],
    ['Mod+K', { ...none, key: 'k', metaKey: true }, true, true],
    ['Mod+K', { ...none, key: 'k', ctrlKey: true }, true, false],
    ['Mod+K', { ...none, key: 'k', ctrlKey: true, shiftKey: true }, false, false],
    ['Mod+K', { ...none, key: 'k', ctrlKey: true, metaKey: true }, false, false],
    ['Shift+N', { ...none, key: 'N', shiftKey: true }, false, true],
    ['Shift+N', { ...none, key: 'n' }, false, false],
    ['Mod+1', { ...none, key: '1', ctrlKey: true }, false, true],
    // On a French keyboard the digits need Shift, and the key of the digit writes something else without it.
    ['Mod+1', { ...none, key: '&', code: 'Digit1', ctrlKey: true }, false, true],
    ['?', { ...none, key: '?', code: 'Slash', shiftKey: true }, false, true],
    ['?', { ...none, key: '?', code: 'KeyM', shiftKey: true }, false, true],
    // On a Russian keyboard the key of K writes another letter.
    ['Mod+K', { ...none, key: 'л', code: 'KeyK', ctrlKey: true }, false, true],
    // On a Mac Option writes other characters; the key itself is meant.
    ['Alt+L', { ...none, key: '¬', code: 'KeyL', altKey: true }, true, true],
  ])('%s and %j on a Mac %s: %s', (shortcut, keys, mac, same) =>
    expect(matchesShortcut(shortcut, keys, mac)).toBe(same),
  );

  test('are written the way the system writes them', () => {
    expect([shortcutLabel('Mod+K', false), shortcutLabel('Mod+Shift+P', true)]).toEqual(['Ctrl K', '⌘⇧P']);
    expect(shortcutLabel('Mod+Alt+ArrowRight', false)).toBe('Ctrl Alt Right');
  });

  const presses: fc.Arbitrary<KeyPress> = fc.record({
    key: fc.oneof(
      fc.constantFrom(
        'a',
        'K',
        'z',
        '1',
        '?',
        '/',
        ' ',
        'F5',
        'ArrowLeft',
        'Enter',
        'Shift',
        'Control',
        'Dead',
        'л',
        '&',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    code: fc.constantFrom('KeyA', 'KeyK', 'Digit1', 'Slash', ''),
    ctrlKey: fc.boolean(),
    metaKey: fc.boolean(),
    altKey: fc.boolean(),
    shiftKey: fc.boolean(),
  });

  test('a recorded press is its own shortcut, in one spelling', () => {
    fc.assert(
      fc.property(presses, fc.boolean(), (press, mac) => {
        const shortcut = shortcutOfPress(press, mac);
        if (shortcut === null) return;
        expect(matchesShortcut(shortcut, press, mac)).toBe(true);
        expect(canonicalShortcut(shortcut)).toBe(shortcut);
      }),
    );
  });

  test('no press is two different shortcuts', () => {
    fc.assert(
      fc.property(presses, presses, fc.boolean(), (left, right, mac) => {
        const [one, other] = [shortcutOfPress(left, mac), shortcutOfPress(right, mac)];
        if (one === null || other === null || one === other) return;
        expect(matchesShortcut(one, right, mac)).toBe(false);
        expect(matchesShortcut(other, left, mac)).toBe(false);
      }),
    );
  });

  test('a modifier alone, a dead key and the other modifier of the system are no shortcut', () => {
    expect(shortcutOfPress({ ...none, key: 'Control', ctrlKey: true }, false)).toBeNull();
    expect(shortcutOfPress({ ...none, key: 'Dead' }, false)).toBeNull();
    expect(shortcutOfPress({ ...none, key: 'k', metaKey: true }, false)).toBeNull();
    expect(shortcutOfPress({ ...none, key: 'k', ctrlKey: true }, true)).toBeNull();
  });
});

describe('keys a person chooses', () => {
  const nudge = { id: 'agent.nudge', shortcut: 'Shift+N' };
  const others = [
    { id: 'agent.nudge', title: 'Nudge', shortcut: 'Shift+N' },
    { id: 'palette.open', title: 'Command palette', shortcut: 'Mod+K' },
    { id: 'view.theme', title: 'Theme', shortcut: undefined },
  ];
  const refusal = (shortcut: string): string | null => {
    const checked = checkShortcut(shortcut, nudge, others, false);
    return checked.ok ? null : checked.error.message;
  };

  test.each([
    ['Mod+K', 'Ctrl K already belongs to "Command palette"; change that one first.'],
    ['Mod+C', 'Ctrl C belongs to editing text; choose another key.'],
    ['Tab', 'Tab moves and chooses everywhere; choose another key.'],
    ['N', 'N alone belongs to the lists; add Ctrl, Alt or Shift.'],
  ])('%s is refused with one line', (shortcut, line) => expect(refusal(shortcut)).toBe(line));

  test.each(['Shift+N', 'Mod+Shift+K', 'Alt+N', 'F8', '/'])('%s may be had', (shortcut) =>
    expect(refusal(shortcut)).toBeNull(),
  );

  test('no choice leaves the action its own keys, an empty one takes them away, its own ones are no choice', () => {
    expect(shortcutOf(nudge, {})).toBe('Shift+N');
    const removed = withChoice({}, nudge, '');
    expect(shortcutOf(nudge, removed)).toBeUndefined();
    const changed = withChoice(removed, nudge, 'Alt+N');
    expect(shortcutOf(nudge, changed)).toBe('Alt+N');
    expect(withChoice(changed, nudge, 'Shift+N')).toEqual({});
  });
});
