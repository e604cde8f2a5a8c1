import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a whole file so that a reader sees the old or the new content, never half of it: temporary file beside the
 * target, flushed, then renamed. Parent folders are created. Throws the file system's error, leaving no temporary behind.
 * @param mode file mode; 0o600 for anything that holds a secret.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await replaceFileAtomic(path, content, mode);
}

/** The same in a folder that is there: without it this throws ENOENT, so that what was deleted meanwhile is not made anew. */
export async function replaceFileAtomic(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
