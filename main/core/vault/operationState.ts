import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../util/files.ts';

/** What git calls it, by the file or folder that says so; the first that is there counts. */
const OPERATIONS: readonly (readonly [string, string])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['sequencer', 'cherry-pick'],
  ['BISECT_LOG', 'bisect'],
];

/** Everything in a worktree's git folder that belongs to an unfinished operation. */
export const OPERATION_NAMES: ReadonlySet<string> = new Set([
  ...OPERATIONS.map(([name]) => name),
  'MERGE_MSG',
  'MERGE_MODE',
  'MERGE_RR',
  'SQUASH_MSG',
  'REBASE_HEAD',
  'BISECT_START',
  'BISECT_NAMES',
  'BISECT_TERMS',
  'BISECT_EXPECTED_REV',
  'BISECT_ANCESTORS_OK',
]);

export interface OperationState {
  /** Word for a person: merge, rebase. */
  readonly name: string;
  /** Files relative to the git folder, forward slashes. */
  readonly files: readonly { readonly path: string; readonly content: Buffer }[];
  /** Object ids they name, which must outlive the operation. */
  readonly named: readonly string[];
}

/** Bytes of one state file; a patch series may be long, a dump is none. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Reads an unfinished merge, rebase or the like of a worktree; null when there is none. */
export async function readOperation(gitFolder: string): Promise<OperationState | null> {
  const present = new Set(await readdir(gitFolder));
  const name = OPERATIONS.find(([file]) => present.has(file))?.[1];
  if (name === undefined) return null;
  const files: { path: string; content: Buffer }[] = [];
  for (const entry of [...present].filter((file) => OPERATION_NAMES.has(file)).sort()) {
    await collect(gitFolder, entry, files);
  }
  const named = new Set<string>();
  for (const { content } of files) {
    for (const [oid] of content.toString('latin1').matchAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g)) named.add(oid);
  }
  return { name, files, named: [...named] };
}

async function collect(folder: string, path: string, files: { path: string; content: Buffer }[]): Promise<void> {
  try {
    const content = await readFile(join(folder, path));
    if (content.length <= MAX_FILE_BYTES) files.push({ path, content });
  } catch (error) {
    // Git ended the operation this very moment: the file belongs to the past.
    if (isMissing(error)) return;
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    for (const name of (await readdir(join(folder, path))).sort()) await collect(folder, `${path}/${name}`, files);
  }
}
