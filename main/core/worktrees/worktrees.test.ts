import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../contract/result.ts';
import { pathExists } from '../util/files.ts';
import { hideManagedFile } from './managedFiles.ts';
import { createWorktrees, type Worktrees } from './worktrees.ts';

const run = promisify(execFile);
let folder: string;
let root: string;
let worktrees: Worktrees;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'worktrees-')));
  root = join(folder, 'repository');
  await mkdir(root);
  await git(root, 'init', '-q', '-b', 'main');
  await writeFile(join(root, 'a.txt'), 'one\ntwo\n');
  await git(root, 'add', '.');
  await git(root, 'commit', '-q', '-m', 'start');
  worktrees = createWorktrees(root, '.overstory/worktrees');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd });
  return stdout.trim();
}

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function failure(result: Result<unknown>) {
  if (result.ok) throw new Error('expected a failure');
  expect(result.error.message).not.toContain('\n');
  return result.error;
}

function create(agentName: string, taskId = 'task-1', base = 'main') {
  return worktrees.create({ agentName, taskId, base });
}

async function branches(): Promise<string[]> {
  return (await git(root, 'branch', '--format=%(refname:short)')).split('\n').sort();
}

describe('creating', () => {
  it('SP27: makes path and branch by the naming rule, filled with the base', async () => {
    const made = value(await create('builder-1'));
    expect(made.path).toBe(join(root, '.overstory/worktrees/builder-1'));
    expect(made.branch).toBe('overstory/builder-1/task-1');
    expect(made.base).toMatch(/^[0-9a-f]{40}$/);
    expect((await lstat(join(made.path, '.git'))).isFile()).toBe(true);
    expect(await readFile(join(made.path, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(await git(made.path, 'status', '--porcelain')).toBe('');
  });

  it('makes 8 at once, every one of them whole', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `builder-${index}`);
    const made = (await Promise.all(names.map((name) => create(name)))).map(value);
    expect(new Set(made.map((one) => one.branch)).size).toBe(8);
    for (const one of made) expect(await git(one.path, 'status', '--porcelain')).toBe('');
    expect(value(await worktrees.list())).toHaveLength(9);
  });

  it('survives other processes that add worktrees and commit at the same time', async () => {
    const foreign = Array.from({ length: 6 }, (_, index) =>
      git(root, 'worktree', 'add', '-q', '-b', `foreign-${index}`, join(folder, `foreign-${index}`)).catch(
        () => 'lost',
      ),
    );
    const made = await Promise.all(Array.from({ length: 6 }, (_, index) => create(`own-${index}`)));
    await Promise.all(foreign);
    for (const one of made) expect(await git(value(one).path, 'status', '--porcelain')).toBe('');
  });

  it('lets one of two with the same name through and leaves it intact', async () => {
    const results = await Promise.all([create('builder-1'), create('builder-1')]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await git(join(root, '.overstory/worktrees/builder-1'), 'status', '--porcelain')).toBe('');
  });

  it('SP28: names the place when the branch is checked out already', async () => {
    const first = value(await create('builder-1'));
    const error = failure(await create('builder-1'));
    expect(error.tag).toBe('worktree');
    expect(error.message).toContain(`already checked out at ${first.path}`);
    expect(error.data).toMatchObject({ branchName: 'overstory/builder-1/task-1' });
    expect(await pathExists(join(first.path, 'a.txt'))).toBe(true);
  });

  it('refuses a branch that is left over and keeps it', async () => {
    await git(root, 'branch', 'overstory/builder-1/task-1');
    expect(failure(await create('builder-1')).message).toContain('already exists');
    expect(await branches()).toContain('overstory/builder-1/task-1');
  });

  it('SP38: refuses a folder that is not empty and changes nothing', async () => {
    const path = join(root, '.overstory/worktrees/builder-1');
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'mine'), 'x');
    expect(failure(await create('builder-1')).message).toContain('not empty');
    expect(await readFile(join(path, 'mine'), 'utf8')).toBe('x');
    expect(await branches()).toEqual(['main']);
  });

  it.each([
    ['..', 'task'],
    ['a/b', 'task'],
    ['builder', '../../etc'],
    ['-b', 'task'],
  ])('refuses the names %s and %s', async (name, task) => {
    expect(failure(await create(name, task)).tag).toBe('validation');
    expect(await branches()).toEqual(['main']);
  });

  it('SP37: leaves nothing behind when the base has no file', async () => {
    await git(root, 'checkout', '-q', '--orphan', 'void');
    await git(root, 'rm', '-rfq', '.');
    await git(root, 'commit', '-q', '--allow-empty', '-m', 'nothing');
    expect(failure(await create('builder-1', 'task-1', 'void')).message).toContain('zero tracked files');
    expect(await branches()).toEqual(['main', 'void']);
    expect(await pathExists(join(root, '.overstory/worktrees/builder-1'))).toBe(false);
    expect(value(await worktrees.list())).toHaveLength(1);
  });

  it.each(['nowhere', '--help', '-f'])('refuses the base %s', async (base) => {
    expect(failure(await create('builder-1', 'task-1', base)).message).toContain('does not exist');
  });

  it('SP30: says what to do in a repository without any commit, and outside of one', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const outside = await createWorktrees(empty, 'w').create({ agentName: 'a', taskId: 't', base: 'main' });
    expect(failure(outside).tag).toBe('worktree');
    await git(empty, 'init', '-q', '-b', 'main');
    const bare = await createWorktrees(empty, 'w').create({ agentName: 'a', taskId: 't', base: 'main' });
    expect(failure(bare).message).toContain('no commit yet');
  });

  it('compares paths behind symbolic links', async () => {
    const link = join(folder, 'link');
    await symlink(root, link);
    const made = value(
      await createWorktrees(link, '.overstory/worktrees').create({ agentName: 'a', taskId: 't', base: 'main' }),
    );
    expect(value(await createWorktrees(link, '.overstory/worktrees').remove(made.path)).branchDeleted).toBe(true);
  });
});

