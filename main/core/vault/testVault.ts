import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import { DEFAULT_VAULT, type VaultSettings } from '../config/vaultSettings.ts';
import { createGit } from '../git/git.ts';
import { testSession } from '../sessions/testSession.ts';
import { createWorktrees, type Worktrees } from '../worktrees/worktrees.ts';
import type { VaultEvent } from './vaultRules.ts';
import { createVault, type Vault } from './vaultService.ts';

const run = promisify(execFile);

/** A real repository with a vault over it. For tests only. */
export interface TestVault {
  readonly root: string;
  readonly vault: Vault;
  readonly worktrees: Worktrees;
  readonly events: VaultEvent[];
  readonly clock: Clock & { advance(milliseconds: number): void };
  readonly busy: Set<string>;
  limits: VaultSettings;
  git(...args: string[]): Promise<string>;
  gitIn(folder: string, ...args: string[]): Promise<string>;
  write(path: string, content: string | Buffer): Promise<void>;
  /** Makes an agent with a worktree of its own. @returns the worktree. */
  agent(name: string): Promise<string>;
  touch(agentName: string): void;
  dispose(): Promise<void>;
}

export async function createTestVault(
  files: Readonly<Record<string, string>> | null = SAMPLE,
  format: 'sha1' | 'sha256' = 'sha1',
): Promise<TestVault> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'vault-')));
  const gitIn = async (folder: string, ...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: folder, encoding: 'latin1' })).stdout;
  const git = (...args: string[]): Promise<string> => gitIn(root, ...args);
  await git('init', '-q', '-b', 'main', `--object-format=${format}`);
  await git('config', 'user.name', 'Test');
  await git('config', 'user.email', 'test@localhost');
  await writeFile(join(root, '.git', 'info', 'exclude'), '.overstory/\n');
  const write = async (path: string, content: string | Buffer): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  if (files !== null && Object.keys(files).length > 0) {
    for (const [name, content] of Object.entries(files)) await write(name, content);
    await git('add', '.');
    await git('commit', '-qm', 'start');
  }
  let now = Date.UTC(2026, 10, 23, 12);
  const clock = {
    now: () => now,
    advance(milliseconds: number) {
      now += milliseconds;
    },
  };
  const sessions = new Map<string, ReturnType<typeof testSession>>();
  const events: VaultEvent[] = [];
  const busy = new Set<string>();
  const worktrees = createWorktrees(root, '.overstory/worktrees', (path, how) => test.vault.beforeRemoval(path, how));
  const vault = createVault({
    projectRoot: root,
    worktreeFolder: join(root, '.overstory/worktrees'),
    git: createGit(root),
    clock,
    log: () => {},
    limits: () => test.limits,
    sessions: () => [...sessions.values()],
    isBusy: (name) => busy.has(name),
    onIdleCheckout: (work) => work(),
    record: (event) => events.push(event),
    worktrees,
  });
  const test: TestVault = {
    root,
    vault,
    worktrees,
    events,
    clock,
    busy,
    limits: DEFAULT_VAULT,
    git,
    gitIn,
    write,
    async agent(name) {
      const made = await worktrees.create({ agentName: name, taskId: 'T-1', base: 'main' });
      if (!made.ok) throw new Error(made.error.message);
      sessions.set(name, testSession(name, { worktreePath: made.value.path, branchName: made.value.branch }));
      return made.value.path;
    },
    touch(name) {
      const session = sessions.get(name);
      if (session !== undefined) sessions.set(name, { ...session, lastActivity: new Date(now).toISOString() });
    },
    dispose: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
  return test;
}

export const SAMPLE = {
  'README.md': '# sample\n',
  'src/a.ts': 'export const a = 1;\n',
  'src/b.ts': 'export const b = 2;\n',
  'src/deep/c.ts': 'export const c = 3;\n',
  '.gitignore': 'build/\n*.log\n',
};

/** Everything a restore has to bring back: each file and link with its bytes, each index entry, HEAD, git's own view. */
export async function stateOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const state: Record<string, string> = {};
  const git = async (...args: string[]): Promise<string> =>
    (
      await run('git', args, {
        cwd: folder,
        encoding: 'latin1',
        env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
      }).catch((error: { code: number }) => ({
        stdout: `exit ${error.code}`,
      }))
    ).stdout;
  const ignored = await git('ls-files', '--others', '--ignored', '--exclude-standard', '-z');
  await walk(Buffer.from(folder), '', state);
  // What git ignores is nobody's to keep.
  for (const path of ignored.split('\0')) delete state[path];
  state['(index)'] = await git('ls-files', '--stage', '-v', '-z');
  state['(intended)'] = await git('diff', '--name-only', '--diff-filter=A', '-z');
  state['(status)'] = await git('status', '--porcelain=v2', '--branch', '-z', '-uall', '--no-renames');
  state['(HEAD)'] = await git('rev-parse', 'HEAD');
  state['(operation)'] = await git('status').then((text) => (/rebas|merg|cherry/i.exec(text) ?? ['none'])[0]);
  return state;
}

async function walk(folder: Buffer, prefix: string, state: Record<string, string>): Promise<void> {
  for (const name of await readdir(folder, { encoding: 'buffer' })) {
    const shown = prefix + name.toString('latin1');
    if (shown === '.git' || shown.endsWith('/.git')) continue;
    const place = Buffer.concat([folder, Buffer.from('/'), name]);
    const stats = await lstat(place);
    if (stats.isDirectory()) {
      await walk(place, `${shown}/`, state);
    } else if (stats.isSymbolicLink())
      state[shown] = `link ${(await readlink(place, { encoding: 'buffer' })).toString('latin1')}`;
    else if (stats.isFile()) {
      const hash = createHash('sha256')
        .update(await readFile(place))
        .digest('hex');
      state[shown] = `${(stats.mode & 0o100) === 0 ? 'file' : 'program'} ${stats.size} ${hash}`;
    }
  }
}

/** Uncommitted work of every kind: staged, unstaged, both, deleted, renamed, untracked, programs, links, odd names. */
export async function makeWork(folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  const git = (...args: string[]): Promise<unknown> => run('git', args, { cwd: folder });
  await writeFile(at('src/a.ts'), 'export const a = 10;\n');
  await git('add', 'src/a.ts');
  await writeFile(at('src/a.ts'), 'export const a = 11;\r\n');
  await writeFile(at('README.md'), '# changed\n', { mode: 0o755 });
  await run('chmod', ['755', at('README.md')]);
  await rm(at('src/deep/c.ts'));
  await git('mv', 'src/b.ts', 'src/moved.ts');
  await writeFile(at('staged.txt'), 'staged\n');
  await git('add', 'staged.txt');
  await writeFile(at('intended.txt'), 'intended\n');
  await git('add', '-N', 'intended.txt');
  await mkdir(at('new/deeper'), { recursive: true });
  await writeFile(at('new/deeper/tool'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(at('empty'), '');
  await writeFile(at('binary'), Buffer.from([0, 255, 10, 13, 0, 128]));
  await symlink('src/a.ts', at('link'));
  await symlink('/nowhere/at all', at('dangling'));
  await writeFile(at('-dash'), 'dash\n');
  await writeFile(at('two\nlines "quoted"\\\t'), 'odd\n');
  await writeFile(at(' spaces at both ends '), 'odd\n');
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x6e, 0xff, 0xfe])]), 'no utf-8\n');
}
