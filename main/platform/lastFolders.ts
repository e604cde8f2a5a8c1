import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the last `levels` folders of a path where they are missing. What lies above has to exist: a project that was
 * deleted or moved away while its processes still write is not brought back as a husk. Throws the file system's error.
 */
export async function makeLastFolders(path: string, levels: number, mode = 0o755): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || levels <= 1) throw error;
    await makeLastFolders(dirname(path), levels - 1, mode);
    await makeLastFolders(path, 1, mode);
  }
}
