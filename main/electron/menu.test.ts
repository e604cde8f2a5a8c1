import { expect, test } from 'vitest';
import { SCREENS } from '../../contract/shell.ts';
import { menuTemplate } from './menu.ts';

function flatten(items: readonly Electron.MenuItemConstructorOptions[]): Electron.MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}

const idle = { openProject: () => {}, navigate: () => {}, act: () => {}, quit: () => {} };

test('every screen of the rail has its entry and its number, left to the page', () => {
  const visited: string[] = [];
  const items = flatten(menuTemplate({ ...idle, navigate: ({ screen }) => visited.push(screen) }, 'linux', true));
  for (const [index] of SCREENS.entries()) {
    const item = items.find((candidate) => candidate.accelerator === `CmdOrCtrl+${index + 1}`);
    expect(item?.registerAccelerator).toBe(false);
    item?.click?.({} as Electron.MenuItem, undefined, {} as Electron.KeyboardEvent);
  }
  expect(visited).toEqual([...SCREENS]);
});

test('developer tools are for checkouts only', () => {
  const has = (packaged: boolean): boolean =>
    flatten(menuTemplate(idle, 'linux', packaged)).some((item) => item.role === 'toggleDevTools');
  expect([has(false), has(true)]).toEqual([true, false]);
});

test.each(['darwin', 'linux', 'win32'])('there is exactly one way to quit on %s', (platform) => {
  expect(flatten(menuTemplate(idle, platform, true)).filter((item) => item.label === 'Quit')).toHaveLength(1);
});
