import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { splitNul } from '../git/git.ts';
import { isMissing, pathExists } from '../util/files.ts';
import { asideFolder, type MergeJournal } from './journal.ts';
import type { MergeSite } from './prepare.ts';
import { unmergedFiles } from './repositoryState.ts';

/**
 * Undoes what a git that was killed had written of a merge: unmerged entries, staged results, and files that hold the
 * beginning or all of what the merge would have made of them, or are gone where it would have replaced or removed them.
 * Uncommitted work had been put aside before the merge began, so everything else is an edit made since and stays.
 */
export async function undoPartialMerge(site: MergeSite, journal: MergeJournal): Promise<void> {
  const { git, root } = site;
  if ((await unmergedFiles(git)).length > 0) await git(['reset', '--merge']);
  const tree = await git(['merge-tree', '--write-tree', '-z', '--no-messages', 'HEAD', journal.commit]);
  const resultTree = splitNul(tree.stdout)[0];
  // Unrelated histories and the like: git refused before it wrote anything.
  if (tree.code > 1 || resultTree === undefined) return;
  const changed = parseChanges(
    (await git(['diff-tree', '-r', '-z', '--no-renames', '--name-status', 'HEAD', resultTree])).stdout,
  );
  if (changed.length === 0) return;
  await git(['reset', '--quiet', '--', ...changed.map(({ path }) => literal(path))]);
  const differing = new Set(splitNul((await git(['diff', '--name-only', '--no-renames', '-z'])).stdout));
  const suspects: Change[] = [];
  for (const change of changed) {
    const present = change.added ? await pathExists(join(root, change.path)) : differing.has(change.path);
    if (present) suspects.push(change);
  }
  if (suspects.length === 0) return;
  const wanted = `${asideFolder(site.overstory, journal.id)}.wanted`;
  try {
    await materialise(site, resultTree, suspects, wanted);
    for (const change of suspects) {
      if (!(await isHalfWritten(join(root, change.path), join(wanted, 'files', change.path)))) continue;
      if (change.added) await rm(join(root, change.path));
      else await git(['checkout', 'HEAD', '--', literal(change.path)]);
    }
  } finally {
    await rm(wanted, { recursive: true, force: true });
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
async function materialise(site: MergeSite, tree: string, changes: readonly Change[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  await site.git(['read-tree', tree], { env });
  const paths = changes.map(({ path }) => path);
  await site.git(['checkout-index', '--quiet', `--prefix=${join(folder, 'files')}/`, '--', ...paths], { env });
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
