import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../util/files.ts';

/** Files counted at most: a folder with more is as large as what was counted, at least. */
const FILES_AT_MOST = 20_000;

/** Bytes of the files below a folder; 0 when there is none. Links are not followed. */
export async function folderBytes(path: string): Promise<number> {
  let left = FILES_AT_MOST;
  async function sizeOf(folder: string): Promise<number> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      // A folder that goes while it is looked at has no size any more.
      if (isMissing(error)) return [];
      throw error;
    });
    let bytes = 0;
    for (const entry of entries) {
      if (left <= 0) return bytes;
      const below = join(folder, entry.name);
      if (entry.isDirectory()) bytes += await sizeOf(below);
      else if (entry.isFile()) {
        left -= 1;
        bytes += await fileBytes(below);
      }
    }
    return bytes;
  }
  return sizeOf(path);
}

/** Bytes of a file; 0 when there is none. */
export async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
