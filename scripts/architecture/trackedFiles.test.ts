import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../build/layout.ts';
import { readSources } from './sources.ts';

const isText = (path: string): boolean => !/\.(png|ico|woff2?|zip|gz|db)$/.test(path);

// Put together here, so that this file does not hold what it looks for.
const MACHINE_PATHS = [
  ['', 'work', 'main'],
  ['', 'work', 'shared'],
  ['', 'root', '.'],
  ['', 'tmp', 'brief'],
].map((parts) => parts.join('/'));
const REGISTRY_HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['deb', 'debian', 'org'],
].map((parts) => parts.join('.'));

test('no tracked file names a path of some machine or a host of a package registry', async () => {
  const sources = await readSources(isText);
  const wrong = sources.flatMap((source) =>
    [...MACHINE_PATHS, ...REGISTRY_HOSTS]
      .filter((text) => source.text.includes(text))
      .map((text) => `${source.path}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

async function readPackage(): Promise<PackageFile> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as PackageFile;
}

test('every dependency has its line in docs/decisions/dependencies.md, and no line is left over', async () => {
  const { dependencies, devDependencies } = await readPackage();
  const document = await readFile(join(ROOT, 'docs/decisions/dependencies.md'), 'utf8');
  const documented = [...document.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]);
  expect(documented.toSorted()).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)].toSorted());
});

test('every dependency is pinned to one version', async () => {
  const { dependencies, devDependencies } = await readPackage();
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  expect(ranges).toEqual([]);
});
