import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitFolderOf } from '../merge/checkout.ts';
import { isMissing } from '../util/files.ts';

/** What changes with every commit, checkout and `git add` in a worktree. */
const FILES = ['HEAD', 'index', 'logs/HEAD', 'MERGE_HEAD'] as const;

/**
 * A text that differs when git did something in a worktree, read from the files' times and sizes without any process;
 * null when there is no worktree.
 */
export async function worktreeSign(worktree: string): Promise<string | null> {
  const folder = await gitFolderOf(worktree);
  if (folder === null) return null;
  return (await Promise.all(FILES.map((name) => fileSign(join(folder, name))))).join(' ');
}

/** The same for a branch of the repository with this git folder: its own file, and the one packed branches lie in. */
export async function branchSign(commonFolder: string, branch: string): Promise<string> {
  const [own, packed] = await Promise.all([
    fileSign(join(commonFolder, 'refs', 'heads', branch)),
    fileSign(join(commonFolder, 'packed-refs')),
  ]);
  return `${branch} ${own} ${packed}`;
}

async function fileSign(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return '-';
    throw error;
  }
}
