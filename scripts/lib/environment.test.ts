import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { electronExecutable, findElectron, hasDisplay } from './environment.ts';

test.each([
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['linux', { DISPLAY: '' }, false],
  ['linux', {}, false],
  ['darwin', {}, true],
  ['win32', {}, true],
])('a display on %s with %o: %s', (platform, environment, expected) => {
  expect(hasDisplay(environment, platform)).toBe(expected);
});

test('an Electron counts only when its executable is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ocr-electron-'));
  try {
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toBeNull();
    const executable = electronExecutable(folder, 'linux');
    await writeFile(executable, '');
    await chmod(executable, 0o755);
    if (process.platform === 'linux') {
      expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toEqual({ executable, folder });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
