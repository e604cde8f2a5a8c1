/** The part of a history in which some commits differ. */
export interface CommitGraph {
  /** The one best common ancestor of two commits; null when there are several, none, or they are not in this part. */
  mergeBase(one: string, other: string): string | null;
  /** True when `commit` is in the history of `descendant`. */
  contains(descendant: string, commit: string): boolean;
}

/** Reads `git rev-list --parents --boundary --topo-order`: a commit and its parents a line, `-` before those on the border. */
export function readCommitGraph(output: string): CommitGraph {
  const parents = new Map<string, readonly string[]>();
  for (const line of output.split('\n')) {
    const [name = '', ...rest] = line.replace(/^-/, '').split(' ');
    // Beyond the border nothing matters: there all commits agree.
    if (name !== '') parents.set(name, line.startsWith('-') ? [] : rest);
  }
  const histories = new Map<string, ReadonlySet<string>>();
  function historyOf(commit: string): ReadonlySet<string> {
    const known = histories.get(commit);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    const open = parents.has(commit) ? [commit] : [];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      for (const parent of parents.get(next) ?? []) if (parents.has(parent)) open.push(parent);
    }
    histories.set(commit, seen);
    return seen;
  }
  return {
    mergeBase(one, other) {
      const theirs = historyOf(other);
      const common = new Set([...historyOf(one)].filter((commit) => theirs.has(commit)));
      const behind = new Set([...common].flatMap((commit) => parents.get(commit) ?? []));
      const best = [...common].filter((commit) => !behind.has(commit));
      return best.length === 1 ? (best[0] ?? null) : null;
    },
    contains: (descendant, commit) => historyOf(descendant).has(commit),
  };
}
