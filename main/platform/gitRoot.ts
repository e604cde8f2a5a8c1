import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * The git work tree that holds a folder: the nearest one upwards with a `.git` folder or file; null when there is none
 * or the folder does not exist. Asks the file system only, so that a launcher can say "not a git repository" at once.
 */
export async function findGitRoot(folder: string): Promise<string | null> {
  let at = resolve(folder);
  if (!(await isThere(at))) return null;
  for (;;) {
    if (await isThere(join(at, '.git'))) return at;
    const parent = dirname(at);
    if (parent === at) return null;
    at = parent;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Absent, or not ours to see: either way no repository that we could open.
    return false;
  }
}
