import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Timestamp } from '../../contract/ids.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { socketPath } from '../platform/projectSockets.ts';

/** What `.overstory/run/pty-host.json` says of a project's pty host (architecture.md §1). */
const HostFile = z.object({
  pid: z.number().int(),
  /** Kernel start time, so that a recycled pid is not taken for the host; null where the system has none. */
  startTime: z.string().nullable(),
  socket: z.string(),
  /** Secret of the socket: 32 random bytes, base64url. The file is 0600. */
  token: z.string(),
  protocol: z.number().int(),
  version: z.string(),
  startedAt: Timestamp,
});
export type HostFile = z.infer<typeof HostFile>;

export interface HostPaths {
  readonly runFolder: string;
  readonly file: string;
  readonly log: string;
  readonly socket: string;
}

/** Where a host keeps its things. */
export function hostPaths(projectRoot: string, temporary = tmpdir(), platform = process.platform): HostPaths {
  const runFolder = join(projectRoot, '.overstory', 'run');
  return {
    runFolder,
    file: join(runFolder, 'pty-host.json'),
    log: join(projectRoot, '.overstory', 'logs', 'pty-host.log'),
    socket: socketPath(projectRoot, 'pty-host', temporary, platform),
  };
}

/** Makes the run folder, closed to others. */
export async function prepareRunFolder(paths: HostPaths): Promise<void> {
  await mkdir(paths.runFolder, { recursive: true, mode: 0o700 });
  await chmod(paths.runFolder, 0o700);
}

export async function writeHostFile(paths: HostPaths, content: HostFile): Promise<void> {
  await writeFileAtomic(paths.file, `${JSON.stringify(content, null, 2)}\n`, 0o600);
}

/** Reads the file; null when there is none or it cannot be understood. */
export async function readHostFile(paths: HostPaths): Promise<HostFile | null> {
  try {
    return HostFile.parse(JSON.parse(await readFile(paths.file, 'utf8')));
  } catch {
    // Missing is the normal case. Half a file cannot happen (atomic write); one of a foreign shape names no host we could talk to.
    return null;
  }
}

/** Withdraws the file if it still is this process's. */
export async function removeHostFile(paths: HostPaths, token: string): Promise<void> {
  const current = await readHostFile(paths);
  if (current?.token === token) await rm(paths.file, { force: true });
}
