import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Name of the manifest inside the folder it describes. */
export const MANIFEST = 'manifest.json';

/** What a prepared folder must hold: every file's SHA-256 by its relative path, and how the folder was made. */
export interface Manifest {
  readonly recipe: string;
  readonly files: Readonly<Record<string, string>>;
}

/** SHA-256 of a file, hex, without reading it into memory at once. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

/** Hashes every file below `folder` except the manifest itself. */
export async function describeFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.toSorted((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (name !== MANIFEST) files[name] = await sha256(path);
  }
  return files;
}

/** Writes the manifest of a folder that is complete. */
export async function writeManifest(folder: string, recipe: string): Promise<void> {
  const manifest: Manifest = { recipe, files: await describeFolder(folder) };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
}

/** Null when the folder is exactly what its manifest says and was made by this recipe, else one line that says what differs. */
export async function verifyFolder(folder: string, recipe: string): Promise<string | null> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Manifest;
  } catch {
    // Absent or unreadable means the same to the caller: it is not prepared.
    return 'not prepared yet';
  }
  if (manifest.recipe !== recipe) return 'prepared by another recipe';
  const found = await describeFolder(folder);
  for (const [name, hash] of Object.entries(manifest.files)) {
    if (found[name] === undefined) return `${name} is missing`;
    if (found[name] !== hash) return `${name} has changed`;
  }
  const extra = Object.keys(found).find((name) => manifest.files[name] === undefined);
  return extra === undefined ? null : `${extra} does not belong there`;
}
