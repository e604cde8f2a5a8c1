import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { createGit } from '../git/git.ts';
import { readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';

const excluding = new SerialQueue();

/**
 * Keeps a file that we place into a worktree (an agent's instruction file) out of the agent's commits and out of every
 * "uncommitted work" check: a tracked one is marked skip-worktree in that worktree's own index, an untracked one is listed
 * in the repository's `info/exclude`. Neither changes a tracked file of the project.
 * @param relativePath inside the worktree, forward slashes.
 */
export async function hideManagedFile(worktree: string, relativePath: string): Promise<Result<null>> {
  const git = createGit(worktree);
  // Two questions to git at once: a sling waits for both.
  const [tracked, ignored] = await Promise.all([
    git(['ls-files', '--error-unmatch', '--', relativePath]),
    git(['check-ignore', '--quiet', '--', relativePath]),
  ]);
  if (tracked.code === 0) {
    const marked = await git(['update-index', '--skip-worktree', '--', relativePath]);
    return marked.code === 0 ? ok(null) : hideFailure(relativePath, marked.stderr);
  }
  if (ignored.code === 0) return ok(null);
  const exclude = await git(['rev-parse', '--git-path', 'info/exclude']);
  if (exclude.code !== 0) return hideFailure(relativePath, exclude.stderr);
  const path = resolve(worktree, exclude.stdout.trim());
  await excluding.run(path, () => addLine(path, `/${relativePath}`));
  return ok(null);
}

async function addLine(path: string, line: string): Promise<void> {
  const text = (await readTextIfPresent(path)) ?? '';
  if (text.split('\n').includes(line)) return;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, `${text}${separator}${line}\n`);
}

function hideFailure(relativePath: string, stderr: string): Result<never> {
  const reason = stderr.trim().split('\n').at(-1) ?? 'git gave no reason';
  return fail('worktree', `${relativePath} cannot be kept out of the agent's commits: ${reason}`);
}

/** Where a relative path lies in a worktree. */
export function inWorktree(worktree: string, relativePath: string): string {
  return join(worktree, ...relativePath.split('/'));
}
