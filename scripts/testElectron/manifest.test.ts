import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyFolder, writeManifest } from './manifest.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-manifest-'));
  await mkdir(join(folder, 'locales'));
  await writeFile(join(folder, 'electron'), 'binary');
  await writeFile(join(folder, 'locales', 'en.pak'), 'words');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder without a manifest is not prepared', async () => {
  expect(await verifyFolder(folder, 'one')).toBe('not prepared yet');
});

test('an untouched folder passes, and only under its own recipe', async () => {
  await writeManifest(folder, 'one');
  expect(await verifyFolder(folder, 'one')).toBeNull();
  expect(await verifyFolder(folder, 'two')).toBe('prepared by another recipe');
});

test('a changed, a missing and a foreign file are each named', async () => {
  await writeManifest(folder, 'one');
  await writeFile(join(folder, 'extra'), 'x');
  expect(await verifyFolder(folder, 'one')).toBe('extra does not belong there');
  await writeFile(join(folder, 'electron'), 'other');
  expect(await verifyFolder(folder, 'one')).toBe('electron has changed');
  await rm(join(folder, 'electron'));
  expect(await verifyFolder(folder, 'one')).toBe('electron is missing');
});

test('an interrupted manifest counts as not prepared', async () => {
  await writeManifest(folder, 'one');
  await writeFile(join(folder, 'manifest.json'), '{"recipe": "one", "fil');
  expect(await verifyFolder(folder, 'one')).toBe('not prepared yet');
});