describe('listing and asking', () => {
  it('SP29: lists one and three entries with full commit ids', async () => {
    expect(value(await worktrees.list())).toHaveLength(1);
    await create('a');
    await create('b');
    const entries = value(await worktrees.list());
    expect(entries.map((entry) => entry.branch)).toEqual(['main', 'overstory/a/task-1', 'overstory/b/task-1']);
    for (const entry of entries) expect(entry.head).toMatch(/^[0-9a-f]{40}$/);
  });

  it('SP31: tells merged, unmerged and identical branches apart', async () => {
    const made = value(await create('a'));
    expect(value(await worktrees.isBranchMerged(made.branch, 'main'))).toBe(true);
    await git(made.path, 'commit', '-q', '--allow-empty', '-m', 'work');
    expect(value(await worktrees.isBranchMerged(made.branch, 'main'))).toBe(false);
    await git(root, 'merge', '-q', made.branch);
    expect(value(await worktrees.isBranchMerged(made.branch, 'main'))).toBe(true);
    expect(failure(await worktrees.isBranchMerged('nowhere', 'main')).tag).toBe('worktree');
  });

  it('finds commits, edits and new files against the base', async () => {
    const { path, branch } = value(await create('a'));
    await writeFile(join(path, 'b é.txt'), 'x\ny\n');
    await git(path, 'add', '.');
    await git(path, 'commit', '-q', '-m', 'b');
    await writeFile(join(path, 'a.txt'), 'one\n');
    await writeFile(join(path, 'new\tfile'), 'z');
    await git(root, 'commit', '-q', '--allow-empty', '-m', 'main goes on');
    const found = value(await worktrees.changedFiles(path, 'main'));
    expect([...found].sort((left, right) => left.path.localeCompare(right.path))).toEqual([
      { path: 'a.txt', added: 0, removed: 1, untracked: false },
      { path: 'b é.txt', added: 2, removed: 0, untracked: false },
      { path: 'new\tfile', added: null, removed: null, untracked: true },
    ]);
    expect(value(await worktrees.committedFiles(branch, 'main'))).toEqual(['b é.txt']);
  });

  it('SP26: names the current branch, or null when detached or without a repository', async () => {
    expect(await worktrees.currentBranch()).toBe('main');
    await git(root, 'checkout', '-q', '--detach');
    expect(await worktrees.currentBranch()).toBeNull();
    expect(await createWorktrees(folder, 'w').currentBranch()).toBeNull();
  });

  it('reports what is left over from earlier agents', async () => {
    expect(await worktrees.leftovers()).toEqual({ branches: new Set(), worktrees: new Set() });
    await create('a');
    await git(root, 'branch', 'overstory/b/task-9');
    expect(await worktrees.leftovers()).toEqual({
      branches: new Set(['overstory/a/task-1', 'overstory/b/task-9']),
      worktrees: new Set(['a']),
    });
  });
});

