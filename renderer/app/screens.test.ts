import { expect, test } from 'vitest';
import { agentActions } from '../actions/agentActions.tsx';
import { roomActions } from '../actions/roomActions.tsx';
import { canonicalShortcut } from '../actions/shortcutNames.ts';
import { SCREENS } from '../stores/preferences.ts';
import { SCREEN_COMPONENTS, screenActions } from './screens.tsx';

const actions = [...roomActions, ...agentActions, ...screenActions];

test('every action has its own id, and no two of them the same keys', () => {
  const twice = (names: readonly string[]) => names.filter((name, index) => names.indexOf(name) !== index);
  expect(twice(actions.map(({ id }) => id))).toEqual([]);
  const keys = actions.flatMap(({ shortcut }) => (shortcut === undefined ? [] : [shortcut]));
  expect(twice(keys.map(canonicalShortcut))).toEqual([]);
  expect(keys).toEqual(keys.map(canonicalShortcut));
});

test('every screen of the rail has a component and an action that brings it to the front', () => {
  const ids = new Set(actions.map(({ id }) => id));
  for (const screen of SCREENS) {
    expect(SCREEN_COMPONENTS[screen], screen).toBeDefined();
    expect(ids.has(`go.${screen}`), screen).toBe(true);
  }
});
