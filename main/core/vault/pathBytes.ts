import { sep } from 'node:path';

/**
 * A path of git: any bytes but NUL, relative to the worktree, with forward slashes. It is held as a text in which each
 * character is one byte (latin1), because file names need not be UTF-8.
 */
export type PathBytes = string;

/** The place of a path in a worktree, as the file system takes it. */
export function placeOf(root: string, path: PathBytes): Buffer {
  const local = sep === '/' ? path : path.replaceAll('/', sep);
  return Buffer.concat([Buffer.from(root + sep, 'utf8'), Buffer.from(local, 'latin1')]);
}

/** For people: bytes that are no UTF-8 show as the replacement character, control characters as spaces. */
export function showPath(path: PathBytes): string {
  return Buffer.from(path, 'latin1')
    .toString('utf8')
    .replace(/\p{Cc}/gu, ' ');
}

/** The path between quotes with C escapes, in plain ASCII: what fast-import and `hash-object --stdin-paths` read. */
export function quotePath(path: PathBytes): string {
  let quoted = '"';
  for (const byte of path) {
    const code = byte.charCodeAt(0);
    if (byte === '"' || byte === '\\') quoted += `\\${byte}`;
    else if (code >= 0x20 && code < 0x7f) quoted += byte;
    else quoted += `\\${code.toString(8).padStart(3, '0')}`;
  }
  return `${quoted}"`;
}

/** A text of ours as path bytes. */
export function pathBytesOf(text: string): PathBytes {
  return Buffer.from(text, 'utf8').toString('latin1');
}
