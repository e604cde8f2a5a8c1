import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../util/files.ts';

/**
 * Empties a folder and keeps the folder itself.
 * @param keep names in it that stay.
 * @returns true when something went.
 */
export async function emptyFolder(path: string, keep: (name: string) => boolean = () => false): Promise<boolean> {
  const names = await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const going = names.filter((name) => !keep(name));
  for (const name of going) await rm(join(path, name), { recursive: true, force: true, maxRetries: 3 });
  return going.length > 0;
}

/** Removes a file. @returns true when it was there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
