import { resolve } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';

/** Where a worktree keeps its git state. */
export interface GitFolders {
  /** Top folder of the worktree. */
  readonly top: string;
  /** Its own git folder: HEAD, index, a merge under way. */
  readonly own: string;
  /** The repository's: objects and refs. */
  readonly common: string;
  /** Bytes of an object id. */
  readonly oidBytes: number;
}

/** Asks git where things are. Fails for a folder that is no worktree, or not the top of one. */
export async function findGitFolders(git: Git, worktree: string): Promise<Result<GitFolders>> {
  const args = ['rev-parse', '--show-object-format', '--show-toplevel', '--absolute-git-dir', '--git-common-dir'];
  const output = await git(args, { cwd: worktree });
  const [format = '', top = '', own = '', common = ''] = output.stdout.split('\n');
  if (output.code !== 0 || common === '') {
    return fail('worktree', `there is no git worktree at ${worktree}: ${gitLine(output.stderr)}`);
  }
  return ok({ top, own, common: resolve(worktree, common), oidBytes: format === 'sha256' ? 32 : 20 });
}
