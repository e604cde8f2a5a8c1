import { constants } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { access, readFile, realpath } from '../../platform/callbackFiles.ts';

/** Text of a file, or null when there is none. Throws on any other file-system error. */
export async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** True when a file or folder exists at this path. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    // Missing or unreachable: for a question of existence both mean no.
    return false;
  }
}

/** True for the errors that mean "nothing there": the path or one of its folders does not exist. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * Canonical form of a path that need not exist yet: symbolic links of its longest existing part are resolved and the
 * rest is appended. Two spellings of one place compare equal (spec 02 §3.5, path comparison).
 */
export async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path);
  let existing = absolute;
  for (;;) {
    try {
      const real = await realpath(existing);
      return existing === absolute ? real : join(real, relative(existing, absolute));
    } catch {
      // This part does not exist or cannot be read: try its parent, the file-system root at the latest.
      const parent = dirname(existing);
      if (parent === existing) return absolute;
      existing = parent;
    }
  }
}

/** True when `path` is `folder` or lies below it. Both must be canonical already. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** One line of an unknown error, for a message to a person. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
