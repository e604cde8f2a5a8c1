import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Git, splitNul } from '../git/git.ts';
import { isMissing, pathExists, readTextIfPresent } from '../util/files.ts';
import { parseWorktreeList, type WorktreeEntry } from '../worktrees/parsers.ts';
import { gitLine, nameFiles } from './repositoryState.ts';
import type { MergeSite } from './site.ts';

/** A worktree that has the target branch checked out, so that its files have to follow when the branch moves. */
export interface Holder {
  readonly path: string;
  /** Runs git in it. */
  readonly git: Git;
}

/**
 * The worktree that has a branch checked out, or null when none has. Refused: two of them, of which only one could
 * follow; and a merge, rebase or the like somebody has begun there and not finished.
 */
export async function holderOf({ git, root }: MergeSite, target: string): Promise<Result<Holder | null, CallError>> {
  const worktrees = (await readWorktrees(root)) ?? (await listWorktrees(git));
  if (worktrees === null) return fail('merge', `git cannot list the worktrees of ${root}`);
  const present: string[] = [];
  for (const { path, branch } of worktrees) {
    // A detached worktree may be one where the branch is being rebased: its ref is moved when that ends.
    if (branch !== target && branch !== '') continue;
    const folder = await gitFolderOf(path);
    // The folder is gone: nobody's files have to follow.
    if (folder === null) continue;
    const operation = await operationIn(folder);
    if (branch === '' && (operation !== 'rebase' || !(await isRebasing(folder, target)))) continue;
    if (operation !== null)
      return fail('merge', `A ${operation} is in progress in ${path}; finish or abort it, then merge again`);
    present.push(path);
  }
  const [path, second] = present;
  if (path === undefined) return ok(null);
  if (second !== undefined)
    return fail(
      'merge',
      `${target} is checked out in two worktrees, ${path} and ${second}; switch one of them to another branch, then merge again`,
    );
  return ok({ path, git: (args, options) => git(args, { cwd: path, ...options }) });
}

type CheckedOut = Pick<WorktreeEntry, 'path' | 'branch'>;

/**
 * Which branch each worktree is on, by git's own files, without a process. Null where they do not say: a root that is a
 * linked worktree or a submodule itself, and refs that are not kept in files.
 */
async function readWorktrees(root: string): Promise<readonly CheckedOut[] | null> {
  const common = join(root, '.git');
  const own = await branchIn(common);
  if (own === null) return null;
  const linked = join(common, 'worktrees');
  const names = await readdir(linked).catch((error: unknown) => {
    // No worktree was ever made; or `.git` is a file, which was ruled out above.
    if (isMissing(error)) return [];
    throw error;
  });
  const found = await Promise.all(
    names.map(async (name) => {
      const link = await readTextIfPresent(join(linked, name, 'gitdir'));
      const branch = await branchIn(join(linked, name));
      return link === null || branch === null ? null : { path: dirname(link.trim()), branch };
    }),
  );
  return found.includes(null) ? null : [{ path: root, branch: own }, ...found.filter((entry) => entry !== null)];
}

/** Branch of a HEAD file; empty when detached, null when it cannot be told from the file. */
async function branchIn(gitFolder: string): Promise<string | null> {
  const head = await readTextIfPresent(join(gitFolder, 'HEAD'));
  if (head === null) return null;
  const branch = /^ref: refs\/heads\/(.+)\n$/.exec(head)?.[1];
  if (branch === undefined) return /^[0-9a-f]{40,64}\n$/.test(head) ? '' : null;
  // What git writes where refs are not files.
  return branch === '.invalid' ? null : branch;
}

async function listWorktrees(git: Git): Promise<readonly CheckedOut[] | null> {
  const output = await git(['worktree', 'list', '--porcelain']);
  return output.code === 0 ? parseWorktreeList(output.stdout) : null;
}

