import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE } from '../core/config/configFile.ts';

/** Matches the folder of agents' worktrees in a path of any system. */
const WORKTREE_SEGMENT = /[\\/]\.overstory[\\/]worktrees[\\/]/;

/**
 * The project of a call where it can be told at a glance: the agent's own (spec 02 §0.1), the one whose worktree this is, or
 * the folder itself when it is the top of a set-up repository. Null for every other place; core/config/projectRoot.ts has
 * all the rules, and wherever this answers, it answers the same.
 */
export function projectAtAGlance(cwd: string, environmentRoot: string | undefined): string | null {
  if (environmentRoot !== undefined && environmentRoot !== '') return environmentRoot;
  const worktree = WORKTREE_SEGMENT.exec(`${cwd}/`);
  if (worktree !== null) {
    const root = cwd.slice(0, worktree.index);
    return isFile(join(root, CONFIG_FILE)) ? root : null;
  }
  // A folder called `.git` with a HEAD is a repository of its own; a file would be a linked worktree or a submodule.
  const isTop = isFile(join(cwd, '.git', 'HEAD')) && isFile(join(cwd, CONFIG_FILE));
  return isTop ? realpathSync.native(cwd) : null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
