import { rm } from 'node:fs/promises';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from './repositoryState.ts';

/** A file of a tree with its new content. */
export interface FileContent {
  readonly path: string;
  /** Git's mode, such as `100644`. */
  readonly mode: string;
  readonly content: Buffer;
}

/**
 * Writes a tree that is `tree` with some files replaced. Works on an index of its own at `indexFile`, which is removed
 * again; neither the checkout nor its index is touched.
 */
export async function replaceInTree(
  git: Git,
  tree: string,
  files: readonly FileContent[],
  indexFile: string,
): Promise<Result<string, CallError>> {
  const env = { GIT_INDEX_FILE: indexFile };
  try {
    const [read, ...hashes] = await Promise.all([
      git(['read-tree', tree], { env }),
      ...files.map((file) => git(['hash-object', '-w', '--stdin', '--no-filters'], { input: file.content })),
    ]);
    const failed = [read, ...hashes].find((output) => output.code !== 0);
    if (failed !== undefined) return fail('merge', `git cannot store the resolved files: ${gitLine(failed.stderr)}`);
    const lines = files.map((file, index) => `${file.mode} ${hashes[index]?.stdout.trim() ?? ''}\t${file.path}\0`);
    const updated = await git(['update-index', '-z', '--index-info'], { env, input: lines.join('') });
    if (updated.code !== 0) return fail('merge', `git cannot store the resolved files: ${gitLine(updated.stderr)}`);
    const written = await git(['write-tree'], { env });
    if (written.code !== 0) return fail('merge', `git cannot store the merged tree: ${gitLine(written.stderr)}`);
    return ok(written.stdout.trim());
  } finally {
    await rm(indexFile, { force: true });
    await rm(`${indexFile}.lock`, { force: true });
  }
}
