import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine, parseUnmerged, type UnmergedFile } from './repositoryState.ts';

/** One thing git said about a conflict. */
export interface ConflictNote {
  /** Git's stable word, such as `CONFLICT (contents)`, `CONFLICT (modify/delete)` or `Auto-merging`. */
  readonly kind: string;
  readonly paths: readonly string[];
  readonly text: string;
}

/** What git makes of two commits, without touching files, index or refs. */
export interface MergedTree {
  /** Conflicting files hold git's markers in it. */
  readonly tree: string;
  readonly clean: boolean;
  readonly files: readonly UnmergedFile[];
  readonly notes: readonly ConflictNote[];
}

/** Kind of an ordinary conflict of lines. */
export const CONTENTS = 'CONFLICT (contents)';
export const MODIFY_DELETE = 'CONFLICT (modify/delete)';

/**
 * Settings a merge is computed with, whatever the user's own say: renames are followed, and a new file in a folder the
 * other side renamed is asked about instead of moved unseen.
 */
export const MERGE_SETTINGS = [
  '-c',
  'merge.renames=true',
  '-c',
  'merge.directoryRenames=conflict',
  '-c',
  'merge.renormalize=false',
] as const;

/**
 * Merges two commits in the object database (spec 02 §2.7, step 4). The merge base is git's own choice: naming it needs
 * git 2.40. Attributes are read from the working tree the runner stands in.
 */
export async function mergeTree(git: Git, ours: string, theirs: string): Promise<Result<MergedTree, CallError>> {
  const output = await git([...MERGE_SETTINGS, 'merge-tree', '--write-tree', '-z', '--messages', ours, theirs]);
  if (output.code > 1) return fail('merge', `git cannot merge these branches: ${gitLine(output.stderr)}`);
  return ok(parseMergedTree(output.stdout.split('\0'), output.code === 0));
}

/** Reads the NUL-separated parts of `merge-tree -z --messages`: the tree, the versions, an empty part, the notes. */
export function parseMergedTree(parts: readonly string[], clean: boolean): MergedTree {
  const end = parts.indexOf('', 1);
  const stages = parts.slice(1, end < 0 ? parts.length : end);
  return {
    tree: parts[0] ?? '',
    clean,
    files: parseUnmerged(stages),
    notes: end < 0 ? [] : parseNotes(parts.slice(end + 1)),
  };
}

/** Reads the last part of `merge-tree -z --messages`: how many paths, the paths, the kind, the text, each with NUL. */
function parseNotes(parts: readonly string[]): ConflictNote[] {
  const notes: ConflictNote[] = [];
  let index = 0;
  while (index < parts.length) {
    const count = Number.parseInt(parts[index] ?? '', 10);
    if (!Number.isInteger(count)) break;
    const paths = parts.slice(index + 1, index + 1 + count);
    notes.push({ paths, kind: parts[index + 1 + count] ?? '', text: (parts[index + 2 + count] ?? '').trim() });
    index += count + 3;
  }
  return notes;
}

/** The kinds of conflict git names for a path, without its other remarks. */
export function conflictKinds(merged: MergedTree, path: string): readonly string[] {
  const kinds = merged.notes
    .filter((note) => note.kind.startsWith('CONFLICT') && note.paths.includes(path))
    .map((note) => note.kind);
  return [...new Set(kinds)];
}

/** Paths that conflict, those git names without versions of their own included. */
export function conflictPaths(merged: MergedTree): readonly string[] {
  const paths = merged.files.map((file) => file.path);
  if (merged.clean || paths.length > 0) return paths;
  return [
    ...new Set(merged.notes.filter((note) => note.kind.startsWith('CONFLICT')).flatMap((note) => [...note.paths])),
  ];
}
