import {
  type AgentChanges,
  CHANGE_LIMITS,
  type ChangedFile,
  type FileDiff,
  type FileDiffInput,
} from '../../../contract/changes.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Git, type GitOptions, splitNul } from '../git/git.ts';
import { createScratchObjects } from '../git/scratchObjects.ts';
import { branchCommit, gitLine } from '../merge/repositoryState.ts';
import { commitStates, readWorktreeState } from '../radar/worktreeState.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { pathExists } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import type { UntrackedLimits } from '../vault/untrackedRules.ts';
import { parseChanges } from './parseChanges.ts';
import { parsePatch } from './parsePatch.ts';

/** What agents changed, for a person who reviews it. Nothing in any worktree or repository is written. */
export interface AgentChangesService {
  changes(agentName: string, signal: AbortSignal): Promise<Result<AgentChanges>>;
  diff(input: ReturnType<(typeof FileDiffInput)['parse']>, signal: AbortSignal): Promise<Result<FileDiff>>;
  close(): Promise<void>;
}

export interface AgentChangesOptions {
  readonly projectRoot: string;
  /** Runs in the project root. */
  readonly git: Git;
  /** Folder for the objects of uncommitted work. */
  readonly scratch: string;
  readonly limits: () => UntrackedLimits;
  readonly session: (agentName: string) => AgentSession | null;
  /** Branch the agents' work is merged into. */
  readonly target: () => Promise<string>;
}

/** Looks after which the objects of uncommitted work are thrown away. */
const LOOKS_PER_SCRATCH = 300;
/** Milliseconds one git process may take: a person waits. */
const GIT_MS = 60_000;

