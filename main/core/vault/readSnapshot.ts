import { fail, ok, type Result } from '../../../contract/result.ts';
import { PATCH_LENGTH, type SnapshotFile, type SnapshotView } from '../../../contract/vault.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { showPath } from './pathBytes.ts';
import { partsOf } from './restoreWorktree.ts';
import { diffTrees } from './treeDiff.ts';

/** What a snapshot holds beyond HEAD, by path. */
export async function filesOf(git: Git, snapshot: SnapshotView): Promise<Result<readonly SnapshotFile[]>> {
  const parts = partsOf(snapshot);
  const files = await diffTrees(git, parts.head, parts.files);
  if (!files.ok) return files;
  const index = await diffTrees(git, parts.head, parts.index);
  if (!index.ok) return index;
  const staged = new Map(index.value.map((difference) => [difference.path, difference]));
  const paths = new Set([...files.value, ...index.value].map((difference) => difference.path));
  const byPath = new Map(files.value.map((difference) => [difference.path, difference]));
  return ok(
    [...paths].sort().map((path): SnapshotFile => {
      const inFiles = byPath.get(path);
      const inIndex = staged.get(path);
      const difference = inFiles ?? inIndex;
      const added = difference?.before === null;
      const deleted = difference?.after === null;
      return {
        path: showPath(path),
        change: added ? 'added' : deleted ? 'deleted' : 'modified',
        staged: inIndex !== undefined,
        untracked: added && inIndex === undefined,
      };
    }),
  );
}

/** The patch from one commit or tree to a snapshot's files; null stands for nothing. Cut at what travels at once. */
export async function patchBetween(
  git: Git,
  before: string | null,
  after: string,
): Promise<Result<{ readonly patch: string; readonly truncated: boolean }>> {
  const empty =
    before === null ? (await git(['hash-object', '-t', 'tree', '--stdin'], { input: '' })).stdout.trim() : before;
  const args = ['diff-tree', '-r', '-p', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-color', empty, after];
  const output = await git(args);
  if (output.code !== 0) return fail('worktree', `git cannot compare snapshots: ${gitLine(output.stderr)}`);
  const truncated = output.stdout.length > PATCH_LENGTH;
  return ok({ patch: truncated ? output.stdout.slice(0, PATCH_LENGTH) : output.stdout, truncated });
}
