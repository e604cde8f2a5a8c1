import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../git/git.ts';
import { branchInHead, isFilledWorktree } from './gitFiles.ts';

let folder: string;
let top: string;
const git = async (cwd: string, ...args: string[]): Promise<string> => {
  const output = await createGit(cwd)(['-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
  if (output.code !== 0) throw new Error(output.stderr);
  return output.stdout.trim();
};
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'git-files-')));
  top = join(folder, 'top');
  await git(folder, 'init', '-q', '-b', 'main', top);
  await writeFile(join(top, 'a.txt'), 'a');
  await git(top, 'add', '.');
  await git(top, 'commit', '-q', '-m', 'start');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('branchInHead', () => {
  it('is the branch git names, and null where git has to be asked', async () => {
    expect(await branchInHead(top)).toBe('main');
    await git(top, 'checkout', '-q', '-b', 'feature/a.b');
    expect(await branchInHead(top)).toBe(await git(top, 'symbolic-ref', '--short', 'HEAD'));
    await git(top, 'checkout', '-q', '--detach');
    expect(await branchInHead(top)).toBeNull();
    await git(top, 'worktree', 'add', '-q', '-b', 'other', join(folder, 'linked'));
    expect(await branchInHead(join(folder, 'linked'))).toBeNull();
    expect(await branchInHead(folder)).toBeNull();
  });
});

describe('isFilledWorktree', () => {
  const linked = (): string => join(folder, 'linked');
  beforeEach(() => git(top, 'worktree', 'add', '-q', '--no-checkout', '-b', 'other', linked()));

  it('is true once there are files in its index', async () => {
    expect(await isFilledWorktree(linked())).toBe(false);
    await git(linked(), 'reset', '--hard', '-q');
    expect(await isFilledWorktree(linked())).toBe(true);
    await git(linked(), 'rm', '-q', '-r', '--cached', '.');
    expect(await isFilledWorktree(linked())).toBe(false);
  });

  it('is false for a folder the repository does not know', async () => {
    await git(linked(), 'reset', '--hard', '-q');
    await rm(join(top, '.git/worktrees/linked'), { recursive: true });
    expect(await isFilledWorktree(linked())).toBe(false);
    expect(await isFilledWorktree(top)).toBe(false);
    expect(await isFilledWorktree(join(folder, 'nowhere'))).toBe(false);
  });

  it('is false for a copy of a worktree, whose repository knows another place', async () => {
    await git(linked(), 'reset', '--hard', '-q');
    const own = `gitdir: ${join(top, '.git/worktrees/linked')}\n`;
    await writeFile(join(folder, '.git'), own);
    expect(await isFilledWorktree(folder)).toBe(false);
  });
});
