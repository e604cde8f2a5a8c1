import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, type Result } from '../../../contract/result.ts';
import type { SnapshotView } from '../../../contract/vault.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { readBlobs } from './blobs.ts';
import type { IndexExtras } from './capture.ts';
import type { GitFolders } from './gitFolders.ts';
import { decodeExtras } from './indexExtras.ts';
import { OPERATION_NAMES } from './operationState.ts';
import { showPath } from './pathBytes.ts';
import { checkFreshPaths, restoreFiles } from './restoreFiles.ts';
import { checkIndexFree, indexOfTree, restoreIndex, temporaryIndexFolder } from './restoreIndex.ts';
import { planRestore } from './restorePlan.ts';
import { diffTrees } from './treeDiff.ts';
import { EXTRAS_FILE, OPERATION_FOLDER } from './writeSnapshot.ts';

/** The parts a snapshot's commit is made of, as commits. */
export interface SnapshotParts {
  readonly files: string;
  readonly index: string;
  readonly head: string | null;
}

/** Names the parts: the index commit is the last parent. */
export function partsOf(snapshot: Pick<SnapshotView, 'commit' | 'head'>): SnapshotParts {
  const { commit, head } = snapshot;
  return { files: commit, index: head === null ? `${commit}^1` : `${commit}^2`, head };
}

export interface RestoredFiles {
  readonly written: number;
  readonly removed: number;
  readonly warnings: readonly string[];
}

/**
 * Makes files and index of a worktree what a snapshot holds. HEAD stays.
 * @param now tree or commit of the files as they are; null when there are none.
 */
export async function restoreSnapshot(
  git: Git,
  folders: GitFolders,
  snapshot: SnapshotView,
  now: string | null,
): Promise<Result<RestoredFiles & { readonly operation: readonly OperationFile[] }>> {
  const parts = partsOf(snapshot);
  const free = await checkIndexFree(folders);
  if (!free.ok) return free;
  const fromNow = await diffTrees(git, now, parts.files);
  if (!fromNow.ok) return fromNow;
  const fromHead = await diffTrees(git, parts.head, parts.files);
  if (!fromHead.ok) return fromHead;
  const fromIndex = await diffTrees(git, parts.index, parts.files);
  if (!fromIndex.ok) return fromIndex;
  const plan = planRestore(fromNow.value, fromHead.value, fromIndex.value);
  const fresh = await checkFreshPaths(folders.top, plan);
  if (!fresh.ok) return fresh;
  const rest = await readRest(git, folders, snapshot);
  if (!rest.ok) return rest;

  const folder = await temporaryIndexFolder(folders);
  try {
    const headIndex = join(folder, 'head');
    const made = await indexOfTree(git, folders, parts.head, headIndex);
    if (!made.ok) return made;
    const files = await restoreFiles(git, folders.top, plan, headIndex);
    if (!files.ok) return files;
    const index = await restoreIndex(git, folders, parts.index, rest.value.extras, folder);
    if (!index.ok) return index;
    const warnings = plan.submodules.map(
      (path) => `${showPath(path)} is a submodule: its files belong to its own repository and stay as they are`,
    );
    return ok({ ...files.value, warnings, operation: rest.value.operation });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface OperationFile {
  /** Relative to the git folder. */
  readonly path: string;
  readonly content: Buffer;
}

/** Reads what a snapshot keeps beside index and files. */
async function readRest(
  git: Git,
  folders: GitFolders,
  snapshot: SnapshotView,
): Promise<Result<{ extras: IndexExtras; operation: readonly OperationFile[] }>> {
  const none = { extras: { flagged: [], intended: [], conflicts: [] }, operation: [] };
  const { index, head } = partsOf(snapshot);
  const rest = `${index}^${head === null ? 1 : 2}`;
  const found = await git(['rev-parse', '--verify', '--quiet', rest]);
  if (found.code !== 0) return ok(none);
  const listed = await diffTrees(git, null, found.stdout.trim());
  if (!listed.ok) return listed;
  const wanted = listed.value.flatMap(({ path, after }) => {
    const ours = path === EXTRAS_FILE || path.startsWith(`${OPERATION_FOLDER}/`);
    return ours && after !== null ? [{ path, oid: after.oid, parts: [] as Buffer[] }] : [];
  });
  const read = await readBlobs(folders.top, wanted, async ({ parts }) => ({
    take: async (bytes) => parts.push(bytes),
    end: async () => {},
  }));
  if (!read.ok) return read;
  const extras = wanted.find((item) => item.path === EXTRAS_FILE);
  return ok({
    extras: extras === undefined ? none.extras : decodeExtras(Buffer.concat(extras.parts)),
    operation: wanted
      .filter((item) => item !== extras)
      .map((item) => ({
        path: showPath(item.path).slice(OPERATION_FOLDER.length + 1),
        content: Buffer.concat(item.parts),
      })),
  });
}

/** Makes an unfinished merge or rebase of a worktree what it was; none when the snapshot had none. */
export async function restoreOperation(folders: GitFolders, files: readonly OperationFile[]): Promise<void> {
  for (const name of await readdir(folders.own)) {
    if (OPERATION_NAMES.has(name)) await rm(join(folders.own, name), { recursive: true, force: true });
  }
  for (const { path, content } of files) {
    const place = join(folders.own, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content);
  }
}

/**
 * Sets HEAD to where the snapshot saw it, its branch with it. @returns a line when git refuses.
 */
export async function restoreHead(git: Git, folders: GitFolders, snapshot: SnapshotView): Promise<string | null> {
  const { head, branch } = snapshot;
  const message = ['-m', `ov vault restore ${snapshot.id}`];
  const run = (args: readonly string[]) => git(args, { cwd: folders.top });
  const ref = `refs/heads/${branch ?? ''}`;
  const steps: string[][] =
    branch === null
      ? head === null
        ? []
        : [['update-ref', ...message, '--no-deref', 'HEAD', head]]
      : [
          head === null ? ['update-ref', '-d', ref] : ['update-ref', ...message, ref, head],
          ['symbolic-ref', ...message, 'HEAD', ref],
        ];
  for (const step of steps) {
    const output = await run(step);
    if (output.code !== 0) return gitLine(output.stderr);
  }
  return null;
}
