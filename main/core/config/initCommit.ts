import type { Git } from '../git/git.ts';

/** Milliseconds. A commit may run the user's own hooks. */
const COMMIT_TIMEOUT_MS = 60_000;

/** Who commits when git itself knows nobody. */
const FALLBACK_IDENTITY = { name: 'Overstory Control Room', email: 'overstory@localhost' };

/** Outcome of the scaffold's commit: failures only warn (spec 03 §5.5). */
export interface CommitOutcome {
  readonly committed: boolean;
  readonly warning: string | null;
}

/**
 * Commits exactly these paths and nothing else, whatever the user has staged: the reference sweeps staged files into its
 * commit (spec 03 §5.5 defect). Works for the first commit of a repository too.
 * @param paths relative to git's folder.
 */
export async function commitPaths(git: Git, paths: readonly string[], message: string): Promise<CommitOutcome> {
  const added = await git(['add', '--', ...paths]);
  if (added.code !== 0) return warn('git add', added.stderr);
  const staged = await git(['diff', '--cached', '--quiet', '--', ...paths]);
  if (staged.code === 0) return { committed: false, warning: null };
  const identity = await identityOptions(git);
  const args = [...identity, 'commit', '--quiet', '--message', message, '--', ...paths];
  const committed = await git(args, { timeoutMs: COMMIT_TIMEOUT_MS });
  if (committed.code !== 0) return warn('git commit', committed.stderr);
  return { committed: true, warning: null };
}

/** True when the repository has at least one commit. */
export async function hasCommit(git: Git): Promise<boolean> {
  return (await git(['rev-parse', '--verify', '--quiet', 'HEAD'])).code === 0;
}

async function identityOptions(git: Git): Promise<readonly string[]> {
  const options: string[] = [];
  for (const part of ['name', 'email'] as const) {
    const variable = process.env[`GIT_COMMITTER_${part.toUpperCase()}`] ?? '';
    const configured = await git(['config', '--get', `user.${part}`]);
    if (variable === '' && configured.stdout.trim() === '')
      options.push('-c', `user.${part}=${FALLBACK_IDENTITY[part]}`);
  }
  return options;
}

function warn(step: string, stderr: string): CommitOutcome {
  const reason = stderr.trim().split('\n')[0] ?? '';
  return {
    committed: false,
    warning: `the files of .overstory were not committed (${step}: ${reason}); commit them yourself`,
  };
}
