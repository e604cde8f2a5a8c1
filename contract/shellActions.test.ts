import { expect, test } from 'vitest';
import { PageMessage, ShellMessage } from './shell.ts';
import { ACTION_LIMITS, type PublishedAction } from './shellActions.ts';

const pause: PublishedAction = {
  id: 'fleet.pause',
  group: 'Fleet',
  title: 'Pause fleet',
  keys: 'Alt+P',
  enabled: true,
};
const accepted = (actions: unknown): boolean => PageMessage.safeParse({ type: 'actions', actions }).success;

test('what a page publishes is taken: keys of any layout, none at all, titles in any script', () => {
  const keys = ['Mod+Shift+P', '?', 'Mod+\\', 'Alt+é', 'Mod+Alt+ArrowDown', null];
  expect(keys.map((key) => accepted([{ ...pause, keys: key }]))).toEqual(keys.map(() => true));
  expect(accepted([{ ...pause, title: 'Флот остановить & ждать…' }])).toBe(true);
  expect(accepted([])).toBe(true);
});

test.each([
  ['no list', 'fleet.pause'],
  ['an id that is none', [{ ...pause, id: 'rm -rf /' }]],
  ['an id without an end', [{ ...pause, id: `a.${'b'.repeat(ACTION_LIMITS.id)}` }]],
  ['an id twice', [pause, pause]],
  ['a group of its own', [{ ...pause, group: 'File' }]],
  ['an empty title', [{ ...pause, title: '' }]],
  ['a title of two lines', [{ ...pause, title: 'Pause\nQuit' }]],
  ['a title that turns the writing round', [{ ...pause, title: 'Pause \u202etiuQ' }]],
  ['a title without an end', [{ ...pause, title: 'x'.repeat(ACTION_LIMITS.title + 1) }]],
  ['a title that is no text', [{ ...pause, title: { toString: 'Pause' } }]],
  ['a modifier of the system', [{ ...pause, keys: 'Super+L' }]],
  ['keys with a control character', [{ ...pause, keys: 'Mod+\u0000' }]],
  ['keys without an end', [{ ...pause, keys: 'K'.repeat(ACTION_LIMITS.keys + 1) }]],
  ['enabled that is no truth', [{ ...pause, enabled: 'yes' }]],
  [
    'more than there can be',
    Array.from({ length: ACTION_LIMITS.count + 1 }, (_, index) => ({ ...pause, id: `a.${index}` })),
  ],
])('%s is refused', (_, actions) => expect(accepted(actions)).toBe(false));

test('a role smuggled into an action does not come through', () => {
  const read = PageMessage.parse({ type: 'actions', actions: [{ ...pause, role: 'quit', click: 'x' }] });
  expect(read).toEqual({ type: 'actions', actions: [pause] });
});

test.each(['rm -rf', '', 'palette', '__proto__', `a.${'b'.repeat(80)}`])('the wish %j is none', (action) =>
  expect(ShellMessage.safeParse({ type: 'action', action }).success).toBe(false),
);
