import type { PredictedConflict } from '../../../contract/radar.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { createScratchObjects } from '../git/scratchObjects.ts';
import { branchCommit, gitLine } from '../merge/repositoryState.ts';
import type { UntrackedLimits } from '../vault/untrackedRules.ts';
import { type ChangedPaths, mayConflict, NO_CHANGES, parseChangedPaths } from './changedPaths.ts';
import { type CommitGraph, readCommitGraph } from './commitGraph.ts';
import { mergePairs } from './pairMerges.ts';
import { commitStates, readWorktreeState, type WorktreeState } from './worktreeState.ts';

/** A worktree to look at. */
export interface Watched {
  readonly name: string;
  readonly path: string;
}

/** What is known of one worktree. */
export interface SeenWorktree {
  readonly name: string;
  /** Null when nothing could be read; `problem` says why. */
  readonly state: { readonly head: string; readonly commit: string; readonly tree: string } | null;
  readonly uncommitted: number;
  /** Against the target, where the two parted. */
  readonly changed: ChangedPaths;
  readonly merged: boolean;
  readonly problem: string | null;
}

export interface RadarMatrix {
  readonly worktrees: readonly SeenWorktree[];
  /** Conflicts of two worktrees, or of one with the target, whose name is then null. */
  readonly pairs: readonly {
    readonly one: string;
    readonly other: string | null;
    readonly conflicts: readonly PredictedConflict[];
  }[];
  readonly mergedPairs: number;
}

export interface RadarLookOptions {
  /** Runs in the project root. */
  readonly git: Git;
  /** Folder for the objects of trial commits and merges, so that the repository itself stays as it is. */
  readonly scratch: string;
  readonly limits: () => UntrackedLimits;
}

/** Looks after which the scratch objects are thrown away. */
const LOOKS_PER_SCRATCH = 300;
/** Pair results kept; 100 worktrees are 4,950 pairs. */
const RESULTS_KEPT = 20_000;
/** Commits between the worktrees' common ancestor and their heads that are read; beyond, every pair is really merged. */
const GRAPH_COMMITS = 50_000;

/**
 * Predicts conflicts between worktrees, uncommitted work included. Remembers by tree what it found, so that a look costs
 * what has changed: two git processes for a changed worktree and a handful for all of them together.
 */
export interface RadarLook {
  /**
   * @param changed names that may differ from the last look; the others are taken as they were, unless new.
   */
  look(watched: readonly Watched[], changed: ReadonlySet<string>, target: string): Promise<Result<RadarMatrix>>;
  /** The commits of two worktrees as of the last look, or of one and the target; with a git that finds them. */
  pair(
    one: string,
    other: string | null,
    target: string,
  ): Promise<Result<{ readonly git: Git; readonly ours: string; readonly theirs: string }>>;
  close(): Promise<void>;
}

interface Known {
  readonly path: string;
  readonly commit: string;
  readonly tree: string;
  readonly state: WorktreeState;
}

