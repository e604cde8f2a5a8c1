import { expect, it } from 'vitest';
import { userFolder } from './userFolder.ts';

it.each([
  [{}, 'linux', '/home/ada', '/home/ada/.local/share/overstory-control-room'],
  [{ XDG_DATA_HOME: '' }, 'linux', '/home/ada', '/home/ada/.local/share/overstory-control-room'],
  [{ XDG_DATA_HOME: '/data' }, 'linux', '/home/ada', '/data/overstory-control-room'],
  [{}, 'darwin', '/Users/ada', '/Users/ada/Library/Application Support/overstory-control-room'],
])('data of a person with %o on %s', (environment, platform, home, folder) => {
  expect(userFolder(environment, platform, home)).toBe(folder);
});

it('lies in the local application data on Windows', () => {
  expect(userFolder({ LOCALAPPDATA: 'L' }, 'win32', 'H')).toMatch(/^L.overstory-control-room$/);
});
