import type { Git } from '../git/git.ts';

/** Where a local branch stands. */
export interface BranchTip {
  readonly commit: string;
  readonly tree: string;
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

/** Folder of refs that keep the commits of merges which wait for a person, one an entry of the queue. */
export function heldRef(entryId: number): string {
  return `refs/overstory/merge/${entryId}`;
}
