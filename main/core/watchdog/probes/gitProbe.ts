import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

/** What a worktree's git folder and files tell by their times alone. Milliseconds since the epoch; 0 for "none". */
export interface GitTimes {
  /** The newest of HEAD and its log: a commit, a checkout, a reset. */
  readonly headAt: number;
  readonly indexAt: number;
  /** The newest file that was looked at; 0 when files were not looked at. */
  readonly filesAt: number;
}

/** Folders whose files are no work of the agent's hands. */
const SKIPPED = new Set([
  '.git',
  '.overstory',
  '.claude',
  'node_modules',
  'dist',
  'build',
  'out',
  'target',
  'coverage',
  '__pycache__',
  '.venv',
  '.cache',
  '.next',
]);

/** Looks at worktrees with `stat` alone: no git is started (field.md: rivals start 19 to 44 processes a second idle). */
export interface GitProbe {
  /** Null when the worktree cannot be read: unknown. @param files how many files and folders may be looked at; 0 for none. */
  look(worktree: string, files: number): Promise<GitTimes | null>;
  forget(worktree: string): void;
}

export function createGitProbe(): GitProbe {
  /** Git folder by worktree: it never moves while the worktree lives. */
  const folders = new Map<string, string>();

  async function folderOf(worktree: string): Promise<string> {
    const known = folders.get(worktree);
    if (known !== undefined) return known;
    const path = join(worktree, '.git');
    const info = await stat(path);
    let folder = path;
    if (info.isFile()) {
      const named = /^gitdir:\s*(.+)$/m.exec(await readFile(path, 'utf8'))?.[1]?.trim() ?? '';
      folder = isAbsolute(named) ? named : resolve(worktree, named);
    }
    folders.set(worktree, folder);
    return folder;
  }

  return {
    async look(worktree, files) {
      try {
        const folder = await folderOf(worktree);
        const [head, log, index, newest] = await Promise.all([
          timeOf(join(folder, 'HEAD')),
          timeOf(join(folder, 'logs', 'HEAD')),
          timeOf(join(folder, 'index')),
          files > 0 ? newestFile(worktree, files) : 0,
        ]);
        // Every worktree has a HEAD: without one it is gone or cannot be read.
        return head === 0 ? null : { headAt: Math.max(head, log), indexAt: index, filesAt: newest };
      } catch {
        // Missing or unreadable: nothing is concluded from it.
        folders.delete(worktree);
        return null;
      }
    },
    forget: (worktree) => void folders.delete(worktree),
  };
}

async function timeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    // A fresh repository has no index or log yet.
    return 0;
  }
}

/** The newest time among at most `budget` files and folders, widest first. */
async function newestFile(root: string, budget: number): Promise<number> {
  let newest = 0;
  let left = budget;
  const queue = [root];
  for (let at = 0; at < queue.length && left > 0; at += 1) {
    const folder = queue[at] ?? root;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const paths: string[] = [];
    for (const entry of entries) {
      if (left <= 0) break;
      if (SKIPPED.has(entry.name)) continue;
      left -= 1;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) queue.push(path);
      paths.push(path);
    }
    const times = await Promise.all(paths.map(timeOf));
    newest = Math.max(newest, ...times);
  }
  return newest;
}