export function createRadarLook({ git, scratch, limits }: RadarLookOptions): RadarLook {
  const known = new Map<string, Known>();
  const problems = new Map<string, string>();
  const results = new Map<string, readonly PredictedConflict[]>();
  const changes = new Map<string, ChangedPaths>();
  let graph: { readonly key: string; readonly graph: CommitGraph | null } | null = null;
  let looks = 0;
  const objects = createScratchObjects(git, scratch);

  /** The environment that sends new objects to the scratch folder; now and then it begins anew. */
  async function openStore(): Promise<Result<Readonly<Record<string, string>>>> {
    if (looks >= LOOKS_PER_SCRATCH) {
      looks = 0;
      known.clear();
      await objects.clear();
    }
    return objects.open();
  }

  /** Reads the worktrees that may have changed and makes their commits and trees known. */
  async function readChanged(
    wanted: readonly Watched[],
    env: Readonly<Record<string, string>>,
    target: string,
  ): Promise<Result<{ readonly commit: string; readonly tree: string }>> {
    const read = await Promise.all(
      wanted.map(async (one) => ({ one, state: await readWorktreeState(git, one.path, limits(), env) })),
    );
    const fine: { readonly one: Watched; readonly state: WorktreeState }[] = [];
    for (const { one, state } of read) {
      known.delete(one.name);
      if (state.ok) {
        problems.delete(one.name);
        fine.push({ one, state: state.value });
      } else problems.set(one.name, state.error.message);
    }
    const commits = await commitStates(
      git,
      fine.map(({ state }) => state),
      env,
    );
    if (!commits.ok) return commits;
    const trees = await treesOf([target, ...commits.value], env);
    if (!trees.ok) return trees;
    for (const [index, { one, state }] of fine.entries()) {
      const commit = commits.value[index] ?? '';
      known.set(one.name, { path: one.path, commit, tree: trees.value[index + 1] ?? '', state });
    }
    return ok({ commit: target, tree: trees.value[0] ?? '' });
  }

  async function treesOf(commits: readonly string[], env: Readonly<Record<string, string>>): Promise<Result<string[]>> {
    const input = commits.map((commit) => `${commit}^{tree}\n`).join('');
    const output = await git(['cat-file', '--batch-check=%(objectname)'], { env, input });
    const trees = output.stdout.trimEnd().split('\n');
    if (output.code !== 0 || trees.length !== commits.length || trees.some((tree) => tree.includes(' '))) {
      return fail('worktree', `the radar cannot read its commits: ${gitLine(output.stderr)}`);
    }
    return ok(trees);
  }

  /** How the heads hang together; read again only when one of them is another commit. */
  async function graphOf(heads: readonly string[]): Promise<CommitGraph | null> {
    const unique = [...new Set(heads)].sort();
    const key = unique.join(' ');
    if (graph?.key === key) return graph.graph;
    graph = { key, graph: await readGraph(unique) };
    return graph.graph;
  }

  async function readGraph(heads: readonly string[]): Promise<CommitGraph | null> {
    const base = await git(['merge-base', '--octopus', ...heads]);
    if (base.code !== 0) return null;
    const args = ['rev-list', '--parents', '--boundary', '--topo-order', `--max-count=${GRAPH_COMMITS}`];
    const input = [...heads, `^${base.stdout.trim()}`].map((line) => `${line}\n`).join('');
    const output = await git([...args, '--stdin'], { input });
    if (output.code !== 0) return null;
    // With nothing between them, all heads are the common ancestor itself.
    const lines = output.stdout === '' ? `${base.stdout.trim()}\n` : output.stdout;
    const listed = lines.split('\n').length;
    return listed > GRAPH_COMMITS ? null : readCommitGraph(lines);
  }

  async function readChanges(
    wanted: readonly { readonly commit: string; readonly tree: string; readonly base: string }[],
    env: Readonly<Record<string, string>>,
  ): Promise<Result<null>> {
    const missing = new Map(
      wanted.flatMap((one) => (changes.has(changesKey(one)) ? [] : [[changesKey(one), one] as const])),
    );
    if (missing.size === 0) return ok(null);
    const input = [...missing.values()].map(({ commit, base }) => `${commit} ${base}\n`).join('');
    const args = ['diff-tree', '--stdin', '--always', '-r', '-z', '--no-renames', '--name-status'];
    const output = await git(args, { env, input });
    const parsed = parseChangedPaths(output.stdout);
    if (output.code !== 0 || parsed.length !== missing.size) {
      return fail('worktree', `the radar cannot compare its commits: ${gitLine(output.stderr)}`);
    }
    for (const [index, key] of [...missing.keys()].entries()) changes.set(key, parsed[index] ?? NO_CHANGES);
    return ok(null);
  }

  async function look(
    watched: readonly Watched[],
    changed: ReadonlySet<string>,
    target: string,
  ): Promise<Result<RadarMatrix>> {
    const opened = await openStore();
    if (!opened.ok) return opened;
    const env = opened.value;
    looks += 1;
    const commit = await branchCommit(git, target);
    if (commit === null) return fail('worktree', `there is no branch ${target} to compare the worktrees with`);
    const names = new Set(watched.map((one) => one.name));
    for (const name of [...known.keys()]) if (!names.has(name)) known.delete(name);
    const stale = watched.filter((one) => changed.has(one.name) || known.get(one.name)?.path !== one.path);
    const into = await readChanged(stale, env, commit);
    if (!into.ok) return into;
    const seen = watched.flatMap((one) => {
      const state = known.get(one.name);
      return state === undefined ? [] : [{ name: one.name, head: state.state.head, ...state }];
    });
    const commits = await graphOf([commit, ...seen.map((one) => one.head)]);
    const isMerged = (one: (typeof seen)[number]): boolean =>
      one.state.changes.length === 0 && commits?.contains(commit, one.head) === true;
    const live: readonly Party[] = seen.filter((one) => !isMerged(one));
    const all: readonly Party[] = [{ name: null, head: commit, ...into.value }, ...live];
    const pairs = all.flatMap((one, index) =>
      all.slice(index + 1).map((other) => ({ one, other, base: commits?.mergeBase(one.head, other.head) ?? null })),
    );
    const based = pairs.flatMap(({ one, other, base }) =>
      base === null
        ? []
        : [
            { ...one, base },
            { ...other, base },
          ],
    );
    const compared = await readChanges(based, env);
    if (!compared.ok) return compared;

    const open = new Map<string, { readonly one: string; readonly other: string }>();
    for (const pair of pairs) {
      const key = pairKey(pair);
      if (results.has(key) || open.has(key)) continue;
      if (canConflict(pair)) open.set(key, { one: pair.one.commit, other: pair.other.commit });
      else results.set(key, []);
    }
    const merged = await mergePairs(git, [...open.values()], { env });
    if (!merged.ok) return merged;
    for (const [index, key] of [...open.keys()].entries()) results.set(key, merged.value[index] ?? []);

    const found = pairs.map((pair) => ({
      one: pair.one.name ?? pair.other.name ?? '',
      other: pair.one.name === null ? null : pair.other.name,
      conflicts: results.get(pairKey(pair)) ?? [],
    }));
    forgetOld();
    const worktrees = watched.map(({ name }): SeenWorktree => {
      const one = seen.find((candidate) => candidate.name === name);
      if (one === undefined) {
        const problem = problems.get(name) ?? 'it cannot be read';
        return { name, state: null, uncommitted: 0, changed: NO_CHANGES, merged: false, problem };
      }
      const base = commits?.mergeBase(commit, one.head) ?? null;
      const ofTarget = base === null ? undefined : changes.get(changesKey({ ...one, base }));
      const { head, tree } = one;
      return {
        name,
        state: { head, commit: one.commit, tree },
        uncommitted: one.state.changes.length,
        changed: ofTarget ?? NO_CHANGES,
        merged: isMerged(one),
        problem: null,
      };
    });
    return ok({ worktrees, pairs: found.filter((pair) => pair.conflicts.length > 0), mergedPairs: open.size });
  }

  function canConflict({ one, other, base }: Pair): boolean {
    if (base === null) return true;
    const left = changes.get(changesKey({ ...one, base }));
    const right = changes.get(changesKey({ ...other, base }));
    return left === undefined || right === undefined || mayConflict(left, right);
  }

  function forgetOld(): void {
    for (const map of [results, changes]) {
      for (const key of map.keys()) {
        if (map.size <= RESULTS_KEPT) break;
        map.delete(key);
      }
    }
  }

  return {
    look,
    async pair(one, other, target) {
      const opened = await openStore();
      if (!opened.ok) return opened;
      const env = opened.value;
      const commitOf = async (name: string | null) =>
        name === null ? await branchCommit(git, target) : (known.get(name)?.commit ?? null);
      // The target first: its side is "ours" in the merge that will be made.
      const [first, second] = other === null ? [null, one] : [one, other];
      const [ours, theirs] = [await commitOf(first), await commitOf(second)];
      if (ours === null || theirs === null)
        return fail('notFound', `the radar does not know ${ours === null ? (first ?? target) : second}; look again`);
      return ok({ git: (args, how) => git(args, { ...how, env: { ...env, ...how?.env } }), ours, theirs });
    },
    async close() {
      await objects.clear();
    },
  };
}

/** A worktree or the target, whose name is null. */
interface Party {
  readonly name: string | null;
  readonly head: string;
  readonly commit: string;
  readonly tree: string;
}

interface Pair {
  readonly one: Party;
  readonly other: Party;
  /** Null: several common ancestors, or more history than is read. */
  readonly base: string | null;
}

/** Without a known base the heads decide what git takes as one. */
function pairKey({ one, other, base }: Pair): string {
  const [first, second] = [
    `${one.tree}${base === null ? one.head : ''}`,
    `${other.tree}${base === null ? other.head : ''}`,
  ];
  return first < second ? `${first} ${second} ${base}` : `${second} ${first} ${base}`;
}

function changesKey({ tree, base }: { readonly tree: string; readonly base: string }): string {
  return `${tree} ${base}`;
}
