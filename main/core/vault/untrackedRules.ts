import type { LeftOut } from '../../../contract/vault.ts';
import { type PathBytes, showPath } from './pathBytes.ts';

/** Bounds on what untracked files a snapshot takes, in bytes. Tracked files are always taken. */
export interface UntrackedLimits {
  /** One file. */
  readonly maxFileBytes: number;
  /** All of one snapshot. */
  readonly maxUntrackedBytes: number;
}

export interface SizedFile {
  readonly path: PathBytes;
  readonly bytes: number;
}

/**
 * Chooses the untracked files a snapshot takes. When they are too much together, small ones go first: sources before
 * the dump beside them.
 */
export function chooseUntracked<File extends SizedFile>(
  files: readonly File[],
  limits: UntrackedLimits,
): { readonly taken: readonly File[]; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const taken = new Set<File>();
  let sum = 0;
  for (const file of files.toSorted((one, other) => one.bytes - other.bytes || (one.path < other.path ? -1 : 1))) {
    if (file.bytes > limits.maxFileBytes) {
      leftOut.push({ path: showPath(file.path), why: 'tooLarge', bytes: file.bytes });
    } else if (sum + file.bytes > limits.maxUntrackedBytes) {
      leftOut.push({ path: showPath(file.path), why: 'tooMuch', bytes: file.bytes });
    } else {
      sum += file.bytes;
      taken.add(file);
    }
  }
  return { taken: files.filter((file) => taken.has(file)), leftOut };
}

const WHY: Readonly<Record<LeftOut['why'], string>> = {
  tooLarge: 'larger than controlRoom.vault.maxFileBytes',
  tooMuch: 'beyond controlRoom.vault.maxUntrackedBytes',
  unreadable: 'cannot be read',
  repository: 'a repository of its own',
  submodule: 'a submodule with work of its own',
  special: 'neither file, folder nor link',
};

/** One line about what a snapshot does not hold; null when it holds everything. */
export function describeLeftOut(leftOut: readonly LeftOut[], count: number): string | null {
  if (count === 0) return null;
  const named = leftOut.slice(0, 3).map((item) => `${item.path} (${WHY[item.why]})`);
  return named.join(', ') + (count > named.length ? ` and ${count - named.length} more` : '');
}
