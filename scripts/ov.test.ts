import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from './build/layout.ts';
import { listSources, writeSourceList } from './build/sourceList.ts';
import { run } from './lib/run.ts';

// The launcher is tried in a folder of its own shape, with a small program in place of the real one.
const PROGRAM = `
  import { writeSync } from 'node:fs';
  const [what, value] = process.argv.slice(2);
  if (what === 'exit') process.exit(Number(value));
  if (what === 'show') writeSync(1, JSON.stringify({ args: process.argv.slice(2), napi: Number(process.versions.napi) }));
  if (what === 'wait') {
    process.on('SIGTERM', () => { writeSync(1, 'terminated'); process.exit(7); });
    writeSync(1, 'ready');
    setInterval(() => {}, 1000);
  }
  if (what === 'die') { process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000); }
`;

let folder = '';
let ov = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-ov-'));
  await mkdir(join(folder, 'scripts'));
  await mkdir(join(folder, 'main/cli'), { recursive: true });
  ov = join(folder, 'scripts/ov.cjs');
  await copyFile(join(ROOT, 'scripts/ov.cjs'), ov);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'main/cli/index.ts'), PROGRAM);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Another Node than ours, too old for the stores, where this machine has one. */
async function oldNode(): Promise<string | null> {
  for (const place of (process.env.PATH ?? '').split(':')) {
    const node = join(place, 'node');
    if (place.includes('node_modules') || !existsSync(node)) continue;
    const napi = Number((await run(node, ['-p', 'process.versions.napi'])).stdout);
    if (napi < 10) return node;
  }
  return null;
}

test('arguments, output and exit code pass through', async () => {
  const shown = await run(process.execPath, [ov, 'show', '--flag', 'with space']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ args: ['show', '--flag', 'with space'] });
  expect((await run(process.execPath, [ov, 'exit', '3'])).code).toBe(3);
});

test('a signal reaches the program, whose own exit code comes back', async () => {
  const child = spawn(process.execPath, [ov, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (bytes: Buffer) => {
      printed += bytes.toString();
      if (printed.includes('ready')) resolve();
    });
  });
  await ready;
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  expect([code, printed]).toEqual([7, 'readyterminated']);
});

test('a program that was killed ends its launcher the same way', async () => {
  expect((await run(process.execPath, [ov, 'die'])).signal).toBe('SIGKILL');
});

test('an old Node finds the one beside the launcher, or says what to do', async () => {
  const old = await oldNode();
  // Only machines that have an old Node can show this; elsewhere every Node is new enough and nothing is looked for.
  if (old === null) return expect((await run(process.execPath, [ov, 'exit', '0'])).code).toBe(0);
  const refused = await run(old, [ov, 'show']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^ov: this needs Node 22\.14 or newer .*npm ci.*\n$/);
  const bin = join(folder, 'node_modules/node/bin');
  await mkdir(dirname(bin), { recursive: true });
  await mkdir(bin);
  await symlink(process.execPath, join(bin, 'node'));
  const shown = await run(old, [ov, 'show']);
  expect(JSON.parse(shown.stdout).napi).toBeGreaterThanOrEqual(10);
});

describe('a build beside the source', () => {
  const BUILT = "require('node:fs').writeSync(1, 'built')";
  const which = async (): Promise<string> => {
    const { stdout } = await run(process.execPath, [ov, 'show']);
    return stdout === 'built' ? 'built' : 'source';
  };
  beforeEach(async () => {
    for (const name of ['contract', 'scripts/build', 'dist/main']) await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, 'package-lock.json'), '{}');
    await writeFile(join(folder, 'main/cli/other.ts'), '');
    await writeFile(join(folder, 'dist/main/ov.cjs'), BUILT);
    await writeSourceList(await listSources(folder), join(folder, 'dist/.sources'));
  });

  test('runs while every source is as it was', async () => {
    expect(await which()).toBe('built');
    await writeFile(join(folder, 'main/cli/other.test.ts'), '').then(() => rm(join(folder, 'main/cli/other.test.ts')));
    await writeSourceList(await listSources(folder), join(folder, 'dist/.sources'));
    expect(await which()).toBe('built');
  });

  test.each([
    ['a changed source', () => writeFile(join(folder, 'main/cli/other.ts'), 'export {};')],
    ['a source changed to the same length, its time set back', changeWithTimeSetBack],
    ['a new source', () => writeFile(join(folder, 'contract/new.ts'), '')],
    ['a removed source', () => rm(join(folder, 'main/cli/other.ts'))],
    ['another lock file', () => writeFile(join(folder, 'package-lock.json'), '{"a":1}')],
    ['no list of sources', () => rm(join(folder, 'dist/.sources'))],
    ['a list that is cut off', () => writeFile(join(folder, 'dist/.sources'), '{"files":{')],
  ])('is left alone after %s', async (_what, change) => {
    await change();
    expect(await which()).toBe('source');
  });

  async function changeWithTimeSetBack(): Promise<void> {
    const path = join(folder, 'package-lock.json');
    const { atime, mtime } = await stat(path);
    await writeFile(path, '[]');
    await utimes(path, atime, mtime);
  }

  test('is all there is in a package', async () => {
    await rm(join(folder, 'main'), { recursive: true });
    await rm(join(folder, 'dist/.sources'));
    expect(await which()).toBe('built');
  });
});

test('without a program it says how to get one', async () => {
  await rm(join(folder, 'main'), { recursive: true });
  const result = await run(process.execPath, [ov]);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('npm run build');
});
