import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { isSameProcess } from '../../platform/processes.ts';

/** What `.overstory/run/engine.json` says of the engine that holds the project (architecture.md §1). */
const EngineInfo = z.object({
  pid: z.number().int(),
  /** Kernel start time, so that a recycled pid is not taken for the engine; null where the system has none. */
  startTime: z.string().nullable(),
  instanceId: z.string(),
  socket: z.string(),
  /** Secret of the socket. The file is 0600. */
  token: z.string(),
  protocol: z.number().int(),
  version: z.string(),
  mode: z.enum(['embedded', 'background', 'foreground']),
  startedAt: z.string(),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

/** Folder of sockets and lease files; never in git. */
export function runDirectory(projectRoot: string): string {
  return join(projectRoot, '.overstory', 'run');
}

export function engineInfoPath(projectRoot: string): string {
  return join(runDirectory(projectRoot), 'engine.json');
}

/** Publishes a started engine; mode 0600, whole or not at all. */
export async function writeEngineInfo(projectRoot: string, info: EngineInfo): Promise<void> {
  await writeFileAtomic(engineInfoPath(projectRoot), `${JSON.stringify(info, null, 2)}\n`, 0o600);
}

/** Withdraws the file if it still is this engine's. */
export async function removeEngineInfo(projectRoot: string, instanceId: string): Promise<void> {
  const info = await readEngineInfo(projectRoot);
  if (info?.instanceId === instanceId) await rm(engineInfoPath(projectRoot), { force: true });
}

/** Reads the file; null when there is none or it cannot be understood. Says nothing of whether that engine lives. */
export async function readEngineInfo(projectRoot: string): Promise<EngineInfo | null> {
  let content: string;
  try {
    content = await readFile(engineInfoPath(projectRoot), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return EngineInfo.parse(JSON.parse(content));
  } catch {
    // Half a file cannot happen (atomic write); another version's file can: no engine we could talk to.
    return null;
  }
}

/** The engine that holds the project right now, or null. Does not open any database. */
export async function findLiveEngine(projectRoot: string): Promise<EngineInfo | null> {
  const info = await readEngineInfo(projectRoot);
  return info !== null && (await isSameProcess(info)) ? info : null;
}