describe('removing', () => {
  it('SP32: removes folder and merged branch', async () => {
    const { path } = value(await create('a'));
    expect(value(await worktrees.remove(path))).toEqual({ branchDeleted: true });
    expect(await pathExists(path)).toBe(false);
    expect(await branches()).toEqual(['main']);
  });

  it.each([
    ['an edit', 'a.txt'],
    ['an untracked file', 'new.txt'],
  ])('SP33: refuses %s and names it, until forced', async (_what, file) => {
    const { path } = value(await create('a'));
    await writeFile(join(path, file), 'work');
    const error = failure(await worktrees.remove(path));
    expect(error.message).toContain(file);
    expect(await readFile(join(path, file), 'utf8')).toBe('work');
    expect(value(await worktrees.remove(path, { force: true })).branchDeleted).toBe(true);
    expect(await pathExists(path)).toBe(false);
  });

  it('SP34: keeps an unmerged branch unless its deletion is forced', async () => {
    const { path, branch } = value(await create('a'));
    await git(path, 'commit', '-q', '--allow-empty', '-m', 'work');
    expect(value(await worktrees.remove(path))).toEqual({ branchDeleted: false });
    expect(await branches()).toContain(branch);
    const again = value(await create('b'));
    await git(again.path, 'commit', '-q', '--allow-empty', '-m', 'work');
    expect(value(await worktrees.remove(again.path, { forceBranch: true }))).toEqual({ branchDeleted: true });
  });

  it('never removes the repository itself or a foreign folder', async () => {
    expect(failure(await worktrees.remove(root, { force: true })).message).toContain('never removed');
    expect(failure(await worktrees.remove(folder, { force: true })).message).toContain('no worktree');
    expect(await pathExists(join(root, 'a.txt'))).toBe(true);
  });

  it('removes an entry whose folder is gone already', async () => {
    const { path } = value(await create('a'));
    await rm(path, { recursive: true });
    expect(value(await worktrees.remove(path)).branchDeleted).toBe(true);
  });

  it('SP35: rolls back without failing, keeping branches when none is named', async () => {
    const { path, branch } = value(await create('a'));
    await worktrees.rollback(path, '');
    expect(await branches()).toContain(branch);
    await worktrees.rollback(path, branch);
    expect(await branches()).toEqual(['main']);
    await worktrees.rollback(join(folder, 'missing'), 'overstory/none/none');
  });
});

describe('files we place ourselves', () => {
  it('keeps an untracked instruction file out of status and commits', async () => {
    const { path } = value(await create('a'));
    await mkdir(join(path, '.claude'));
    await writeFile(join(path, '.claude/CLAUDE.md'), 'overlay');
    value(await hideManagedFile(path, '.claude/CLAUDE.md'));
    value(await hideManagedFile(path, '.claude/CLAUDE.md'));
    expect(value(await worktrees.uncommitted(path))).toEqual([]);
    const exclude = await readFile(join(root, '.git/info/exclude'), 'utf8');
    expect(exclude.split('\n').filter((line) => line === '/.claude/CLAUDE.md')).toHaveLength(1);
  });

  it('keeps a tracked instruction file out of commits without touching the main checkout', async () => {
    await writeFile(join(root, 'AGENTS.md'), 'ours\n');
    await git(root, 'add', '.');
    await git(root, 'commit', '-q', '-m', 'instructions');
    const { path } = value(await create('a'));
    await writeFile(join(path, 'AGENTS.md'), 'overlay');
    value(await hideManagedFile(path, 'AGENTS.md'));
    await writeFile(join(path, 'b.txt'), 'work');
    await git(path, 'add', '-A');
    await git(path, 'commit', '-q', '-a', '-m', 'work');
    expect(value(await worktrees.committedFiles('overstory/a/task-1', 'main'))).toEqual(['b.txt']);
    expect(value(await worktrees.remove(path, { forceBranch: true })).branchDeleted).toBe(true);
  });
});
