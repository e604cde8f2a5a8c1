import { describe, expect, test } from 'vitest';
import { matchesShortcut, shortcutLabel } from './shortcuts.ts';

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
  ])('%s and %j on a Mac %s: %s', (shortcut, keys, mac, same) =>
    expect(matchesShortcut(shortcut, keys, mac)).toBe(same),
  );

  test('are written the way the system writes them', () => {
    expect([shortcutLabel('Mod+K', false), shortcutLabel('Mod+Shift+P', true)]).toEqual(['Ctrl K', '⌘⇧P']);
  });
});
