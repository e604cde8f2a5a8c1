import type { App, Protocol } from 'electron';
import { expect, test } from 'vitest';
import { prepareApp, readLaunch } from './app.ts';

function fakeApp(options: { readonly noSandbox: boolean; readonly lock: boolean }) {
  const calls: string[] = [];
  const schemes: unknown[] = [];
  const app = {
    commandLine: { hasSwitch: (name: string) => name === 'no-sandbox' && options.noSandbox },
    enableSandbox: () => void calls.push('enableSandbox'),
    requestSingleInstanceLock: () => {
      calls.push('lock');
      return options.lock;
    },
  } as unknown as App;
  const protocol = {
    registerSchemesAsPrivileged: (list: unknown[]) => {
      calls.push('scheme');
      schemes.push(...list);
    },
  } as unknown as Protocol;
  return { app, protocol, calls, schemes };
}

test('sandbox, scheme and lock come before anything else', () => {
  const { app, protocol, calls, schemes } = fakeApp({ noSandbox: false, lock: true });
  expect(prepareApp(app, protocol)).toBe(true);
  expect(calls).toEqual(['enableSandbox', 'scheme', 'lock']);
  expect(schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
});

test('where Chromium runs without a sandbox none is forced', () => {
  const { app, protocol, calls } = fakeApp({ noSandbox: true, lock: true });
  prepareApp(app, protocol);
  expect(calls).not.toContain('enableSandbox');
});

test('a second instance learns that it is one', () => {
  const { app, protocol } = fakeApp({ noSandbox: false, lock: false });
  expect(prepareApp(app, protocol)).toBe(false);
});

test.each([
  ['from a checkout', ['electron', 'dist/main/electron.js', '/repo'], false, { path: '/repo', link: null }],
  [
    'with switches',
    ['electron', '--inspect=0', 'app.js', '--no-sandbox', '--user-data-dir=/x', '/repo'],
    false,
    { path: '/repo', link: null },
  ],
  ['without a project', ['electron', 'app.js'], false, { path: null, link: null }],
  ['packaged', ['room', '/repo'], true, { path: '/repo', link: null }],
  [
    'by a link',
    ['room', 'overstory://project/agent/scout-1'],
    true,
    { path: null, link: 'overstory://project/agent/scout-1' },
  ],
])('a launch %s', (_, argv, packaged, expected) => {
  expect(readLaunch(argv, packaged)).toEqual(expected);
});
