import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { pathExists } from '../util/files.ts';

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

/** Finds the folders of worktrees and remembers them: asking git costs a process each time. */
export function createFolderFinder(git: Git): (worktree: string) => Promise<Result<GitFolders>> {
  const known = new Map<string, { readonly link: string; readonly folders: GitFolders }>();
  return async (worktree) => {
    const link = await linkOf(worktree);
    const remembered = known.get(worktree);
    if (link !== null && remembered?.link === link && (await pathExists(join(remembered.folders.own, 'HEAD')))) {
      return ok(remembered.folders);
    }
    known.delete(worktree);
    const found = await findGitFolders(git, worktree);
    if (found.ok && link !== null) known.set(worktree, { link, folders: found.value });
    return found;
  };
}

/** What `.git` says: the text of a worktree's file, or that it is a folder; null when it says nothing usable. */
async function linkOf(worktree: string): Promise<string | null> {
  try {
    return await readFile(join(worktree, '.git'), 'utf8');
  } catch (error) {
    // Anything else is found out, and told, by git.
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'folder' : null;
  }
}

/** Asks git where things are. Fails for a folder that is no worktree, or not the top of one. */
async function findGitFolders(git: Git, worktree: string): Promise<Result<GitFolders>> {
  const args = ['rev-parse', '--show-object-format', '--show-toplevel', '--absolute-git-dir', '--git-common-dir'];
  const output = await git(args, { cwd: worktree });
  const [format = '', top = '', own = '', common = ''] = output.stdout.split('\n');
  if (output.code !== 0 || common === '') {
    return fail('worktree', `there is no git worktree at ${worktree}: ${gitLine(output.stderr)}`);
  }
  return ok({ top, own, common: resolve(worktree, common), oidBytes: format === 'sha256' ? 32 : 20 });
}
