import type { ProcessRow } from './processTable.ts';

/** What is known of a terminal's processes before looking. */
export interface TreeSeeds {
  /** Leader of the current run, or of the last one: pid and session id are the same. Null before the first run. */
  readonly leader: number | null;
  /** Whether that leader still runs. When not, its pid may have been given to a stranger. */
  readonly leaderRuns: boolean;
  /** Processes that carry the terminal's environment markers. */
  readonly marked: ReadonlySet<number>;
  /** Never part of a tree: the host itself. */
  readonly exclude: ReadonlySet<number>;
}

/**
 * The processes of a terminal, deepest first, so that nothing is orphaned before it is signalled. A process belongs to
 * it by descent, by session, or by its environment: an agent's tools may run in sessions of their own and outlive the
 * agent (real-agents.md §5).
 */
export function selectTree(table: readonly ProcessRow[], seeds: TreeSeeds): readonly ProcessRow[] {
  const byPid = new Map(table.map((row) => [row.pid, row] as const));
  const children = new Map<number, ProcessRow[]>();
  for (const row of table) {
    const siblings = children.get(row.parent);
    if (siblings === undefined) children.set(row.parent, [row]);
    else siblings.push(row);
  }

  const { leader, leaderRuns } = seeds;
  // A session lives on after its leader, and its id is not reused while it does. A live process with the dead leader's
  // pid means that the session is gone and the pid was given away.
  const sessionIsOurs = leader !== null && (leaderRuns || !byPid.has(leader));
  const roots = table.filter(
    (row) =>
      (leaderRuns && row.pid === leader) || (sessionIsOurs && row.session === leader) || seeds.marked.has(row.pid),
  );

  const selected = new Map<number, ProcessRow>();
  const visit = (row: ProcessRow): void => {
    if (selected.has(row.pid) || seeds.exclude.has(row.pid)) return;
    selected.set(row.pid, row);
    for (const child of children.get(row.pid) ?? []) visit(child);
  };
  for (const root of roots) visit(root);

  const depths = new Map<number, number>();
  const depthOf = (row: ProcessRow): number => {
    const known = depths.get(row.pid);
    if (known !== undefined) return known;
    // Set before the climb, so that a table caught between two moments cannot make it endless.
    depths.set(row.pid, 0);
    const parent = selected.get(row.parent);
    const depth = parent === undefined ? 0 : depthOf(parent) + 1;
    depths.set(row.pid, depth);
    return depth;
  };
  return [...selected.values()].sort((one, other) => depthOf(other) - depthOf(one) || one.pid - other.pid);
}
