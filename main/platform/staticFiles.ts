import { realpath, stat } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

/** Content types of everything a built renderer holds; a file of another kind is not served (engineering.md 3.1 #8). */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
};

/** A file that may be served. */
export interface StaticFile {
  readonly path: string;
  readonly contentType: string;
  /** True when the name carries a content hash, so that it never changes: it may be cached for good. */
  readonly immutable: boolean;
}

/**
 * The traversal guard of both faces, pure: turns the path of an address into a file below `root`, or null when it leaves
 * the root, cannot be decoded, holds a NUL or a backslash, or has an unknown type. `/` means `/index.html`.
 * @param root absolute folder without a trailing separator.
 * @param pathname still encoded path of the address, starting with `/`.
 */
export function resolveStaticFile(root: string, pathname: string): StaticFile | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    // A malformed escape names no file of ours.
    return null;
  }
  if (!decoded.startsWith('/') || decoded.includes('\0') || decoded.includes('\\')) return null;
  const relative = decoded === '/' ? 'index.html' : decoded.slice(1);
  const path = resolve(root, `./${relative}`);
  if (!path.startsWith(root + sep)) return null;
  const contentType = CONTENT_TYPES[extname(path).toLowerCase()];
  if (contentType === undefined) return null;
  return { path, contentType, immutable: /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+$/.test(path) };
}

/**
 * The same with the file system asked: null as well when there is no such plain file, or when a symbolic link leads out
 * of the root (engineering.md 3.3 #11).
 */
export async function findStaticFile(root: string, pathname: string): Promise<StaticFile | null> {
  const file = resolveStaticFile(root, pathname);
  if (file === null) return null;
  try {
    const [realRoot, realFile, facts] = await Promise.all([realpath(root), realpath(file.path), stat(file.path)]);
    return facts.isFile() && realFile.startsWith(realRoot + sep) ? file : null;
  } catch {
    // Absent, or taken away while we looked: there is nothing to serve either way.
    return null;
  }
}
