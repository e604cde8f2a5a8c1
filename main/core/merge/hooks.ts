import { randomBytes } from 'node:crypto';
import { access, constants, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { MergeWorktree } from './mergeWorktree.ts';
import { gitReason } from './repositoryState.ts';
import { MERGE_CHECK_VARIABLE, type MergeSite } from './site.ts';

/** Hooks of the repository a merge commit runs, as git would run them. */
export type CommitHook = 'pre-merge-commit' | 'pre-commit' | 'prepare-commit-msg' | 'commit-msg';

/** Which hooks the repository has for a merge commit: `pre-merge-commit` for a clean one, `pre-commit` for a resolved one. */
export async function commitHooks(site: MergeSite, clean: boolean): Promise<readonly CommitHook[]> {
  const wanted: readonly CommitHook[] = [clean ? 'pre-merge-commit' : 'pre-commit', 'prepare-commit-msg', 'commit-msg'];
  // Honours core.hooksPath.
  const folder = (await site.git(['rev-parse', '--git-path', 'hooks'])).stdout.replace(/\n$/, '');
  const present = await Promise.all(wanted.map((name) => isExecutable(join(resolve(site.root, folder), name))));
  return wanted.filter((_, index) => present[index]);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Git does not run a hook that is missing or not executable either.
    return false;
  }
}

/** What the hooks made of a commit. */
export interface Hooked {
  readonly tree: string;
  readonly message: string;
}

/**
 * Runs the commit hooks in the merge worktree, which holds the merged tree. A hook may change index and message; one that
 * fails refuses the commit, with what it said as the error.
 */
export async function runCommitHooks(
  worktree: MergeWorktree,
  hooks: readonly CommitHook[],
  message: string,
  mergeId: string,
): Promise<Result<Hooked, CallError>> {
  const env = { [MERGE_CHECK_VARIABLE]: mergeId, GIT_MERGE_AUTOEDIT: 'no' };
  const file = join(worktree.path, `.git-merge-message-${randomBytes(4).toString('hex')}`);
  try {
    for (const hook of hooks) {
      const takesFile = hook === 'prepare-commit-msg' || hook === 'commit-msg';
      if (takesFile && hook === firstWithFile(hooks)) await writeFile(file, message);
      const args = hook === 'prepare-commit-msg' ? ['--', file, 'merge'] : takesFile ? ['--', file] : [];
      const output = await worktree.git(['hook', 'run', hook, ...args], { env });
      if (output.code !== 0) return fail('merge', gitReason(output.stderr || output.stdout));
    }
    const written = await worktree.git(['write-tree']);
    if (written.code !== 0) return fail('merge', gitReason(written.stderr));
    const text = firstWithFile(hooks) === undefined ? message : await readFile(file, 'utf8');
    return ok({ tree: written.stdout.trim(), message: text });
  } finally {
    await rm(file, { force: true });
  }
}

function firstWithFile(hooks: readonly CommitHook[]): CommitHook | undefined {
  return hooks.find((hook) => hook === 'prepare-commit-msg' || hook === 'commit-msg');
}
