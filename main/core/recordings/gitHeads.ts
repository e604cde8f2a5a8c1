import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Git } from '../git/git.ts';
import type { Head } from './historyStore.ts';

/** Milliseconds: git writes several files for one commit, and a fleet commits often. */
const SETTLE_MS = 100;
/** Name under which the project's own checkout is told. */
export const PROJECT_HEAD = 'HEAD';

/** Branches of the repository and the commit each is at, and what the project root has checked out; null where git fails. */
export async function readHeads(git: Git): Promise<ReadonlyMap<string, Head> | null> {
  const refs = await git(['for-each-ref', '--format=%(HEAD)%(objectname) %(refname:short)', 'refs/heads']);
  if (refs.code !== 0) return null;
  const heads = new Map<string, Head>();
  for (const line of refs.stdout.split('\n')) {
    const space = line.indexOf(' ', 1);
    if (space === -1) continue;
    const commit = line.slice(1, space);
    const branch = line.slice(space + 1);
    heads.set(branch, { commit, branch: null });
    if (line.startsWith('*')) heads.set(PROJECT_HEAD, { commit, branch });
  }
  if (!heads.has(PROJECT_HEAD)) heads.set(PROJECT_HEAD, await readDetachedHead(git));
  return heads;
}

/** Of a checkout that is on no branch, or on one without a commit. */
async function readDetachedHead(git: Git): Promise<Head> {
  const [branch, commit] = await Promise.all([
    git(['symbolic-ref', '--short', '-q', 'HEAD']),
    git(['rev-parse', '-q', '--verify', 'HEAD']),
  ]);
  return {
    commit: commit.code === 0 ? commit.stdout.trim() : null,
    branch: branch.code === 0 ? branch.stdout.trim() : null,
  };
}

export interface HeadWatch {
  /** Looks once more and resolves when what it found was told. */
  look(): Promise<void>;
  close(): void;
}

/**
 * Tells where branches are, whoever moves them. Looks when git changes its files, never by the clock: an idle room starts no
 * git process (product.md, targets). Branches of all worktrees lie in the one repository, so one watch is enough.
 */
export async function watchHeads(
  git: Git,
  root: string,
  onHeads: (heads: ReadonlyMap<string, Head>) => void,
): Promise<HeadWatch> {
  const found = await git(['rev-parse', '--git-common-dir']);
  const common = found.code === 0 ? resolve(root, found.stdout.trim()) : null;
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  let again = false;
  let closed = false;

  const later = (): void => {
    if (timer !== null || closed) return;
    timer = setTimeout(() => {
      timer = null;
      void look();
    }, SETTLE_MS);
    timer.unref();
  };

  function follow(folder: string, matters: (name: string | null) => boolean): void {
    if (watchers.has(folder) || closed) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (matters(name)) later();
      });
      const drop = (): void => {
        watcher.close();
        watchers.delete(folder);
      };
      watcher.on('error', drop);
      watchers.set(folder, watcher);
    } catch {
      // Gone between listing and watching, with its branches, or the system has no watch left: the next change looks anyway.
    }
  }

  /** A folder of branches appears with an agent and goes with its last branch. */
  async function followFolders(): Promise<void> {
    if (common === null) return;
    const heads = join(common, 'refs', 'heads');
    const below = await readdir(heads, { recursive: true, withFileTypes: true }).catch(() => []);
    const folders = new Set([
      heads,
      ...below.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name)),
    ]);
    for (const [folder, watcher] of watchers) {
      if (folder === common || folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    follow(common, (name) => name === 'HEAD' || name === 'packed-refs' || name === 'reftable');
    for (const folder of folders) follow(folder, (name) => name === null || !name.endsWith('.lock'));
  }

  async function lookOnce(): Promise<void> {
    await followFolders();
    const heads = await readHeads(git);
    if (heads !== null && !closed) onHeads(heads);
  }

  async function look(): Promise<void> {
    if (closed) return;
    if (looking !== null) {
      again = true;
      return looking;
    }
    looking = (async () => {
      do {
        again = false;
        await lookOnce();
      } while (again && !closed);
    })().finally(() => {
      looking = null;
    });
    return looking;
  }

  await look();
  return {
    look,
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}