/** The folder where a worktree keeps HEAD and index; null when there is no worktree. */
export async function gitFolderOf(worktree: string): Promise<string | null> {
  const link = join(worktree, '.git');
  try {
    if ((await lstat(link)).isDirectory()) return link;
    const text = /^gitdir: (.+?)\r?\n?$/s.exec(await readFile(link, 'utf8'))?.[1];
    return text === undefined ? null : resolve(worktree, text);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const OPERATIONS = [
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
] as const;

async function operationIn(gitFolder: string): Promise<string | null> {
  const present = await Promise.all(OPERATIONS.map(([file]) => pathExists(join(gitFolder, file))));
  return OPERATIONS[present.indexOf(true)]?.[1] ?? null;
}

async function isRebasing(gitFolder: string, branch: string): Promise<boolean> {
  for (const folder of ['rebase-merge', 'rebase-apply']) {
    try {
      const name = await readFile(join(gitFolder, folder, 'head-name'), 'utf8');
      if (name.trim() === `refs/heads/${branch}`) return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return false;
}

/** A file the merge changes in the target. */
export interface Change {
  readonly path: string;
  /** The target does not have it. */
  readonly added: boolean;
  /** Mode and blob in the merged tree; the blob is all zeros when the merge removes the file. */
  readonly mode: string;
  readonly oid: string;
}

/** What a merged tree changes in the target. */
export async function changesBetween(
  git: Git,
  from: string,
  to: string,
): Promise<Result<readonly Change[], CallError>> {
  const output = await git(['diff-tree', '-r', '-z', '--no-renames', from, to]);
  if (output.code !== 0) return fail('merge', `git cannot compare the merge: ${gitLine(output.stderr)}`);
  const parts = splitNul(output.stdout);
  const changes: Change[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const fields = (parts[index] ?? '').split(' ');
    changes.push({
      path: parts[index + 1] ?? '',
      added: fields[4] === 'A',
      mode: fields[1] ?? '',
      oid: fields[3] ?? '',
    });
  }
  return ok(changes);
}

/** Tracked files of a worktree that differ from its HEAD, staged or not. */
export async function dirtyFiles(holder: Holder): Promise<readonly string[]> {
  const output = await holder.git([
    'status',
    '--porcelain',
    '-z',
    '--untracked-files=no',
    '--no-renames',
    '--ignore-submodules=dirty',
  ]);
  // Two letters, a blank, the path.
  return splitNul(output.stdout).map((entry) => entry.slice(3));
}

/** What lies untracked where a merge wants to write. */
export interface Untracked {
  /** Of other content than the branch brings: merging would destroy them. */
  readonly blocking: readonly string[];
  /** Of the very content the branch brings. */
  readonly same: readonly Change[];
}

/**
 * Looks for untracked files, ignored ones included (git overwrites those without a word), at paths the merge would
 * create. The reference deletes them (spec 02 §2.4, step 4); here nothing is ever deleted.
 */
export async function untrackedInTheWay(holder: Holder, changes: readonly Change[]): Promise<Untracked> {
  const blocking = new Set<string>();
  const same: Change[] = [];
  const found: { readonly change: Change; readonly at: string }[] = [];
  for (const change of changes) {
    if (!change.added) continue;
    const at = await occupied(holder.path, change.path);
    if (at !== null) found.push({ change, at });
  }
  if (found.length === 0) return { blocking: [], same };
  const literal = found.map(({ at }) => `:(top,literal)${at}`);
  const [tracked, others] = await Promise.all([
    holder.git(['ls-files', '-z', '--', ...literal]),
    holder.git(['ls-files', '--others', '-z', '--', ...literal]),
  ]);
  const known = new Set(splitNul(tracked.stdout));
  const untracked = splitNul(others.stdout);
  for (const { change, at } of found) {
    if (known.has(at)) continue;
    const below = untracked.filter((path) => path === at || path.startsWith(`${at}/`));
    if (below.length === 1 && at === change.path && (await hasContent(holder, change))) same.push(change);
    else for (const path of below) blocking.add(path);
  }
  return { blocking: [...blocking], same };
}

/** The path itself or the file that stands where one of its folders should be; null when nothing is in the way. */
async function occupied(root: string, path: string): Promise<string | null> {
  const segments = path.split('/');
  for (let depth = 1; depth <= segments.length; depth += 1) {
    const part = segments.slice(0, depth).join('/');
    const kind = await kindOf(join(root, part));
    if (kind === 'nothing') return null;
    if (kind === 'file' || depth === segments.length) return part;
  }
  return null;
}

async function kindOf(path: string): Promise<'nothing' | 'file' | 'folder'> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (isMissing(error)) return 'nothing';
    throw error;
  }
}

/** True when a plain file on disk is, after git's own filters, the blob the merge brings. */
async function hasContent(holder: Holder, change: Change): Promise<boolean> {
  if (!change.mode.startsWith('100') || !(await lstat(join(holder.path, change.path))).isFile()) return false;
  const hash = await holder.git(['hash-object', '--', change.path]);
  return hash.code === 0 && hash.stdout.trim() === change.oid;
}

/** The refusal for files the merge would have to overwrite. */
export function inTheWay(holder: Holder, edited: readonly string[], untracked: readonly string[]): CallError {
  const reasons = [
    ...(edited.length === 0
      ? []
      : [`uncommitted changes in ${nameFiles(edited)}, which the merge changes too: commit or undo them`]),
    ...(untracked.length === 0
      ? []
      : [
          `untracked ${untracked.length === 1 ? 'file' : 'files'} ${nameFiles(untracked)} in the way, with other content than the branch brings: move or commit`,
        ]),
  ];
  return {
    tag: 'merge',
    message: `${holder.path} has ${reasons.join('; and ')}, then merge again`,
    data: { files: [...edited, ...untracked] },
  };
}
