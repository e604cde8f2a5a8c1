import { join } from 'node:path';
import { readFile } from '../../platform/callbackFiles.ts';
import { isSameProcess } from '../../platform/processes.ts';

const MODES = ['embedded', 'background', 'foreground'] as const;

/** What `.overstory/run/engine.json` says of the engine that holds the project (architecture.md §1). */
export interface EngineInfo {
  readonly pid: number;
  /** Kernel start time, so that a recycled pid is not taken for the engine; null where the system has none. */
  readonly startTime: string | null;
  readonly instanceId: string;
  readonly socket: string;
  /** Secret of the socket. The file is 0600. */
  readonly token: string;
  readonly protocol: number;
  readonly version: string;
  readonly mode: (typeof MODES)[number];
  readonly startedAt: string;
}

/** Read by hand and not by a schema, because every `ov` begins with it. Null when it is not what an engine writes. */
export function parseEngineInfo(value: unknown): EngineInfo | null {
  if (typeof value !== 'object' || value === null) return null;
  const { pid, startTime, instanceId, socket, token, protocol, version, mode, startedAt } = value as Partial<
    Record<keyof EngineInfo, unknown>
  >;
  const known = MODES.find((one) => one === mode);
  if (known === undefined || typeof pid !== 'number' || !Number.isInteger(pid) || typeof protocol !== 'number')
    return null;
  if (startTime !== null && typeof startTime !== 'string') return null;
  if (typeof instanceId !== 'string' || typeof socket !== 'string' || typeof token !== 'string') return null;
  if (typeof version !== 'string' || typeof startedAt !== 'string') return null;
  return { pid, startTime, instanceId, socket, token, protocol, version, mode: known, startedAt };
}

/** Folder of sockets and lease files; never in git. */
export function runDirectory(projectRoot: string): string {
  return join(projectRoot, '.overstory', 'run');
}

export function engineInfoPath(projectRoot: string): string {
  return join(runDirectory(projectRoot), 'engine.json');
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
    return parseEngineInfo(JSON.parse(content));
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
