import { join } from 'node:path';
import type { Git } from '../git/git.ts';
import { readTextIfPresent } from '../util/files.ts';

/** Where a local branch stands. */
export interface BranchTip {
  readonly commit: string;
  /** Null where the branch was read from its file, which does not say. */
  readonly tree: string | null;
}

/**
 * Commits and trees of local branches, all by one process; a name without a branch is absent. Tags and remote branches
 * do not count (spec 02 §2.2).
 */
export async function branchTips(git: Git, names: readonly string[]): Promise<ReadonlyMap<string, BranchTip>> {
  const wanted = new Map(names.filter((name) => name !== '').map((name) => [`refs/heads/${name}`, name]));
  const tips = new Map<string, BranchTip>();
  if (wanted.size === 0) return tips;
  const output = await git(['for-each-ref', '--format=%(refname) %(objectname) %(tree)', ...wanted.keys()]);
  for (const line of output.stdout.split('\n')) {
    const [ref = '', commit = '', tree = ''] = line.split(' ');
    // A pattern also matches what lies below it, as `refs/heads/a/b` does for `refs/heads/a`.
    const name = wanted.get(ref);
    if (name !== undefined) tips.set(name, { commit, tree });
  }
  return tips;
}

/**
 * The same for the checkout at `root`, without a process as long as every branch has a file of its own; one that has
 * been packed, or is not there, is asked of git.
 */
export async function branchTipsAt(
  git: Git,
  root: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, BranchTip>> {
  const wanted = names.filter((name) => name !== '');
  const found = await Promise.all(wanted.map((name) => looseCommit(root, name)));
  if (found.includes(null)) return branchTips(git, names);
  return new Map(wanted.map((name, index) => [name, { commit: found[index] ?? '', tree: null }]));
}

async function looseCommit(root: string, branch: string): Promise<string | null> {
  // Names git would not take as a branch must not lead out of the folder of branches.
  if (!/^[^./\\\0][^\\\0]*$/.test(branch) || branch.includes('..')) return null;
  try {
    const text = await readTextIfPresent(join(root, '.git', 'refs', 'heads', branch));
    return text !== null && /^[0-9a-f]{40,64}\n$/.test(text) ? text.trim() : null;
  } catch {
    // A folder of that name, or nothing that can be read: git says what is the matter.
    return null;
  }
}

/** Folder of refs that keep the commits of merges which wait for a person, one an entry of the queue. */
export function heldRef(entryId: number): string {
  return `refs/overstory/merge/${entryId}`;
}
