import { lstat, readlink } from 'node:fs/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git, GitOptions } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { isMissing } from '../util/files.ts';
import { type PathBytes, placeOf, quotePath } from '../vault/pathBytes.ts';
import { chooseUntracked, type UntrackedLimits } from '../vault/untrackedRules.ts';
import { parseWorktreeStatus, STATUS_ARGS, type StatusEntry } from '../vault/worktreeStatus.ts';

/** A path as it would be committed now: git's mode and blob, or gone. */
type PathState = { readonly path: PathBytes } & (
  | { readonly mode: string; readonly oid: string }
  | { readonly mode: null }
);

/** A worktree as it is now. */
export interface WorktreeState {
  readonly head: string;
  /** What differs from HEAD, untracked files included. */
  readonly changes: readonly PathState[];
}

/**
 * Reads what a worktree would commit if everything in it were added: one `git status`, and one `git hash-object` when
 * something differs, which applies the project's own filters (line ends, LFS), as a commit would. The index is only read.
 * @param store where new objects go.
 */
export async function readWorktreeState(
  git: Git,
  top: string,
  limits: UntrackedLimits,
  store: Readonly<Record<string, string>>,
): Promise<Result<WorktreeState>> {
  const status = await git(STATUS_ARGS, { cwd: top, encoding: 'latin1' });
  if (status.code !== 0) return fail('worktree', `git cannot read ${top}: ${gitLine(status.stderr)}`);
  const { head, entries } = parseWorktreeStatus(status.stdout);
  if (head === null) return fail('worktree', `${top} has no commit yet`);
  if (entries.length === 0) return ok({ head, changes: [] });
  const gone: PathState[] = [];
  const present: (OnDisk & { readonly tracked: boolean })[] = [];
  const changes: PathState[] = [];
  for (const entry of entries) {
    if (entry.kind === 'tracked' && entry.submodule.startsWith('S')) {
      if (entry.staged !== '.') changes.push({ path: entry.path, mode: '160000', oid: entry.indexOid });
      continue;
    }
    // A folder with a repository of its own is no content of this one.
    if (entry.path.endsWith('/')) continue;
    const found = await lookAt(top, entry.path);
    if (found === null) {
      if (entry.kind !== 'untracked') gone.push({ path: entry.path, mode: null });
    } else present.push({ ...found, tracked: isTracked(entry) });
  }
  const small = new Set(
    chooseUntracked(
      present.filter((file) => !file.tracked),
      limits,
    ).taken,
  );
  const wanted = present.filter((file) => file.tracked || small.has(file));
  const hashed = await hashFiles(git, top, wanted, { env: store });
  if (!hashed.ok) return hashed;
  // Removals first: a folder may stand where a file was.
  return ok({ head, changes: [...gone, ...changes, ...hashed.value] });
}

const isTracked = (entry: StatusEntry): boolean => entry.kind !== 'untracked';

interface OnDisk {
  readonly path: PathBytes;
  readonly bytes: number;
  readonly mode: string;
}

/** Null for what is not there, or neither file nor link. */
async function lookAt(top: string, path: PathBytes): Promise<OnDisk | null> {
  try {
    const facts = await lstat(placeOf(top, path));
    if (facts.isSymbolicLink()) return { path, bytes: facts.size, mode: '120000' };
    if (!facts.isFile()) return null;
    return { path, bytes: facts.size, mode: (facts.mode & 0o100) === 0 ? '100644' : '100755' };
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

async function hashFiles(
  git: Git,
  top: string,
  files: readonly OnDisk[],
  options: GitOptions,
): Promise<Result<readonly PathState[]>> {
  const plain = files.filter((file) => file.mode !== '120000');
  const states: PathState[] = [];
  if (plain.length > 0) {
    const input = plain.map((file) => `${quotePath(file.path)}\n`).join('');
    const output = await git(['hash-object', '-w', '--stdin-paths'], { ...options, cwd: top, input });
    const oids = output.stdout.trimEnd().split('\n');
    // A file that went away between two looks: the next look tells it right.
    if (output.code !== 0 || oids.length !== plain.length) {
      return fail('worktree', `git cannot read the files of ${top}: ${gitLine(output.stderr)}`);
    }
    for (const [index, { path, mode }] of plain.entries()) states.push({ path, mode, oid: oids[index] ?? '' });
  }
  for (const { path } of files.filter((file) => file.mode === '120000')) {
    const input = await readlink(placeOf(top, path), 'buffer');
    const output = await git(['hash-object', '-w', '--stdin'], { ...options, input });
    if (output.code !== 0) return fail('worktree', `git cannot keep a link of ${top}: ${gitLine(output.stderr)}`);
    states.push({ path, mode: '120000', oid: output.stdout.trim() });
  }
  return ok(states);
}

/** Who has made these commits: they are never anybody's work. */
const COMMITTER = 'Overstory Radar <radar@localhost> 0 +0000';
/** The branch fast-import wants; it is taken back in the same breath, so that no ref is ever there. */
const REF = 'refs/overstory/radar';

/**
 * Makes a commit of each state on its HEAD, by one process and without index or ref. A state without changes is its HEAD.
 * @returns the commits, in the order of the states.
 */
export async function commitStates(
  git: Git,
  states: readonly WorktreeState[],
  store: Readonly<Record<string, string>>,
): Promise<Result<readonly string[]>> {
  const changed = states.filter((state) => state.changes.length > 0);
  if (changed.length === 0) return ok(states.map((state) => state.head));
  let input = 'feature done\n';
  for (const [index, { head, changes }] of changed.entries()) {
    input += `reset ${REF}\n\ncommit ${REF}\nmark :${index + 1}\ncommitter ${COMMITTER}\ndata 0\nfrom ${head}\n`;
    for (const change of changes) {
      const path = quotePath(change.path);
      input += change.mode === null ? `D ${path}\n` : `M ${change.mode} ${change.oid} ${path}\n`;
    }
  }
  input += `reset ${REF}\nfrom ${'0'.repeat(changed[0]?.head.length ?? 40)}\n\n`;
  input += `${changed.map((_state, index) => `get-mark :${index + 1}\n`).join('')}done\n`;
  const args = ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--done', '--force'];
  const output = await git(args, { env: store, input });
  const commits = output.stdout.trimEnd().split('\n');
  if (output.code !== 0 || commits.length !== changed.length) {
    return fail('worktree', `the radar cannot keep the worktrees' files: ${gitLine(output.stderr)}`);
  }
  return ok(states.map((state) => (state.changes.length === 0 ? state.head : (commits[changed.indexOf(state)] ?? ''))));
}
