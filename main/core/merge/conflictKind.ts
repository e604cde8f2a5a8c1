import type { ConflictKind, PredictedConflict } from '../../../contract/radar.ts';
import type { MergedTree } from './mergeTree.ts';

/** What conflicts in a merged tree, a kind a path. Pure. */
export function conflictKindsOf(merged: MergedTree): readonly PredictedConflict[] {
  if (merged.clean) return [];
  const kinds = new Map<string, ConflictKind>();
  for (const file of merged.files) kinds.set(file.path, kindOfStages(file.stages));
  for (const note of merged.notes) {
    const kind = kindOfNote(note.kind);
    if (kind === null) continue;
    const [path] = note.paths;
    if (path !== undefined && (!kinds.has(path) || kind !== 'content')) kinds.set(path, kind);
  }
  return [...kinds].map(([path, kind]) => ({ path, kind }));
}

function kindOfStages(stages: Readonly<Partial<Record<1 | 2 | 3, unknown>>>): ConflictKind {
  if (stages[2] === undefined || stages[3] === undefined) return stages[1] === undefined ? 'other' : 'deleted';
  return stages[1] === undefined ? 'added' : 'content';
}

/** Git's stable words for a conflict; null for its other remarks. */
function kindOfNote(kind: string): ConflictKind | null {
  const name = /^CONFLICT \((.+)\)$/.exec(kind)?.[1];
  if (name === undefined) return null;
  if (name === 'contents') return 'content';
  if (name === 'binary') return 'binary';
  if (name === 'modify/delete') return 'deleted';
  if (name.startsWith('submodule')) return 'submodule';
  if (name.startsWith('distinct')) return 'mode';
  if (name === 'file/directory' || name.startsWith('directory')) return 'folder';
  return name.startsWith('rename') ? 'renamed' : 'other';
}

/** Names of the two sides of a conflict. */
export interface SideNames {
  readonly ours: string;
  readonly theirs: string;
}

/** What stands in the way of joining one file, in one line. Pure. */
export function conflictWords({ path, kind }: PredictedConflict, merged: MergedTree, names: SideNames): string {
  const { ours, theirs } = names;
  const stages = merged.files.find((file) => file.path === path)?.stages ?? {};
  const others = merged.notes
    .filter((note) => note.kind.startsWith('CONFLICT') && note.paths.includes(path))
    .flatMap((note) => note.paths)
    .filter((other) => other !== path);
  const also = others.length === 0 ? '' : ` (see ${[...new Set(others)].slice(0, 3).join(', ')})`;
  switch (kind) {
    case 'content':
      return 'Both sides changed the same lines';
    case 'added':
      return 'Both sides made this file, with different content';
    case 'deleted':
      return stages[2] === undefined
        ? `${ours} removed it, ${theirs} changed it`
        : `${theirs} removed it, ${ours} changed it`;
    case 'renamed':
      return `It was renamed in two ways, or renamed here and changed or removed there${also}`;
    case 'binary':
      return 'Both sides changed a file without lines; one of the two has to be chosen';
    case 'folder':
      return `A file stands where the other side has a folder, or in a folder the other side renamed${also}`;
    case 'mode':
      return `It is another kind of file on each side${also}`;
    case 'submodule':
      return 'The submodule points to different commits';
    case 'other':
      return `Git cannot join it${also}`;
  }
}
