import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PART_NAMES, PARTS } from './layout.ts';
import { isSettled, listInputs, settle, unsettle } from './sourceList.ts';

let root = '';
const write = async (name: string, content: string): Promise<void> => {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), content);
};
/** Seconds since 1970 of everything before a test: whatever it changes is newer, however coarse the clock of the disk is. */
const LONG_AGO = 1_000;
const settled = (): boolean => isSettled(root, join(root, 'dist/.inputs'));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ocr-inputs-'));
  for (const part of PART_NAMES) {
    for (const input of PARTS[part].inputs)
      await write(input.endsWith('.json') ? input : `${input}/deep/one.ts`, 'content');
    await write(`dist/${PARTS[part].output}`, 'built');
  }
  await write('scripts/demo/sample.md', 'content');
  for (const name of await readdir(root, { recursive: true })) await utimes(join(root, name), LONG_AGO, LONG_AGO);
  await settle(await listInputs(root), join(root, 'dist/.inputs'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The same length and the same time of change: only the time the disk itself keeps tells. */
async function changeAndSetBack(): Promise<void> {
  const path = join(root, 'main/deep/one.ts');
  const { ctimeMs } = await stat(path);
  do {
    await writeFile(path, 'CONTENT');
    await utimes(path, LONG_AGO, LONG_AGO);
  } while ((await stat(path)).ctimeMs === ctimeMs);
}

test('what nothing happened to is settled', async () => {
  expect(settled()).toBe(true);
  expect(settled()).toBe(true);
});

test.each([
  ['a change of equal length', () => write('renderer/deep/one.ts', 'CONTENT')],
  ['a change whose time was set back', changeAndSetBack],
  ['a new file', () => write('contract/deep/two.ts', '')],
  ['a removed file', () => rm(join(root, 'preload/deep/one.ts'))],
  ['a renamed file', () => rename(join(root, 'main/deep/one.ts'), join(root, 'main/deep/two.ts'))],
  ['a removed folder', () => rm(join(root, 'scripts/demo'), { recursive: true })],
  ['another lock file', () => write('package-lock.json', '{ "other": 1 }')],
  ['a part that was not built or was taken away', () => rm(join(root, 'dist', PARTS.renderer.output))],
  ['a build that began and was interrupted', () => unsettle(join(root, 'dist/.inputs'))],
  ['a list that was cut off', () => write('dist/.inputs', '{"modules":')],
])('%s is not', async (_what, happen) => {
  await happen();
  expect(settled()).toBe(false);
});

test('a change during the build is seen at the next look', async () => {
  const before = await listInputs(root);
  await write('main/deep/one.ts', 'changed while it was built');
  await settle(before, join(root, 'dist/.inputs'));
  expect(settled()).toBe(false);
});
