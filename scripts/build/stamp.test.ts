import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceHash } from './stamp.ts';

let root = '';
const hash = (): Promise<string> => sourceHash(['src', 'lock.json', 'absent'], root);
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ocr-stamp-'));
  await mkdir(join(root, 'src/deep'), { recursive: true });
  await writeFile(join(root, 'src/a.ts'), 'a');
  await writeFile(join(root, 'src/deep/b.ts'), 'b');
  await writeFile(join(root, 'lock.json'), '{}');
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('the same content has the same hash, however often it was touched', async () => {
  const before = await hash();
  await utimes(join(root, 'src/a.ts'), 1, 1);
  expect(await hash()).toBe(before);
});

test.each([
  ['a change', () => writeFile(join(root, 'src/deep/b.ts'), 'c')],
  ['a new file', () => writeFile(join(root, 'src/new.ts'), '')],
  ['a removed file', () => rm(join(root, 'src/a.ts'))],
  ['a renamed file', () => rename(join(root, 'src/a.ts'), join(root, 'src/z.ts'))],
  ['another lock file', () => writeFile(join(root, 'lock.json'), '{"a":1}')],
])('%s changes it', async (_, change) => {
  const before = await hash();
  await change();
  expect(await hash()).not.toBe(before);
});

test('tests and notes do not', async () => {
  const before = await hash();
  await writeFile(join(root, 'src/a.test.ts'), 'x');
  await writeFile(join(root, 'src/notes.md'), 'x');
  expect(await hash()).toBe(before);
});