export function createAgentChanges(options: AgentChangesOptions): AgentChangesService {
  const { git } = options;
  const objects = createScratchObjects(git, options.scratch);
  const line = new SerialQueue();
  let looks = 0;

  /** Git with the objects of uncommitted work, ended when nobody waits any more. One at a time, so that none loses its objects. */
  function looking<Value>(
    signal: AbortSignal,
    work: (git: Git, env: Readonly<Record<string, string>>) => Promise<Result<Value>>,
  ): Promise<Result<Value>> {
    return line.run('look', async () => {
      if (signal.aborted) return fail('cancelled', 'nobody waits for it any more');
      looks += 1;
      if (looks > LOOKS_PER_SCRATCH) {
        looks = 0;
        await objects.clear();
      }
      const opened = await objects.open();
      if (!opened.ok) return opened;
      const env = opened.value;
      const bound: Git = (args, how: GitOptions = {}) =>
        git(args, { timeoutMs: GIT_MS, ...how, signal, env: { ...env, ...how.env } });
      return work(bound, env);
    });
  }

  /** The agent's branch with what lies uncommitted in its worktree on top. */
  async function stateOf(
    session: AgentSession,
    bound: Git,
    env: Readonly<Record<string, string>>,
  ): Promise<Result<Pick<AgentChanges, 'head' | 'tip' | 'worktree'>>> {
    const { worktreePath, branchName, agentName } = session;
    if (worktreePath !== '' && worktreePath !== options.projectRoot && (await pathExists(worktreePath))) {
      const state = await readWorktreeState(bound, worktreePath, options.limits(), env);
      if (!state.ok) return state;
      const made = await commitStates(bound, [state.value], env);
      if (!made.ok) return made;
      return ok({ head: state.value.head, tip: made.value[0] ?? state.value.head, worktree: worktreePath });
    }
    if (worktreePath === options.projectRoot || branchName === '')
      return fail('notFound', `${agentName} works in the project itself and has no branch of its own`);
    const head = await branchCommit(git, branchName);
    if (head === null) return fail('notFound', `the branch of ${agentName} is gone, and its worktree too`);
    return ok({ head, tip: head, worktree: null });
  }

  return {
    changes: (agentName, signal) =>
      looking(signal, async (bound, env) => {
        const session = options.session(agentName);
        if (session === null) return fail('notFound', `there is no agent ${agentName}`);
        const state = await stateOf(session, bound, env);
        if (!state.ok) return state;
        const target = await options.target();
        const { head, tip } = state.value;
        const base = await baseOf(bound, target, head);
        if (base === null)
          return fail('worktree', `${session.branchName} and ${target} have no common ancestor to compare with`);
        const listed = await bound(['diff-tree', '-r', '-z', '-M', '--raw', '--no-abbrev', '--numstat', base, tip]);
        if (listed.code !== 0) return fail('worktree', `git cannot compare them: ${gitLine(listed.stderr)}`);
        const open = tip === head ? [] : splitNul((await bound([...UNCOMMITTED, head, tip])).stdout);
        const uncommitted = new Set(open);
        const files = parseChanges(listed.stdout).map(
          (file): ChangedFile => ({ ...file, uncommitted: uncommitted.has(file.path) }),
        );
        const sum = (pick: (file: ChangedFile) => number | null): number =>
          files.reduce((total, file) => total + (pick(file) ?? 0), 0);
        return ok({
          agentName,
          branch: session.branchName,
          target,
          base,
          ...state.value,
          files: files.slice(0, CHANGE_LIMITS.files),
          count: files.length,
          added: sum((file) => file.added),
          removed: sum((file) => file.removed),
          uncommitted: uncommitted.size,
        });
      }),

    diff: ({ base, tip, path, from, context }, signal) =>
      looking(signal, async (bound) => {
        const told = (note: string): Result<FileDiff> => ok({ path, hunks: [], note });
        const names = [`${base}:${from ?? path}`, `${tip}:${path}`];
        const sizes = await bound(['cat-file', '--batch-check=%(objecttype) %(objectsize)', '-z'], {
          input: names.map((name) => `${name}\0`).join(''),
        });
        if (sizes.code !== 0) return gone();
        const facts = sizes.stdout.trimEnd().split('\n');
        if (facts.some((fact) => fact.startsWith('commit'))) return told('It is a submodule: only its commit changed');
        if (facts.every((fact) => !fact.startsWith('blob'))) return gone();
        if (facts.some((fact) => Number(fact.split(' ')[1]) > CHANGE_LIMITS.fileBytes))
          return told('One of its versions is larger than 8 MiB: look at it in an editor');
        const paths = [...new Set([from ?? path, path])].map((one) => `:(top,literal)${one}`);
        const args = [...PATCH, `-U${context}`, base, tip, '--', ...paths];
        const output = await bound(args);
        if (output.code !== 0) return gone();
        const patch = parsePatch(output.stdout);
        if (patch.binary) return told('It has no lines: its content is binary');
        if (patch.hunks.length === 0) return told('Only its mode or its name changed');
        const note = patch.left === 0 ? null : `${patch.left} further lines are not shown: look at them in an editor`;
        return ok({ path, hunks: [...patch.hunks], note });
      }),

    async close() {
      await line.run('look', () => objects.clear());
    },
  };
}

/**
 * Where a branch left the target; of one that is merged, where it was before. Null when the two share no history.
 */
async function baseOf(git: Git, target: string, head: string): Promise<string | null> {
  const into = `refs/heads/${target}`;
  const parted = await git(['merge-base', into, head]);
  if (parted.code !== 0) return null;
  const base = parted.stdout.trim();
  if (base !== head) return base;
  const merges = await git(['rev-list', '--ancestry-path', '--merges', '--parents', `${head}..${into}`]);
  for (const line of merges.stdout.split('\n')) {
    const [, first = '', second] = line.split(' ');
    if (second !== head) continue;
    const before = await git(['merge-base', first, head]);
    if (before.code === 0) return before.stdout.trim();
  }
  return base;
}

/** Uncommitted work is kept for a while only. */
function gone(): Result<never> {
  return fail('notFound', 'that state of the files is not known any more; look again');
}

const UNCOMMITTED = ['diff-tree', '-r', '-z', '--no-renames', '--name-only'] as const;
const PATCH = [
  'diff-tree',
  '-r',
  '-p',
  '-M',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--diff-algorithm=histogram',
] as const;
