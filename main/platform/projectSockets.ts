import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes of a unix socket path: sun_path less its zero on the strictest system (macOS, 104), with some room. */
const SOCKET_PATH_BYTES = 100;

/** Short name of a project for paths and markers: the same for every process that calls it by its real path. */
export function projectKey(projectRoot: string): string {
  return createHash('sha256').update(projectRoot).digest('hex').slice(0, 16);
}

/**
 * Where a process of a project listens: `.overstory/run/<name>.sock`, or, when the kernel would not take a path that
 * long, a folder of our own under the system's temporary folder; a named pipe on Windows.
 */
export function socketPath(
  projectRoot: string,
  name: string,
  temporary = tmpdir(),
  platform = process.platform,
): string {
  if (platform === 'win32') return `\\\\.\\pipe\\overstory-${name}-${projectKey(projectRoot)}`;
  const inProject = join(projectRoot, '.overstory', 'run', `${name}.sock`);
  if (Buffer.byteLength(inProject) <= SOCKET_PATH_BYTES) return inProject;
  return join(temporary, `overstory-${process.getuid?.() ?? 0}`, `${projectKey(projectRoot)}-${name}.sock`);
}
