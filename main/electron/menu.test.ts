import { expect, test } from 'vitest';
import type { PublishedAction } from '../../contract/shellActions.ts';
import { acceleratorOf } from './accelerators.ts';
import { menuTemplate } from './menu.ts';

type Item = Electron.MenuItemConstructorOptions;

function flatten(items: readonly Item[]): Item[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}

const idle = { openProject: () => {}, act: () => {}, quit: () => {} };
const action = (id: string, more: Partial<PublishedAction> = {}): PublishedAction => ({
  id,
  group: 'Fleet',
  title: id,
  keys: null,
  enabled: true,
  ...more,
});

/** Presses an entry: with the pointer, or by the key that the menu shows for it. */
function press(item: Item | undefined, triggeredByAccelerator: boolean): void {
  item?.click?.({} as Electron.MenuItem, undefined, { triggeredByAccelerator } as Electron.KeyboardEvent);
}

test('before the page has spoken there are the entries of the system and the way to a project only', () => {
  const template = menuTemplate([], idle, 'linux', true);
  expect(template.map((item) => item.role ?? item.label)).toEqual(['&Project', 'editMenu', '&View', 'windowMenu']);
  const ours = flatten(template).filter((item) => item.click !== undefined);
  expect(ours.map((item) => item.label)).toEqual(['Open Project…', 'Quit']);
});

test('what is published stands under its group, in the order of the groups; an empty group has no submenu', () => {
  const template = menuTemplate(
    [
      action('merge.all', { group: 'Merge' }),
      action('go.fleet', { group: 'Go to' }),
      action('go.mail', { group: 'Go to' }),
      action('view.tree', { group: 'View' }),
      action('project.switch', { group: 'Project' }),
    ],
    idle,
    'linux',
    true,
  );
  expect(template.map((item) => item.role ?? item.label)).toEqual([
    '&Project',
    'editMenu',
    '&View',
    'Go to',
    'Merge',
    'windowMenu',
  ]);
  const under = (label: string): readonly unknown[] => {
    const found = template.find((item) => item.label === label)?.submenu;
    return Array.isArray(found) ? found.map((item) => item.role ?? item.label ?? item.type) : [];
  };
  expect(under('Go to')).toEqual(['go.fleet', 'go.mail']);
  expect(under('&Project')).toEqual(['Open Project…', 'project.switch', 'separator', 'close', 'Quit']);
  expect(under('&View').slice(0, 2)).toEqual(['view.tree', 'separator']);
});

test.each([
  [
    'keys the page handles',
    { keys: 'Mod+K' },
    { accelerator: 'CmdOrCtrl+K', registerAccelerator: false, label: 'a.b' },
  ],
  ['no keys', {}, { label: 'a.b' }],
  ['keys a menu cannot show', { keys: 'Mod+é' }, { label: 'a.b (Ctrl+é)' }],
  ['an ampersand', { title: 'Stop & go' }, { label: 'Stop && go' }],
  ['not now', { enabled: false }, { enabled: false }],
] as const)('an entry with %s', (_, more, shown) => {
  const items = flatten(menuTemplate([action('a.b', more)], idle, 'linux', true));
  const item = items.find((one) => one.id === 'action:a.b');
  expect(item).toMatchObject(shown);
  expect('accelerator' in (item ?? {})).toBe('accelerator' in shown);
});

test('a click sends the id; the key shown beside it sends nothing, because the page has had it', () => {
  const sent: string[] = [];
  const items = flatten(
    menuTemplate([action('a.b', { keys: 'Mod+J' })], { ...idle, act: (id) => sent.push(id) }, 'darwin', true),
  );
  const item = items.find((one) => one.id === 'action:a.b');
  press(item, true);
  expect(sent).toEqual([]);
  press(item, false);
  expect(sent).toEqual(['a.b']);
});

test('opening a project is there once, and again only under keys of its own', () => {
  const count = (keys: string | null): number =>
    flatten(menuTemplate([action('project.open', { group: 'Project', keys })], idle, 'linux', true)).filter(
      (item) => item.label === 'Open Project…' || item.id === 'action:project.open',
    ).length;
  expect([count(null), count('Mod+Shift+O')]).toEqual([1, 2]);
});

test.each([
  ['Mod+Shift+P', 'linux', 'CmdOrCtrl+Shift+P'],
  ['Mod+Alt+ArrowDown', 'win32', 'CmdOrCtrl+Alt+Down'],
  ['Mod+\\', 'linux', 'CmdOrCtrl+\\'],
  ['Mod+1', 'darwin', 'CmdOrCtrl+1'],
  ['Shift+N', 'linux', 'Shift+N'],
  ['?', 'linux', '?'],
  ['F8', 'linux', 'F8'],
  // A Mac would take these from a text that is being typed.
  ['Shift+N', 'darwin', null],
  ['?', 'darwin', null],
  ['Mod+é', 'linux', null],
  ['MediaPlayPause', 'linux', null],
])('%s on %s is %s', (keys, platform, accelerator) => expect(acceleratorOf(keys, platform)).toBe(accelerator));

test('developer tools are for checkouts only', () => {
  const has = (packaged: boolean): boolean =>
    flatten(menuTemplate([], idle, 'linux', packaged)).some((item) => item.role === 'toggleDevTools');
  expect([has(false), has(true)]).toEqual([true, false]);
});

test.each(['darwin', 'linux', 'win32'])('there is exactly one way to quit on %s', (platform) => {
  const items = flatten(menuTemplate([action('a.b')], idle, platform, true));
  expect(items.filter((item) => item.label === 'Quit')).toHaveLength(1);
});
