import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { gitLine } from '../merge/repositoryState.ts';
import type { Git } from './git.ts';

/** A folder for objects nobody shall find in the repository: trial commits, trial merges. */
export interface ScratchObjects {
  /** The environment that sends new objects there and finds the repository's own. */
  open(): Promise<Result<Readonly<Record<string, string>>>>;
  /** Throws everything in it away; the next `open` begins anew. */
  clear(): Promise<void>;
}

/** @param git runs in the repository. */
export function createScratchObjects(git: Git, folder: string): ScratchObjects {
  let store: Readonly<Record<string, string>> | null = null;
  return {
    async open() {
      if (store !== null) return ok(store);
      // What an engine that was killed left behind.
      await rm(folder, { recursive: true, force: true });
      const objects = await git(['rev-parse', '--path-format=absolute', '--git-path', 'objects']);
      if (objects.code !== 0) return fail('worktree', `git cannot find its objects: ${gitLine(objects.stderr)}`);
      const alternate = objects.stdout.replace(/\n$/, '');
      // Git quotes nothing here: a list of folders, with colons between them.
      if (alternate.includes(':') || folder.includes(':'))
        return fail('worktree', 'uncommitted work cannot be looked at in a folder with a colon in its name');
      // Git takes a folder without its objects for no repository at all.
      await mkdir(join(folder, 'objects'), { recursive: true });
      store = { GIT_OBJECT_DIRECTORY: join(folder, 'objects'), GIT_ALTERNATE_OBJECT_DIRECTORIES: alternate };
      return ok(store);
    },
    async clear() {
      store = null;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
