import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveProjectRoot } from './projectRoot.ts';

const run = promisify(execFile);
let folder: string;
let repository: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'root-')));
  repository = join(folder, 'repository');
  await mkdir(repository);
  await git(repository, 'init', '-q', '-b', 'main');
  await git(repository, 'commit', '-q', '--allow-empty', '-m', 'start');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]) {
  return run('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd });
}

async function configure(path: string): Promise<void> {
  await mkdir(join(path, '.overstory'), { recursive: true });
  await writeFile(join(path, '.overstory/config.yaml'), '');
}

async function rootFrom(start: string, extra: { override?: string; environmentRoot?: string } = {}) {
  const found = await resolveProjectRoot({ start, ...extra });
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

describe('resolveProjectRoot', () => {
  it('maps an agent worktree to its project, whether or not the config is committed', async () => {
    await configure(repository);
    const worktree = join(repository, '.overstory/worktrees/builder-1');
    await mkdir(join(worktree, 'src'), { recursive: true });
    expect(await rootFrom(worktree)).toEqual({ root: repository, initialised: true });
    await configure(worktree);
    expect((await rootFrom(join(worktree, 'src'))).root).toBe(repository);
  });

  it('maps a linked worktree elsewhere to the main checkout, also with a committed config', async () => {
    await configure(repository);
    await git(repository, 'add', '-f', '.overstory/config.yaml');
    await git(repository, 'commit', '-q', '-m', 'config');
    const linked = join(folder, 'linked');
    await git(repository, 'worktree', 'add', '-q', '-b', 'other', linked);
    expect((await rootFrom(linked)).root).toBe(repository);
  });

  it('finds the project from an ordinary subdirectory', async () => {
    await configure(repository);
    await mkdir(join(repository, 'a/b'), { recursive: true });
    expect((await rootFrom(join(repository, 'a/b'))).root).toBe(repository);
  });

  it('finds a project in a subfolder of a larger repository, nearest first', async () => {
    await configure(repository);
    const inner = join(repository, 'packages/inner');
    await configure(inner);
    await mkdir(join(inner, 'src'));
    expect((await rootFrom(join(inner, 'src'))).root).toBe(inner);
  });

  it('works for a submodule path below the worktree folder without asking git', async () => {
    await configure(folder);
    const submodule = join(folder, '.overstory/worktrees/a/vendor/lib');
    await mkdir(submodule, { recursive: true });
    expect((await rootFrom(submodule)).root).toBe(folder);
  });

  it('never takes a config above the checkout: it belongs to somebody else', async () => {
    await configure(folder);
    expect(await rootFrom(repository)).toEqual({ root: repository, initialised: false });
  });

  it('lets the environment win over the path and the override over all', async () => {
    await configure(repository);
    const other = join(folder, 'other');
    await configure(other);
    expect((await rootFrom(repository, { environmentRoot: '/not/checked' })).root).toBe('/not/checked');
    expect((await rootFrom(repository, { environmentRoot: '/not/checked', override: other })).root).toBe(other);
    expect((await rootFrom(repository, { environmentRoot: '' })).root).toBe(repository);
  });

  it('refuses an override that is not initialised', async () => {
    const found = await resolveProjectRoot({ start: folder, override: repository });
    expect(found.ok ? null : found.error).toMatchObject({ tag: 'config' });
    expect(found.ok ? '' : found.error.message).toContain('ov init');
  });

  it('falls back to the start folder', async () => {
    const plain = join(folder, 'plain');
    await mkdir(plain);
    expect(await rootFrom(plain)).toEqual({ root: plain, initialised: false });
  });
});
