import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DIST, PART_NAMES, PARTS, ROOT } from './layout.ts';
import { isBuildInput } from './stamp.ts';

/**
 * What a build was made from, as the file system told it: comparing that is quick, where comparing contents takes longer
 * than most commands. A file that was written again, even with the same bytes, and a folder that lost or gained one, count
 * as changed.
 */
export interface SourceList {
  /** Path from the root: milliseconds of the last change of content and of anything, and bytes. */
  readonly files: Readonly<Record<string, readonly [number, number, number]>>;
  /** Path from the root: milliseconds of the last change of its entries. */
  readonly folders: Readonly<Record<string, number>>;
}

/** The main side's, which `scripts/ov.cjs` compares at each start. */
export const SOURCE_LIST = join(DIST, '.sources');
/** That of everything in `dist`, which `npm start` and its like compare. */
const INPUT_LIST = join(DIST, '.inputs');

/** All that anything in `dist` is made from. */
const INPUTS = [...new Set(PART_NAMES.flatMap((part): readonly string[] => PARTS[part].inputs)), 'scripts/demo'];

/** Looks at every source of the main side. Ask before the sources are read, so that a later change is never missed. */
export async function listSources(
  root: string = ROOT,
  inputs: readonly string[] = PARTS.main.inputs,
): Promise<SourceList> {
  const files: Record<string, readonly [number, number, number]> = {};
  const folders: Record<string, number> = {};
  const look = async (path: string): Promise<void> => {
    const found = await stat(path);
    const name = relative(root, path).split(sep).join('/');
    if (found.isDirectory()) {
      folders[name] = found.mtimeMs;
      await Promise.all((await readdir(path)).map((entry) => look(join(path, entry))));
    } else if (isBuildInput(name)) files[name] = [found.mtimeMs, found.ctimeMs, found.size];
  };
  await Promise.all(inputs.map((input) => look(join(root, input))));
  return { files, folders };
}

/** Keeps the list of a build that is up to date. */
export async function writeSourceList(list: SourceList, path: string = SOURCE_LIST): Promise<void> {
  await writeFile(path, JSON.stringify(list));
}

/** The same of everything in `dist`. */
export const listInputs = (root: string = ROOT): Promise<SourceList> => listSources(root, INPUTS);

/** Says that all of `dist` is made from exactly these. */
export async function settle(list: SourceList, path: string = INPUT_LIST): Promise<void> {
  await writeFile(path, JSON.stringify({ modules: process.versions.modules, list }));
}

/** Says that nothing is known of `dist` until it is settled again; before the first change of it. */
export async function unsettle(path: string = INPUT_LIST): Promise<void> {
  await rm(path, { force: true });
}

/** True when `dist` is whole and nothing it was made from has changed. False in doubt: then contents are compared. */
export function isSettled(root: string = ROOT, path: string = INPUT_LIST): boolean {
  try {
    const { modules, list } = JSON.parse(readFileSync(path, 'utf8')) as { modules: string; list: SourceList };
    if (modules !== process.versions.modules) return false;
    if (PART_NAMES.some((part) => !existsSync(join(root, 'dist', PARTS[part].output)))) return false;
    for (const [name, changed] of Object.entries(list.folders))
      if (statSync(join(root, name)).mtimeMs !== changed) return false;
    return Object.entries(list.files).every(([name, [changed, touched, bytes]]) => {
      const found = statSync(join(root, name));
      return found.mtimeMs === changed && found.ctimeMs === touched && found.size === bytes;
    });
  } catch {
    // No list, or a source that is gone: whoever asks looks closer.
    return false;
  }
}
