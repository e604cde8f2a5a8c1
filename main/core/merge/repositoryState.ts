import { isAbsolute, join } from 'node:path';
import type { Git } from '../git/git.ts';

/** An unmerged path with the versions git holds of it: 1 base, 2 target, 3 branch. */
export interface UnmergedFile {
  readonly path: string;
  readonly stages: Readonly<Partial<Record<1 | 2 | 3, { readonly mode: string; readonly oid: string }>>>;
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

/** Absolute path of something inside the repository's git folder, as this worktree sees it. */
export async function gitPath(git: Git, root: string, name: string): Promise<string> {
  const path = (await git(['rev-parse', '--git-path', name])).stdout.replace(/\n$/, '');
  return isAbsolute(path) ? path : join(root, path);
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
