import { expect, test } from 'vitest';
import type { PublishedAction } from '../../contract/shellActions.ts';
import { createRoomMenu, type RoomMenuDependencies } from './roomMenu.ts';

const pause: PublishedAction = { id: 'fleet.pause', group: 'Fleet', title: 'Pause fleet', keys: null, enabled: true };

function setUp() {
  const sent: unknown[] = [];
  const entries: { id: string | undefined; enabled: boolean }[][] = [];
  const flatten = (items: readonly Electron.MenuItemConstructorOptions[]): Electron.MenuItemConstructorOptions[] =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
  const dependencies = {
    Menu: {
      buildFromTemplate(template: Electron.MenuItemConstructorOptions[]) {
        const items = flatten(template).map(({ id, enabled }) => ({ id, enabled: enabled ?? true }));
        entries.push(items);
        return { getMenuItemById: (id: string) => items.find((item) => item.id === id) ?? null };
      },
      setApplicationMenu: () => {},
    },
    platform: 'linux',
    packaged: true,
    openProject: () => {},
    act: (id: string, live: boolean) => sent.push([id, live]),
    quit: () => {},
    // The fake holds what the menu touches of Electron, no more.
  } as unknown as RoomMenuDependencies;
  const shown = (): unknown => entries.at(-1)?.find(({ id }) => id === 'action:fleet.pause')?.enabled;
  return { menu: createRoomMenu(dependencies), sent, entries, shown };
}

test('what can be done changes in place; another name or key builds the menu anew; no page leaves the system entries', () => {
  const { menu, entries, shown } = setUp();
  expect([entries.length, shown()]).toEqual([1, undefined]);
  menu.publish([pause]);
  menu.publish([{ ...pause, enabled: false }]);
  expect([entries.length, shown()]).toEqual([2, false]);
  menu.publish([{ ...pause, keys: 'Alt+P' }]);
  expect([entries.length, shown()]).toEqual([3, true]);
  menu.publish([]);
  expect([entries.length, shown()]).toEqual([4, undefined]);
});

test('only what is published and can be done reaches the page', () => {
  const { menu, sent } = setUp();
  expect(menu.act('fleet.pause', true)).toBe(false);
  menu.publish([pause]);
  expect([menu.act('fleet.pause', true), menu.act('fleet.stop', true)]).toEqual([true, false]);
  menu.publish([{ ...pause, enabled: false }]);
  expect(menu.act('fleet.pause', false)).toBe(false);
  expect(sent).toEqual([['fleet.pause', true]]);
});
