import type { PathBytes } from './pathBytes.ts';
import { GITLINK, type TreeDifference, type TreeEntry } from './treeDiff.ts';

export interface PlannedFile extends TreeEntry {
  readonly path: PathBytes;
}

/** What has to be done to the files of a worktree. */
export interface RestorePlan {
  /** Paths to remove. */
  readonly removals: readonly PathBytes[];
  /** Files of HEAD that nobody had changed: git writes them, with its filters. */
  readonly checkouts: readonly PathBytes[];
  /** Files kept byte for byte: they are written as they were. */
  readonly writes: readonly PlannedFile[];
  /** Paths at which nothing known stands now: whatever is found there belongs to somebody and is not overwritten. */
  readonly fresh: readonly PathBytes[];
  /** Submodules that stood elsewhere: their own repositories hold their files. */
  readonly submodules: readonly PathBytes[];
}

/**
 * Plans a restore. A path that differed from HEAD or from the index when the snapshot was taken was kept as it was on
 * disk; every other path is a file of HEAD.
 * @param now the files as they are now against the snapshot's.
 * @param fromHead HEAD against the snapshot's files. @param fromIndex the snapshot's index against its files.
 */
export function planRestore(
  now: readonly TreeDifference[],
  fromHead: readonly TreeDifference[],
  fromIndex: readonly TreeDifference[],
): RestorePlan {
  const exact = new Map<PathBytes, TreeEntry>();
  for (const { path, after } of [...fromHead, ...fromIndex]) {
    if (after !== null && after.mode !== GITLINK) exact.set(path, after);
  }
  const removals: PathBytes[] = [];
  const checkouts: PathBytes[] = [];
  const submodules: PathBytes[] = [];
  for (const { path, before, after } of now) {
    if (before?.mode === GITLINK || after?.mode === GITLINK) submodules.push(path);
    else if (after === null) removals.push(path);
    else if (!exact.has(path)) checkouts.push(path);
  }
  return {
    removals,
    checkouts,
    writes: [...exact].map(([path, entry]) => ({ path, ...entry })),
    fresh: now.filter(({ before, after }) => before === null && after !== null).map(({ path }) => path),
    submodules,
  };
}
