import { type Git, splitNul } from '../git/git.ts';
import type { ConflictInput } from './autoResolve.ts';
import { conflictKinds, type MergedTree } from './mergeTree.ts';
import { readObjects } from './readObjects.ts';
import type { UnmergedFile } from './repositoryState.ts';

/** A conflicting file with everything the tiers look at. */
export interface Conflict extends ConflictInput {
  readonly path: string;
  /** The file with git's markers as it is in the merged tree, byte for byte; empty when it is not there. */
  readonly bytes: Buffer;
  /** True when every version is text in UTF-8, so that its characters survive being read and written. */
  readonly isText: boolean;
  /** Mode the file has after the merge. */
  readonly mode: string;
}

const NO_BYTES = Buffer.alloc(0);

/** Reads all conflicting files of a merged tree with two processes, however many they are. */
export async function readConflicts(git: Git, merged: MergedTree): Promise<readonly Conflict[]> {
  const nameOf = (path: string): string => `${merged.tree}:${path}`;
  const names = merged.files.flatMap((file) => [
    nameOf(file.path),
    ...[1, 2, 3].flatMap((stage) => file.stages[stage as 1 | 2 | 3]?.oid ?? []),
  ]);
  const [blobs, union] = await Promise.all([
    readObjects(
      git,
      names.filter((name) => !isSubmodule(merged, name)),
    ),
    unionPaths(
      git,
      merged.files.map((file) => file.path),
    ),
  ]);
  return merged.files.map((file) => {
    const version = (stage: 1 | 2 | 3): Buffer => blobs.get(file.stages[stage]?.oid ?? '') ?? NO_BYTES;
    const bytes = blobs.get(nameOf(file.path)) ?? NO_BYTES;
    const [base, ours, theirs] = [version(1), version(2), version(3)];
    return {
      path: file.path,
      file,
      kinds: conflictKinds(merged, file.path),
      union: union.has(file.path),
      bytes,
      isText: [bytes, base, ours, theirs].every(isUtf8Text),
      mode: mergedMode(file),
      content: bytes.toString('utf8'),
      base: base.toString('utf8'),
      ours: ours.toString('utf8'),
      theirs: theirs.toString('utf8'),
    };
  });
}

/** Commits of submodules are no objects of this repository. */
function isSubmodule(merged: MergedTree, oid: string): boolean {
  return merged.files.some((file) =>
    Object.values(file.stages).some((stage) => stage.oid === oid && stage.mode === '160000'),
  );
}

/** Paths git joins line by line (`merge=union`), read from the working tree, as git itself does for the merge (spec 02 §2.5). */
async function unionPaths(git: Git, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const output = await git(['check-attr', '-z', '--stdin', 'merge'], {
    input: paths.map((path) => `${path}\0`).join(''),
  });
  const parts = output.stdout.split('\0');
  const union = new Set<string>();
  for (let index = 0; index + 2 < parts.length; index += 3) {
    if (parts[index + 2] === 'union') union.add(parts[index] ?? '');
  }
  return union;
}

function isUtf8Text(bytes: Buffer): boolean {
  return !bytes.includes(0) && Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

/** The mode one side gave the file, else the one it has. */
function mergedMode({ stages }: UnmergedFile): string {
  const ours = stages[2]?.mode;
  const theirs = stages[3]?.mode;
  if (ours === undefined || theirs === undefined) return ours ?? theirs ?? '100644';
  return ours === stages[1]?.mode ? theirs : ours;
}

/** Files of a commit range, for the queue (spec 02 §2.2, step 4): null when git cannot compare. */
export async function filesOfBranch(git: Git, target: string, branch: string): Promise<readonly string[] | null> {
  const range = `refs/heads/${target}...refs/heads/${branch}`;
  const output = await git(['diff', '--name-only', '--no-renames', '-z', range, '--']);
  return output.code === 0 ? splitNul(output.stdout) : null;
}
