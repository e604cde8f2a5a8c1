/**
 * What git's own files say of a checkout, read instead of asked for: a sling waits for each git process it starts. Whatever
 * is not plain to see here is null, and git is asked.
 */
import { open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalPath } from '../util/files.ts';

/** Bytes of an index file's header: signature, version, number of entries. */
const INDEX_HEADER = 12;
const ENTRIES_AT = 8;

/** The branch checked out in a repository's own work tree; null when its HEAD is anything else. */
export async function branchInHead(root: string): Promise<string | null> {
  try {
    const head = await readFile(join(root, '.git', 'HEAD'), 'utf8');
    const name = /^ref: refs\/heads\/(.+)\n?$/.exec(head)?.[1] ?? null;
    // Repositories with another store of refs keep this name there, which is no branch.
    return name === '.invalid' ? null : name;
  } catch {
    // A linked worktree or no repository: git knows.
    return null;
  }
}

/** True when a worktree is registered with its repository and its index holds files; false when git has to be asked. */
export async function isFilledWorktree(path: string): Promise<boolean> {
  try {
    const named = /^gitdir: (.+?)\r?\n?$/.exec(await readFile(join(path, '.git'), 'utf8'))?.[1];
    if (named === undefined) return false;
    const own = resolve(path, named);
    // What the repository says of this worktree leads back to it.
    const back = resolve(own, (await readFile(join(own, 'gitdir'), 'utf8')).trim());
    if ((await canonicalPath(back)) !== (await canonicalPath(join(path, '.git')))) return false;
    return (await entriesOf(join(own, 'index'))) > 0;
  } catch {
    // Something of it is missing or not ours to read: git says what.
    return false;
  }
}

async function entriesOf(indexPath: string): Promise<number> {
  const file = await open(indexPath, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(INDEX_HEADER), 0, INDEX_HEADER, 0);
    const isIndex = bytesRead === INDEX_HEADER && buffer.toString('latin1', 0, 4) === 'DIRC';
    return isIndex ? buffer.readUInt32BE(ENTRIES_AT) : 0;
  } finally {
    await file.close();
  }
}
