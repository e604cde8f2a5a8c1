import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { DIST, PART_NAMES, PARTS, type Part, ROOT } from './layout.ts';

const STAMP = join(DIST, '.stamp');

/** Hash of the sources that each part was last built from. */
export type Stamp = Readonly<Partial<Record<Part, string>>>;

/** True for files that never reach a build. */
export function isBuildInput(name: string): boolean {
  return !/\.test\.tsx?$/.test(name) && !name.endsWith('.md');
}

/** Content hash of a part's sources: a changed, added, renamed or removed file changes it, a touched one does not. */
export async function sourceHash(inputs: readonly string[], root: string = ROOT): Promise<string> {
  const hash = createHash('sha256').update(process.versions.modules);
  for (const input of inputs) {
    for (const path of await filesOf(join(root, input))) {
      const name = relative(root, path).split(sep).join('/');
      if (isBuildInput(name))
        hash
          .update(name)
          .update('\0')
          .update(await readFile(path))
          .update('\0');
    }
  }
  return hash.digest('hex');
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return [];
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** The stamp of the last builds; empty when there is none. */
export async function readStamp(): Promise<Stamp> {
  try {
    return JSON.parse(await readFile(STAMP, 'utf8')) as Stamp;
  } catch {
    // Absent or cut off: everything counts as stale, which is always safe.
    return {};
  }
}

/** Replaces the stamp as a whole. */
export async function writeStamp(stamp: Stamp): Promise<void> {
  await mkdir(dirname(STAMP), { recursive: true });
  const temporary = `${STAMP}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(stamp));
  await rename(temporary, STAMP);
}

/** Present hash of every part, and which parts must be built. */
export async function staleParts(): Promise<{
  readonly hashes: Record<Part, string>;
  readonly stale: readonly Part[];
}> {
  const stamp = await readStamp();
  const hashes = {} as Record<Part, string>;
  for (const part of PART_NAMES) hashes[part] = await sourceHash(PARTS[part].inputs);
  const stale = PART_NAMES.filter(
    (part) => stamp[part] !== hashes[part] || !existsSync(join(DIST, PARTS[part].output)),
  );
  return { hashes, stale };
}
