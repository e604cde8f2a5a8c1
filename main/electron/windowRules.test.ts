import { expect, test } from 'vitest';
import { CRASH, FIRST_WINDOW, mayReload, parseWindowState, restoreBounds, windowOptions } from './windowRules.ts';

const AREA = { x: 0, y: 25, width: 1920, height: 1055 };
const SECOND = { x: 1920, y: 0, width: 1280, height: 1024 };
const at = (x: number, y: number, width = 1280, height = 800) => ({ x, y, width, height });

test('the preferences are those of the security checklist', () => {
  const options = windowOptions({ state: FIRST_WINDOW, workAreas: [AREA], preload: '/p.cjs', packaged: true });
  expect(options.webPreferences).toEqual({
    preload: '/p.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    spellcheck: false,
    disableDialogs: true,
    navigateOnDragDrop: false,
    autoplayPolicy: 'user-gesture-required',
    devTools: false,
  });
  const unpackaged = windowOptions({ state: FIRST_WINDOW, workAreas: [AREA], preload: '/p.cjs', packaged: false });
  expect(unpackaged.webPreferences?.devTools).toBe(true);
});

test('a window opens in the background of its theme, at the size it is designed for', () => {
  const options = windowOptions({ state: FIRST_WINDOW, workAreas: [AREA], preload: '', packaged: true });
  expect(options).toMatchObject({ width: 1280, height: 800, show: true, backgroundColor: '#0b0f12' });
  const light = windowOptions({
    state: { ...FIRST_WINDOW, theme: 'light' },
    workAreas: [AREA],
    preload: '',
    packaged: true,
  });
  expect(light.backgroundColor).toBe('#f4f5f6');
});

test.each([
  ['on the first display', at(100, 100), true],
  ['on the second display', at(2000, 50), true],
  ['partly over the right edge', at(1700, 100), true],
  ['on a display that is gone', at(4000, 100), false],
  ['above the top', at(100, -300), false],
  ['under the menu bar', at(100, 0), false],
  ['below the bottom', at(100, 1070), false],
  ['with a sliver left', at(-1200, 100), false],
  ['too small to use', at(100, 100, 200, 100), false],
])('bounds %s', (_, bounds, kept) => {
  expect(restoreBounds(bounds, [AREA, SECOND])).toEqual(kept ? bounds : null);
});

test('without bounds there is nothing to restore', () => {
  expect(restoreBounds(null, [AREA])).toBeNull();
});

test.each([
  ['nothing', undefined, FIRST_WINDOW],
  ['a text', 'x', FIRST_WINDOW],
  ['half a rectangle', { bounds: { x: 1, y: 2 }, maximized: 'yes', theme: 'blue' }, FIRST_WINDOW],
  [
    'a saved state',
    { bounds: at(1, 2), maximized: true, theme: 'light' },
    { bounds: at(1, 2), maximized: true, theme: 'light' },
  ],
])('%s is read as a state', (_, content, expected) => {
  expect(parseWindowState(content)).toEqual(expected);
});

test('a page is loaded again three times a minute and no more', () => {
  expect(mayReload([], 0)).toBe(true);
  expect(mayReload([0, 100], 200)).toBe(true);
  expect(mayReload([0, 100, 200], 300)).toBe(false);
  expect(mayReload([0, 100, 200], CRASH.withinMs)).toBe(true);
});
