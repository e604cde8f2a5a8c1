import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Root of the checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');
export const DIST = join(ROOT, 'dist');

/** The command line, built apart from the others (mainConfig.ts). */
export const OV = 'ov';

/** Programs of the main side: name of the built file in `dist/main` and its source (main/platform/entries.ts relies on both). */
export const MAIN_ENTRIES: Readonly<Record<string, string>> = {
  electron: 'main/index.ts',
  [OV]: 'main/cli/index.ts',
  'pty-host': 'main/pty-host/index.ts',
  rehearsal: 'main/rehearsal/index.ts',
  'screen-drawer': 'main/pty-host/drawerThread.ts',
  'turn-bridge': 'main/turn-bridge/index.ts',
};

/** Entries whose source exists; the rest belongs to parts that are not written yet. */
export function presentEntries(root: string = ROOT): Record<string, string> {
  const present = Object.entries(MAIN_ENTRIES).filter(([, source]) => existsSync(join(root, source)));
  return Object.fromEntries(present.map(([name, source]) => [name, join(root, source)]));
}

/** The three builds. `inputs` are the files and folders whose content decides whether a build is stale. */
export const PARTS = {
  renderer: { inputs: ['contract', 'renderer', 'scripts/build', 'package-lock.json'], output: 'renderer/index.html' },
  main: { inputs: ['contract', 'main', 'scripts/build', 'package-lock.json'], output: 'main/electron.js' },
  preload: { inputs: ['contract', 'preload', 'scripts/build', 'package-lock.json'], output: 'preload/index.cjs' },
} as const satisfies Record<string, { readonly inputs: readonly string[]; readonly output: string }>;

export type Part = keyof typeof PARTS;
export const PART_NAMES: readonly Part[] = ['preload', 'main', 'renderer'];
