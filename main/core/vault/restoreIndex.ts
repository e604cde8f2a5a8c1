import { mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git, GitOptions, GitOutput } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { pathExists } from '../util/files.ts';
import type { IndexExtras } from './capture.ts';
import type { GitFolders } from './gitFolders.ts';
import { placeOf } from './pathBytes.ts';
import { SYMLINK } from './treeDiff.ts';

/** A folder inside the worktree's git folder for indexes that are being made; the real one is replaced by a rename. */
export async function temporaryIndexFolder(folders: GitFolders): Promise<string> {
  return mkdtemp(join(folders.own, 'vault-'));
}

/** Refuses while another git holds the index: a restore half in is worse than one later. */
export async function checkIndexFree(folders: GitFolders): Promise<Result<null>> {
  const lock = join(folders.own, 'index.lock');
  if (!(await pathExists(lock))) return ok(null);
  return fail('conflict', `another git command works in ${folders.top} (${lock} exists); wait for it, then try again`);
}

/** Makes an index of one tree; null is the empty one. */
export async function indexOfTree(
  git: Git,
  folders: GitFolders,
  tree: string | null,
  file: string,
): Promise<Result<null>> {
  const read = await git(['read-tree', tree ?? '--empty'], { cwd: folders.top, env: { GIT_INDEX_FILE: file } });
  return read.code === 0 ? ok(null) : failure(folders, read);
}

/**
 * Puts the snapshot's index in place: its tree, its conflicts, flags and intended paths. It is made beside the real one
 * and replaces it under git's own lock.
 */
export async function restoreIndex(
  git: Git,
  folders: GitFolders,
  tree: string,
  extras: IndexExtras,
  folder: string,
): Promise<Result<null>> {
  const file = join(folder, 'index');
  const made = await indexOfTree(git, folders, tree, file);
  if (!made.ok) return made;
  const run = (args: readonly string[], options: GitOptions = {}): Promise<GitOutput> =>
    git(args, { cwd: folders.top, ...options, env: { GIT_INDEX_FILE: file } });
  // Stat data of what is on disk now; entries that differ are told by the exit code and are as they should be.
  await run(['update-index', '-q', '--refresh']);
  const steps: (() => Promise<GitOutput>)[] = [];
  const conflicts = extras.conflicts.flatMap(({ path, stages }) =>
    stages.map(({ stage, mode, oid }) => `${mode} ${oid} ${stage}\t${path}`),
  );
  if (conflicts.length > 0)
    steps.push(() => run(['update-index', '-z', '--index-info'], { input: records(conflicts) }));
  if (extras.intended.length > 0) steps.push(() => intend(run, extras.intended, join(folder, 'intended')));
  const flags = [
    ['--assume-unchanged', extras.flagged.filter((entry) => entry.assumeUnchanged)],
    ['--skip-worktree', extras.flagged.filter((entry) => entry.skipWorktree)],
  ] as const;
  for (const [flag, entries] of flags) {
    const input = records(entries.map((entry) => entry.path));
    if (entries.length > 0) steps.push(() => run(['update-index', flag, '-z', '--stdin'], { input }));
  }
  for (const step of steps) {
    const output = await step();
    if (output.code !== 0) return failure(folders, output);
  }
  return install(folders, file);
}

/** `git add -N` wants the files to exist: they do, empty, in a folder of their own. */
async function intend(
  run: (args: readonly string[], options?: GitOptions) => Promise<GitOutput>,
  entries: IndexExtras['intended'],
  folder: string,
): Promise<GitOutput> {
  for (const { path, mode } of entries) {
    const place = placeOf(folder, path);
    const parent = path.lastIndexOf('/');
    await mkdir(parent < 0 ? folder : placeOf(folder, path.slice(0, parent)), { recursive: true });
    if (mode === SYMLINK) await symlink('nowhere', place);
    else await writeFile(place, '', { mode: mode === '100755' ? 0o755 : 0o644 });
  }
  const args = ['--work-tree', folder, '--literal-pathspecs', 'add', '--intent-to-add', '--force'];
  return run([...args, '--pathspec-from-file=-', '--pathspec-file-nul'], {
    input: records(entries.map((entry) => entry.path)),
  });
}

async function install(folders: GitFolders, file: string): Promise<Result<null>> {
  const lock = join(folders.own, 'index.lock');
  try {
    await (await open(lock, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return checkIndexFree(folders);
  }
  try {
    await rename(file, lock);
    await rename(lock, join(folders.own, 'index'));
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
  return ok(null);
}

function records(list: readonly string[]): Buffer {
  return Buffer.from(list.map((record) => `${record}\0`).join(''), 'latin1');
}

function failure(folders: GitFolders, output: GitOutput): Result<never> {
  return fail('worktree', `git cannot make the index of ${folders.top}: ${gitLine(output.stderr)}`);
}
