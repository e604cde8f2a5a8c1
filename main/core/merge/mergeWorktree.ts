import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitFolderOf } from './checkout.ts';
import { gitLine } from './repositoryState.ts';
import type { MergeSite } from './site.ts';

/** The worktree merges are checked in, one a project. It lies inside the project, so that tools of the project are found from it. */
export function mergeWorktreePath(overstory: string): string {
  return join(overstory, 'merge-room');
}

/** Milliseconds between attempts to register it while another process registers a worktree of its own. */
const RETRY_DELAYS_MS = [50, 100, 200, 400, 800];

/** The merge worktree with its git. */
export interface MergeWorktree {
  readonly path: string;
  /** Where it keeps HEAD and index. */
  readonly gitFolder: string;
  readonly git: Git;
}

/**
 * Puts a commit or tree into the merge worktree: HEAD detached at `head`, index and files as in `tree`. Ignored files
 * stay, such as what the project's tools have installed or built; anything else of an earlier merge goes.
 */
export async function fillMergeWorktree(
  site: MergeSite,
  head: string,
  tree: string,
): Promise<Result<MergeWorktree, CallError>> {
  const path = mergeWorktreePath(site.overstory);
  // Hooks of a checkout are for people's worktrees.
  const git: Git = (args, options) =>
    site.git(['-c', `core.hooksPath=${path}/.no-hooks`, ...args], { cwd: path, ...options });
  const registered = await register(site, path, head);
  if (!registered.ok) return registered;
  for (const args of [
    ['update-ref', '--no-deref', 'HEAD', head],
    ['read-tree', '--reset', '-u', tree],
    ['clean', '--force', '-d', '--quiet'],
  ]) {
    const output = await git(args);
    if (output.code !== 0)
      return fail('merge', `git cannot fill the merge worktree ${path}: ${gitLine(output.stderr)}`);
  }
  const gitFolder = (await gitFolderOf(path)) ?? join(path, '.git');
  // Commits and hooks in it are the project's own.
  return ok({ path, gitFolder, git: (args, options) => site.git(args, { cwd: path, ...options }) });
}

async function register(site: MergeSite, path: string, head: string): Promise<Result<void, CallError>> {
  const folder = await gitFolderOf(path);
  if (folder !== null) {
    const works = await site.git(['rev-parse', '--git-dir'], { cwd: path });
    // A killed git leaves the lock of this index, and nobody but us works here.
    await rm(join(folder, 'index.lock'), { force: true });
    await rm(join(folder, 'HEAD.lock'), { force: true });
    if (works.code === 0) return ok(undefined);
  }
  await rm(path, { recursive: true, force: true });
  const args = ['worktree', 'add', '--force', '--force', '--detach', '--no-checkout', '--quiet', path, head];
  for (const wait of [...RETRY_DELAYS_MS, null]) {
    const output = await site.git(args);
    if (output.code === 0) return ok(undefined);
    if (wait === null) return fail('merge', `git cannot make the merge worktree ${path}: ${gitLine(output.stderr)}`);
    await delay(wait);
  }
  return ok(undefined);
}
