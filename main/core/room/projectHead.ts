import { type FSWatcher, watch } from 'node:fs';
import { resolve } from 'node:path';
import type { Git } from '../git/git.ts';

/** Branch and commit of the project root; both null outside a branch or before the first commit. */
export interface ProjectHead {
  readonly branch: string | null;
  readonly head: string | null;
}

/** Milliseconds: a commit or checkout touches several files of `.git` in one go. */
const SETTLE_MS = 150;

/**
 * Keeps branch and commit of the project root for the status bar. Looks when files in `.git` change, never by the clock:
 * an idle room starts no git process (product.md, targets).
 */
export async function watchProjectHead(
  git: Git,
  root: string,
  onChange: () => void,
): Promise<{ current(): ProjectHead; refresh(): void; close(): void }> {
  let current: ProjectHead = { branch: null, head: null };
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  async function look(): Promise<void> {
    const [branch, head] = await Promise.all([
      git(['symbolic-ref', '--short', '-q', 'HEAD']),
      git(['rev-parse', '--short=7', '-q', '--verify', 'HEAD']),
    ]);
    const next = {
      branch: branch.code === 0 ? branch.stdout.trim() : null,
      head: head.code === 0 ? head.stdout.trim() : null,
    };
    if (closed || (next.branch === current.branch && next.head === current.head)) return;
    current = next;
    onChange();
  }
  const refresh = (): void => {
    if (timer !== null || closed) return;
    timer = setTimeout(() => {
      timer = null;
      void look();
    }, SETTLE_MS);
    timer.unref();
  };

  await look();
  let watcher: FSWatcher | null = null;
  const gitDirectory = await git(['rev-parse', '--git-dir']);
  if (gitDirectory.code === 0) {
    // `index.lock` comes and goes with every status of somebody else's tool; HEAD and the index itself are what count.
    watcher = watch(resolve(root, gitDirectory.stdout.trim()), { persistent: false }, (_event, name) => {
      if (name === 'HEAD' || name === 'index' || name === 'ORIG_HEAD' || name === 'COMMIT_EDITMSG') refresh();
    });
    // A repository that is moved away ends the watch; merges still refresh.
    watcher.on('error', () => watcher?.close());
  }
  return {
    current: () => current,
    refresh,
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      watcher?.close();
    },
  };
}
