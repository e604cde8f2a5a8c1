import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Git, splitNul } from '../git/git.ts';
import { isMissing, pathExists } from '../util/files.ts';
import { asideFolder } from './journal.ts';
import { gitLine, nameFiles } from './repositoryState.ts';

/** A file the merge brings that HEAD does not have. */
interface IncomingFile {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
}

/** What lies untracked where the merge wants to write. */
export interface Collisions {
  /** Of other content than the branch brings: merging would destroy them. */
  readonly blocking: readonly string[];
  /** Of the very content the branch brings. */
  readonly same: readonly string[];
}

/**
 * Looks for untracked files, ignored ones included (git overwrites those without a word), at paths the merge of
 * `commit` would create. The reference deletes them (spec 02 §2.4, step 4); here nothing is ever deleted.
 */
export async function findCollisions(git: Git, root: string, commit: string): Promise<Result<Collisions, CallError>> {
  const tree = await git(['merge-tree', '--write-tree', '-z', '--no-messages', 'HEAD', commit]);
  if (tree.code > 1) return fail('merge', `git cannot merge these branches: ${gitLine(tree.stderr)}`);
  const resultTree = tree.stdout.split('\0', 1)[0] ?? '';
  const diff = await git(['diff-tree', '-r', '-z', '--no-renames', '--diff-filter=A', 'HEAD', resultTree]);
  if (diff.code !== 0) return fail('merge', `git cannot compare the merge: ${gitLine(diff.stderr)}`);
  const tracked = new Set(splitNul((await git(['ls-files', '-z'])).stdout));
  const blocking = new Set<string>();
  const same = new Set<string>();
  for (const file of parseRawDiff(diff.stdout)) {
    if (tracked.has(file.path)) continue;
    for (const found of await untrackedAt(git, root, file.path, tracked)) {
      const equal = found === file.path && (await hasContent(git, root, file));
      (equal ? same : blocking).add(found);
    }
  }
  return ok({ blocking: [...blocking], same: [...same] });
}

/** Reads `git diff-tree -r -z`: `:<mode> <mode> <oid> <oid> <status>` and the path, each with NUL. */
function parseRawDiff(output: string): IncomingFile[] {
  const parts = splitNul(output);
  const files: IncomingFile[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const fields = (parts[index] ?? '').split(' ');
    files.push({ path: parts[index + 1] ?? '', mode: fields[1] ?? '', oid: fields[3] ?? '' });
  }
  return files;
}

/** Untracked things in the way of one new file: the file, a file where one of its folders should be, or a folder's content. */
async function untrackedAt(git: Git, root: string, path: string, tracked: ReadonlySet<string>): Promise<string[]> {
  const segments = path.split('/');
  for (let depth = 1; depth <= segments.length; depth += 1) {
    const part = segments.slice(0, depth).join('/');
    const kind = await kindOf(join(root, part));
    if (kind === 'nothing') return [];
    if (kind === 'file') return tracked.has(part) ? [] : [part];
  }
  // A folder stands where the file should be: what is tracked in it, the merge itself removes.
  const listing = await git(['ls-files', '--others', '-z', '--', `:(top,literal)${path}`]);
  return splitNul(listing.stdout);
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
async function hasContent(git: Git, root: string, file: IncomingFile): Promise<boolean> {
  if (!file.mode.startsWith('100')) return false;
  if (!(await lstat(join(root, file.path))).isFile()) return false;
  const hash = await git(['hash-object', '--', file.path]);
  return hash.code === 0 && hash.stdout.trim() === file.oid;
}

/** The error for files in the way (spec 02 §2.4, changed: named instead of deleted). */
export function collisionError(paths: readonly string[]): Result<never, CallError> {
  const [word, them] = paths.length === 1 ? ['Untracked file', 'it'] : ['Untracked files', 'them'];
  return fail(
    'merge',
    `${word} in the way of the merge, with other content than the branch brings: ${nameFiles(paths)}; move ${them} away or commit ${them}, then merge again`,
    { data: { files: paths } },
  );
}

/** Moves files out of the way; `bringBack` or `forget` ends it. */
export async function putAside(root: string, overstory: string, id: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const target = join(asideFolder(overstory, id), path);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(root, path), target);
  }
}

/** Moves the files of one merge back to where nothing stands now, and drops the rest: the merge has written the same content. */
export async function bringBack(root: string, overstory: string, id: string): Promise<void> {
  const aside = asideFolder(overstory, id);
  for (const path of await filesBelow(aside)) {
    const home = join(root, path);
    if (await pathExists(home)) continue;
    await mkdir(dirname(home), { recursive: true });
    await rename(join(aside, path), home);
  }
  await rm(aside, { recursive: true, force: true });
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
