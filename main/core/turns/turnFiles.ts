import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSafeTimestamp } from '../../platform/clock.ts';

/** The files of one turn: `.overstory/logs/<agent>/<file-safe ISO>/` (spec 02 §0.4, extended). */
export interface TurnFiles {
  readonly directory: string;
  /** Whole standard input of the process: one user turn. */
  readonly stdin: string;
  /** What the runtime printed, line by line. The truth: rows and screens are drawn from it. */
  readonly stdout: string;
  /** Raw bytes of the terminal: standard error and whatever wrote to the tty. */
  readonly stderr: string;
  /** Written by the pty host when the process has ended. */
  readonly exit: string;
}

/** Names the files of a turn that starts at `startedAt` (milliseconds). */
export function turnFiles(overstoryDirectory: string, agentName: string, startedAt: number): TurnFiles {
  return turnFilesIn(join(overstoryDirectory, 'logs', agentName, fileSafeTimestamp(startedAt)));
}

/** Names the files of a turn whose folder is known. */
export function turnFilesIn(directory: string): TurnFiles {
  return {
    directory,
    stdin: join(directory, 'stdin.ndjson'),
    stdout: join(directory, 'stdout.ndjson'),
    stderr: join(directory, 'stderr.log'),
    exit: join(directory, 'exit.json'),
  };
}

/** The last bytes of a file as text; empty when it cannot be read, which an ended turn's log may be. */
export async function readEnd(path: string, bytes: number): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - bytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    // No terminal output, or a folder somebody removed: nothing to read is the answer.
    return '';
  }
}

/** How a turn's process ended, as the pty host wrote it down. */
export interface ExitRecord {
  readonly code: number | null;
  readonly signal: number | null;
  readonly endedAt: string;
}

/** Reads the exit record; null while the process runs, when nobody was left to write one, and when it cannot be read. */
export async function readExitRecord(path: string): Promise<ExitRecord | null> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    // Cut short, as by a power cut: how the process ended is not known, that it is over is.
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const record = value as Partial<Record<keyof ExitRecord, unknown>>;
  return {
    code: typeof record.code === 'number' ? record.code : null,
    signal: typeof record.signal === 'number' && record.signal !== 0 ? record.signal : null,
    endedAt: typeof record.endedAt === 'string' ? record.endedAt : '',
  };
}
