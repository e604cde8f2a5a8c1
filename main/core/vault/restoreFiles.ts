import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, readlink, rmdir, symlink, unlink } from 'node:fs/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine, nameFiles } from '../merge/repositoryState.ts';
import { isMissing } from '../util/files.ts';
import { type BlobSink, fileSink, readBlobs } from './blobs.ts';
import { type PathBytes, placeOf, showPath } from './pathBytes.ts';
import type { PlannedFile, RestorePlan } from './restorePlan.ts';
import { SYMLINK } from './treeDiff.ts';

/** Bytes. Up to this a file is compared before it is written again, so that an unchanged one keeps its time. */
const COMPARED_BYTES = 8 * 1024 * 1024;

/** Refuses a restore that would overwrite what nobody keeps: ignored files and those a snapshot had to leave out. */
export async function checkFreshPaths(top: string, plan: RestorePlan): Promise<Result<null>> {
  const leaving = new Set(plan.removals);
  const changing = new Set([...plan.writes.map((file) => file.path), ...plan.checkouts]);
  const inTheWay: string[] = [];
  for (const path of plan.fresh) {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const part = parts.slice(0, depth).join('/');
      const kind = await kindOf(top, part);
      if (kind === 'nothing' || leaving.has(part)) break;
      if (kind === 'folder' && depth < parts.length) continue;
      const planned = plan.writes.find((file) => file.path === path);
      if (depth === parts.length && kind === 'folder' && (await isEmptied(top, part, leaving))) break;
      if (depth === parts.length && kind === 'file' && planned !== undefined && (await holds(top, planned))) break;
      if (depth < parts.length && changing.has(part)) break;
      inTheWay.push(showPath(part));
      break;
    }
  }
  if (inTheWay.length === 0) return ok(null);
  return fail(
    'conflict',
    `${nameFiles(inTheWay)} in ${top} would be overwritten and no snapshot holds it; move it away or restore into a new worktree`,
    { data: { files: inTheWay.slice(0, 100) } },
  );
}

/** Makes the files of a worktree what the snapshot holds. */
export async function restoreFiles(
  git: Git,
  top: string,
  plan: RestorePlan,
  headIndex: string,
): Promise<Result<{ readonly written: number; readonly removed: number }>> {
  let removed = 0;
  for (const path of plan.removals) if (await removeFile(top, path)) removed += 1;
  if (plan.checkouts.length > 0) {
    const input = Buffer.from(plan.checkouts.map((path) => `${path}\0`).join(''), 'latin1');
    const args = ['checkout-index', '--force', '--quiet', '-z', '--stdin'];
    const output = await git(args, { cwd: top, input, env: { GIT_INDEX_FILE: headIndex } });
    if (output.code !== 0) return fail('worktree', `git cannot write files to ${top}: ${gitLine(output.stderr)}`);
  }
  const wanted: PlannedFile[] = [];
  for (const file of plan.writes) if (!(await holds(top, file))) wanted.push(file);
  const written = await readBlobs(top, wanted, async (file) => {
    await makePlace(top, file.path);
    const place = placeOf(top, file.path);
    if (file.mode === SYMLINK) return linkSink(place);
    // Only a new file: a link somebody puts there meanwhile must not lead the write out of the worktree.
    return fileSink(await open(place, 'wx', file.mode === '100755' ? 0o777 : 0o666));
  });
  if (!written.ok) return written;
  return ok({ written: plan.checkouts.length + wanted.length, removed });
}

type Kind = 'nothing' | 'file' | 'folder';

async function kindOf(top: string, path: PathBytes): Promise<Kind> {
  try {
    return (await lstat(placeOf(top, path))).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (isMissing(error)) return 'nothing';
    throw error;
  }
}

/** True when a folder holds nothing but files that are going to be removed, so that a file can take its place. */
async function isEmptied(top: string, path: PathBytes, leaving: ReadonlySet<PathBytes>): Promise<boolean> {
  const entries = await readdir(placeOf(top, path), { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) {
    const inner = `${path}/${entry.name.toString('latin1')}`;
    const fine = entry.isDirectory() ? await isEmptied(top, inner, leaving) : leaving.has(inner);
    if (!fine) return false;
  }
  return true;
}

/** True when the file on disk is exactly the kept one. Large ones are simply written again. */
async function holds(top: string, file: PlannedFile): Promise<boolean> {
  const place = placeOf(top, file.path);
  try {
    const stats = await lstat(place);
    const isLink = file.mode === SYMLINK;
    if (stats.isSymbolicLink() !== isLink || (!isLink && !stats.isFile()) || stats.size > COMPARED_BYTES) return false;
    if (!isLink && (stats.mode & 0o100) !== (file.mode === '100755' ? 0o100 : 0)) return false;
    return (
      blobId(isLink ? await readlink(place, { encoding: 'buffer' }) : await readFile(place), file.oid) === file.oid
    );
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Git's id of these bytes, in the kind of hash the given id is of. */
function blobId(content: Buffer, like: string): string {
  const hash = createHash(like.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** Collects a link's target and makes the link. */
function linkSink(place: Buffer): BlobSink {
  const parts: Buffer[] = [];
  return {
    take: async (bytes) => parts.push(bytes),
    async end(complete) {
      if (complete) await symlink(Buffer.concat(parts), place);
    },
  };
}

/** Removes a file or link and the folders that are empty then. */
async function removeFile(top: string, path: PathBytes): Promise<boolean> {
  if (!(await leadsThroughFolders(top, path)) || (await kindOf(top, path)) !== 'file') return false;
  await unlink(placeOf(top, path));
  const parts = path.split('/');
  for (let depth = parts.length - 1; depth > 0; depth -= 1) {
    try {
      await rmdir(placeOf(top, parts.slice(0, depth).join('/')));
    } catch {
      // Not empty: this folder and those above it stay.
      break;
    }
  }
  return true;
}

/** Makes the folders of a path and clears its place; an empty folder or a file that stands there goes. */
async function makePlace(top: string, path: PathBytes): Promise<void> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const part = parts.slice(0, depth).join('/');
    const kind = await kindOf(top, part);
    if (kind === 'file') await unlink(placeOf(top, part));
    if (kind !== 'folder') await mkdir(placeOf(top, part));
  }
  const kind = await kindOf(top, path);
  if (kind === 'file') await unlink(placeOf(top, path));
  else if (kind === 'folder') await removeEmptyFolders(top, path);
}

async function removeEmptyFolders(top: string, path: PathBytes): Promise<void> {
  for (const name of await readdir(placeOf(top, path), { encoding: 'buffer' })) {
    await removeEmptyFolders(top, `${path}/${name.toString('latin1')}`);
  }
  await rmdir(placeOf(top, path));
}

/** False when a link stands where the path has a folder: what lies behind it is not ours. */
async function leadsThroughFolders(top: string, path: PathBytes): Promise<boolean> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    if ((await kindOf(top, parts.slice(0, depth).join('/'))) !== 'folder') return false;
  }
  return true;
}
