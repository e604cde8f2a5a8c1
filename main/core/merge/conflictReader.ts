import {
  CONFLICT_LIMITS,
  type ConflictedFile,
  type ConflictHunk,
  type ConflictList,
  type FileConflict,
} from '../../../contract/conflicts.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { hasMarkerLine } from './conflictBlocks.ts';
import { conflictHunks, wholeFileHunk } from './conflictHunks.ts';
import { conflictKindsOf, conflictWords, type SideNames } from './conflictKind.ts';
import { type Conflict, readConflicts } from './conflicts.ts';
import { type MergedTree, mergeTree } from './mergeTree.ts';

/** Two commits whose merge is looked at, and how their sides are called. */
export interface ConflictSides {
  readonly ours: { readonly name: string; readonly commit: string };
  readonly theirs: { readonly name: string; readonly commit: string };
}

/** Files that conflict between two commits; nothing is written but trial objects. */
export async function listConflicts(git: Git, sides: ConflictSides): Promise<Result<ConflictList>> {
  const merged = await mergeTree(git, sides.ours.commit, sides.theirs.commit);
  if (!merged.ok) return merged;
  const names = namesOf(sides);
  const found = conflictKindsOf(merged.value);
  const files = found
    .slice(0, CONFLICT_LIMITS.files)
    .map((file): ConflictedFile => ({ ...file, words: conflictWords(file, merged.value, names) }));
  return ok({ ...names, files, count: found.length });
}

/** The hunks of one of these files, with what both sides started from. */
export async function readConflict(git: Git, sides: ConflictSides, path: string): Promise<Result<FileConflict>> {
  // The common ancestor's lines are part of the markers in this style.
  const withBase: Git = (args, how) => git(['-c', 'merge.conflictStyle=diff3', ...args], how);
  const merged = await mergeTree(withBase, sides.ours.commit, sides.theirs.commit);
  if (!merged.ok) return merged;
  const found = conflictKindsOf(merged.value).find((file) => file.path === path);
  if (found === undefined) return fail('notFound', `${path} does not conflict any more; look again`);
  const file: ConflictedFile = { ...found, words: conflictWords(found, merged.value, namesOf(sides)) };
  const unmerged = merged.value.files.find((one) => one.path === path);
  const has = {
    base: unmerged?.stages[1] !== undefined,
    ours: unmerged?.stages[2] !== undefined,
    theirs: unmerged?.stages[3] !== undefined,
  };
  const told = (note: string | null, hunks: readonly ConflictHunk[] = [], hunkCount = hunks.length): FileConflict => ({
    file,
    has,
    hunks: [...hunks],
    hunkCount,
    note,
  });
  if (unmerged === undefined) return ok(told('Git names no versions of this file: look at both branches'));
  if (Object.values(unmerged.stages).some((stage) => !stage.mode.startsWith('100')))
    return ok(told('It is no plain file on every side, so there are no lines to show'));
  if (await isLarge(git, merged.value, path))
    return ok(told('One of its versions is larger than 4 MiB: open both branches in an editor'));
  const [conflict] = await readConflicts(git, { ...merged.value, files: [unmerged] });
  if (conflict === undefined) return ok(told('Git cannot read this file'));
  return ok(shown(conflict, has, told));
}

function shown(
  conflict: Conflict,
  has: FileConflict['has'],
  told: (note: string | null, hunks?: readonly ConflictHunk[], count?: number) => FileConflict,
): FileConflict {
  if (!conflict.isText) return told('It holds no text in UTF-8, so there are no lines to show');
  const { base, ours, theirs } = conflict;
  const whole = (): readonly ConflictHunk[] => [
    wholeFileHunk({
      base: has.base ? base : null,
      ours: has.ours ? ours : null,
      theirs: has.theirs ? theirs : null,
    }),
  ];
  if (!has.ours || !has.theirs) return told(null, whole());
  if ([base, ours, theirs].some(hasMarkerLine))
    return told('It has lines of its own that look like conflict markers, so the versions are shown whole', whole());
  const { hunks, count } = conflictHunks(conflict.content);
  if (count === 0) return told('Git marks no lines in it, so the versions are shown whole', whole());
  if (hunks.length < count) return told(`The first ${hunks.length} of ${count} places are shown`, hunks, count);
  return told(null, hunks);
}

async function isLarge(git: Git, merged: MergedTree, path: string): Promise<boolean> {
  const stages = merged.files.find((file) => file.path === path)?.stages ?? {};
  const input = Object.values(stages)
    .map(({ oid }) => `${oid}\n`)
    .join('');
  const sizes = await git(['cat-file', '--batch-check=%(objectsize)'], { input });
  return sizes.stdout.split('\n').some((size) => Number(size) > CONFLICT_LIMITS.fileBytes);
}

function namesOf({ ours, theirs }: ConflictSides): SideNames {
  return { ours: ours.name, theirs: theirs.name };
}
