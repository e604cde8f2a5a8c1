import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Git, splitNul } from '../git/git.ts';
import { isMissing, pathExists } from '../util/files.ts';

/** An unmerged path with the versions git holds of it: 1 base, 2 target, 3 branch. */
export interface UnmergedFile {
  readonly path: string;
  readonly stages: Readonly<Partial<Record<1 | 2 | 3, { readonly mode: string; readonly oid: string }>>>;
}

/** What must be the same again after a merge that did not happen. */
export interface CheckoutState {
  readonly head: string;
  /** `git status --porcelain` with NUL ends. */
  readonly status: string;
}

/** Short name of the branch HEAD is on, or null when it is detached. */
export async function currentBranch(git: Git): Promise<string | null> {
  const output = await git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return output.code === 0 ? output.stdout.trim() : null;
}

/** Commit of a local branch (tags and remote branches do not count, spec 02 §2.2), or null. */
export async function branchCommit(git: Git, branch: string): Promise<string | null> {
  const output = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]);
  return output.code === 0 ? output.stdout.trim() : null;
}

/** True when `commit` is contained in `descendant`. */
export async function isAncestor(git: Git, commit: string, descendant: string): Promise<boolean> {
  return (await git(['merge-base', '--is-ancestor', commit, descendant])).code === 0;
}

/** HEAD's commit and the state of the checkout. */
export async function checkoutState(git: Git): Promise<CheckoutState> {
  const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD']);
  const status = await git(['status', '--porcelain', '-z', '--ignore-submodules=dirty']);
  return { head: head.stdout.trim(), status: status.stdout };
}

/** Reads `git ls-files -u -z`, or the conflict part of `git merge-tree -z`: `<mode> <oid> <stage>\t<path>` each. */
export function parseUnmerged(entries: readonly string[]): UnmergedFile[] {
  const files = new Map<string, UnmergedFile>();
  for (const entry of entries) {
    const match = /^(\d+) ([0-9a-f]+) ([123])\t(.+)$/s.exec(entry);
    if (match === null) continue;
    const [, mode = '', oid = '', stage = '', path = ''] = match;
    const known = files.get(path)?.stages ?? {};
    files.set(path, { path, stages: { ...known, [Number(stage)]: { mode, oid } } });
  }
  return [...files.values()];
}

/** Unmerged paths of the index. */
export async function unmergedFiles(git: Git): Promise<UnmergedFile[]> {
  return parseUnmerged(splitNul((await git(['ls-files', '--unmerged', '-z'])).stdout));
}

/** True when git joins the versions of this path line by line (`merge=union`, read from the working tree, spec 02 §2.5). */
export async function hasUnionAttribute(git: Git, path: string): Promise<boolean> {
  const output = await git(['check-attr', '-z', 'merge', '--', path]);
  return output.stdout.split('\0')[2] === 'union';
}

/** Text of a blob; empty for an absent version. */
export async function blobText(git: Git, oid: string | undefined): Promise<Result<string, CallError>> {
  if (oid === undefined) return ok('');
  const output = await git(['cat-file', 'blob', oid]);
  return output.code === 0 ? ok(output.stdout) : fail('merge', `Cannot read ${oid}: ${gitLine(output.stderr)}`);
}

/** Absolute path of something inside the repository's git folder, as this worktree sees it. */
export async function gitPath(git: Git, root: string, name: string): Promise<string> {
  const path = (await git(['rev-parse', '--git-path', name])).stdout.replace(/\n$/, '');
  return isAbsolute(path) ? path : join(root, path);
}

/** Commit of a merge that waits to be finished or aborted here, or null. */
export async function mergeHead(git: Git, root: string): Promise<string | null> {
  try {
    return (await readFile(await gitPath(git, root, 'MERGE_HEAD'), 'utf8')).split('\n', 1)[0] ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const OPERATIONS = [
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
] as const;

/** Name of a git operation a person has begun here and not finished, or null. */
export async function operationInProgress(git: Git, root: string): Promise<string | null> {
  for (const [file, name] of OPERATIONS) {
    if (await pathExists(await gitPath(git, root, file))) return name;
  }
  return null;
}

/** One line out of git's complaint: its `fatal:` or `error:` line when there is one. */
export function gitLine(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  const chosen = lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? 'git gave no reason';
  return chosen.replace(/^(fatal|error): /, '');
}

/** Characters of a reason that is shown; a hook may print pages. */
const REASON_LENGTH = 400;

/** Why git refused, in one line: its own complaint, or all a hook said. */
export function gitReason(stderr: string): string {
  if (/Committer identity unknown|Author identity unknown|empty ident name|auto-detect email/.test(stderr)) {
    return 'git does not know who commits; set user.name and user.email (git config user.name "..."), then merge again';
  }
  if (/^(fatal|error):/m.test(stderr)) return gitLine(stderr);
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:') && !line.startsWith('Not committing merge'))
    .join('; ');
  return said === '' ? 'git or a hook of this repository refused without a reason' : said.slice(0, REASON_LENGTH);
}

/** Names for a message: the first few, then how many more there are. */
export function nameFiles(paths: readonly string[], shown = 5): string {
  const rest = paths.length - shown;
  return paths.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
