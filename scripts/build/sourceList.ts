import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DIST, PARTS, ROOT } from './layout.ts';
import { isBuildInput } from './stamp.ts';

/**
 * What the main side was built from, as the file system told it: `scripts/ov.cjs` compares it at each start, which is quick,
 * where comparing contents would take longer than most commands. A file that was written again, even with the same bytes,
 * and a folder that lost or gained one, count as changed.
 */
export interface SourceList {
  /** Path from the root: milliseconds of the last change of content and of anything, and bytes. */
  readonly files: Readonly<Record<string, readonly [number, number, number]>>;
  /** Path from the root: milliseconds of the last change of its entries. */
  readonly folders: Readonly<Record<string, number>>;
}

export const SOURCE_LIST = join(DIST, '.sources');

/** Looks at every source of the main side. Ask before the sources are read, so that a later change is never missed. */
export async function listSources(root: string = ROOT): Promise<SourceList> {
  const files: Record<string, readonly [number, number, number]> = {};
  const folders: Record<string, number> = {};
  const look = async (path: string): Promise<void> => {
    const found = await stat(path);
    const name = relative(root, path).split(sep).join('/');
    if (found.isDirectory()) {
      folders[name] = found.mtimeMs;
      for (const entry of await readdir(path)) await look(join(path, entry));
    } else if (isBuildInput(name)) files[name] = [found.mtimeMs, found.ctimeMs, found.size];
  };
  for (const input of PARTS.main.inputs) await look(join(root, input));
  return { files, folders };
}

/** Keeps the list of a build that is up to date. */
export async function writeSourceList(list: SourceList, path: string = SOURCE_LIST): Promise<void> {
  await writeFile(path, JSON.stringify(list));
}
