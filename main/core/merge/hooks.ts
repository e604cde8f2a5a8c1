import { access, constants, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { splitNul } from '../git/git.ts';
import { isMissing } from '../util/files.ts';
import type { MergeWorktree } from './mergeWorktree.ts';
import { gitReason } from './repositoryState.ts';
import { MERGE_CHECK_VARIABLE, type MergeSite } from './site.ts';

/** Hooks of the repository a merge commit runs, as git would run them. */
export type CommitHook = 'pre-merge-commit' | 'pre-commit' | 'prepare-commit-msg' | 'commit-msg';

/** What the repository's settings say about its commits. */
export interface CommitRules {
  /** Folder of its hooks. */
  readonly hooks: string;
  readonly sign: boolean;
}

/** Reads the settings that shape a commit, by one process. */
export async function commitRules(site: MergeSite): Promise<CommitRules> {
  const output = await site.git(['config', '-z', '--get-regexp', '^(core\\.hookspath|commit\\.gpgsign)$']);
  const values = new Map<string, string>();
  // Each setting is its name, a line break and the value, which a bare name lacks; the last one counts.
  for (const entry of splitNul(output.stdout)) {
    const [name = '', ...value] = entry.split('\n');
    values.set(name, value.length === 0 ? 'true' : value.join('\n'));
  }
  const hooks = values.get('core.hookspath');
  return {
    hooks: hooks === undefined || hooks === '' ? await defaultHooks(site) : await hooksAt(site, hooks),
    sign: /^(?:true|yes|on|[1-9]\d*)$/i.test(values.get('commit.gpgsign') ?? ''),
  };
}

async function defaultHooks(site: MergeSite): Promise<string> {
  const own = join(site.root, '.git');
  // A linked worktree or a submodule keeps them elsewhere, which git knows.
  return (await isFolder(own)) ? join(own, 'hooks') : askedHooks(site);
}

async function hooksAt(site: MergeSite, value: string): Promise<string> {
  return value.startsWith('~') || value.startsWith('%') ? askedHooks(site) : resolve(site.root, value);
}

async function askedHooks(site: MergeSite): Promise<string> {
  const folder = (await site.git(['rev-parse', '--git-path', 'hooks'])).stdout.replace(/\n$/, '');
  return resolve(site.root, folder);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Which of them the repository has for a merge commit: `pre-merge-commit` for a clean one, `pre-commit` for a resolved one. */
export async function commitHooks(rules: CommitRules, clean: boolean): Promise<readonly CommitHook[]> {
  const wanted: readonly CommitHook[] = [clean ? 'pre-merge-commit' : 'pre-commit', 'prepare-commit-msg', 'commit-msg'];
  const present = await Promise.all(wanted.map((name) => isExecutable(join(rules.hooks, name))));
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
  // Where git itself keeps the message while hooks look at it.
  const file = join(worktree.gitFolder, 'MERGE_MSG');
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
