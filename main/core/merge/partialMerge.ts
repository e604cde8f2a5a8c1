import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Git, splitNul } from '../git/git.ts';
import { isMissing, pathExists } from '../util/files.ts';

/** A fast-forward that was cut short: where it led, and the checkout it was to bring along. */
export interface CutShort {
  readonly git: Git;
  /** Top folder of the checkout. */
  readonly root: string;
  readonly from: string;
  readonly to: string;
  /** Files that had been there untracked with the content it brings: they are a person's own. */
  readonly own: readonly string[];
  /** Path that may be used for a while. */
  readonly scratch: string;
}

/**
 * Undoes what a git that was killed had written of a fast-forward: staged results, and files that hold the beginning or
 * all of what it would have made of them, or are gone where it would have replaced or removed them. None of these files
 * had uncommitted changes when it began, so everything else is an edit made since and stays.
 */
export async function undoFastForward(cut: CutShort): Promise<void> {
  const { git, root } = cut;
  const changed = parseChanges(
    (await git(['diff-tree', '-r', '-z', '--no-renames', '--name-status', cut.from, cut.to])).stdout,
  );
  if (changed.length === 0) return;
  await git(['reset', '--quiet', '--', ...changed.map(({ path }) => literal(path))]);
  const differing = new Set(splitNul((await git(['diff', '--name-only', '--no-renames', '-z'])).stdout));
  const suspects: Change[] = [];
  const own = new Set(cut.own);
  for (const change of changed.filter(({ path }) => !own.has(path))) {
    const present = change.added ? await pathExists(join(root, change.path)) : differing.has(change.path);
    if (present) suspects.push(change);
  }
  if (suspects.length === 0) return;
  try {
    await materialise(cut, suspects);
    for (const change of suspects) {
      if (!(await isHalfWritten(join(root, change.path), join(cut.scratch, 'files', change.path)))) continue;
      if (change.added) await rm(join(root, change.path));
      else await git(['checkout', 'HEAD', '--', literal(change.path)]);
    }
  } finally {
    await rm(cut.scratch, { recursive: true, force: true });
  }
}

interface Change {
  readonly path: string;
  /** HEAD does not have it. */
  readonly added: boolean;
}

/** Reads `git diff-tree -z --name-status`: status and path in turn. */
function parseChanges(output: string): Change[] {
  const parts = splitNul(output);
  const changes: Change[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    changes.push({ path: parts[index + 1] ?? '', added: parts[index] === 'A' });
  }
  return changes;
}

/** Writes the files as the merge would have, line ends and filters included; those it would have removed are left out. */
async function materialise({ git, to, scratch }: CutShort, changes: readonly Change[]): Promise<void> {
  await mkdir(scratch, { recursive: true });
  const env = { GIT_INDEX_FILE: join(scratch, 'index') };
  await git(['read-tree', to], { env });
  const paths = changes.map(({ path }) => path);
  await git(['checkout-index', '--quiet', `--prefix=${join(scratch, 'files')}/`, '--', ...paths], { env });
}

async function isHalfWritten(path: string, wantedPath: string): Promise<boolean> {
  const present = await plainContent(path);
  // Git removes the old file before it writes the new one.
  if (present === 'nothing') return true;
  const wanted = await plainContent(wantedPath);
  if (present === 'other' || wanted === 'other' || wanted === 'nothing') return false;
  return wanted.subarray(0, present.length).equals(present);
}

async function plainContent(path: string): Promise<Buffer | 'nothing' | 'other'> {
  try {
    return (await lstat(path)).isFile() ? await readFile(path) : 'other';
  } catch (error) {
    if (isMissing(error)) return 'nothing';
    throw error;
  }
}

function literal(path: string): string {
  return `:(top,literal)${path}`;
}
