import { splitNul } from '../git/git.ts';

/** Paths a commit changed against another. */
export interface ChangedPaths {
  /** Changed, added or removed. */
  readonly all: ReadonlySet<string>;
  readonly added: number;
  readonly removed: number;
}

export const NO_CHANGES: ChangedPaths = { all: new Set(), added: 0, removed: 0 };

/**
 * Reads `git diff-tree --stdin --always -r -z --no-renames --name-status` over lines of `<commit> <base>`: for each the
 * commit's name, then status and path in turn.
 */
export function parseChangedPaths(output: string): ChangedPaths[] {
  const parts = splitNul(output);
  const found: { all: Set<string>; added: number; removed: number }[] = [];
  for (let index = 0; index < parts.length; ) {
    const part = parts[index] ?? '';
    if (/^[0-9a-f]{40,64}\s*$/.test(part)) {
      found.push({ all: new Set(), added: 0, removed: 0 });
      index += 1;
      continue;
    }
    const current = found.at(-1);
    current?.all.add(parts[index + 1] ?? '');
    if (current !== undefined && part === 'A') current.added += 1;
    if (current !== undefined && part === 'D') current.removed += 1;
    index += 2;
  }
  return found;
}

/**
 * False only when two changes of one common version cannot conflict, whatever is in the files: no path in common, no
 * path of one a folder of the other's, and no file removed by one while the other adds some, which might be a renamed
 * folder with a new file in it. Everything else git has to be asked.
 */
export function mayConflict(one: ChangedPaths, other: ChangedPaths): boolean {
  if (one.all.size === 0 || other.all.size === 0) return false;
  if ((one.removed > 0 && other.added > 0) || (other.removed > 0 && one.added > 0)) return true;
  return meets(one.all, other.all) || meets(other.all, one.all);
}

/** Some path of `paths`, or a folder it lies in, is among `known`. */
function meets(paths: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  for (const path of paths) {
    if (known.has(path)) return true;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (known.has(path.slice(0, slash))) return true;
    }
  }
  return false;
}
