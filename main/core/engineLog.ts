import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import pino from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** One line of the engine's log: what happened, and facts that are safe to keep. */
export type Log = (level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>) => void;

/** Bytes. At start a larger log is moved aside once, so that two files of this size are the most that is kept. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/**
 * Opens `.overstory/logs/engine.log`: JSON lines, written without waiting (at most one event-loop turn of them is lost in a
 * crash; what matters is in the databases). Secrets in well-known fields are blanked.
 */
export async function openEngineLog(path: string): Promise<{ readonly log: Log; close(): void }> {
  await mkdir(dirname(path), { recursive: true });
  if ((await sizeOf(path)) > MAX_LOG_BYTES) await rename(path, `${path}.1`);
  const destination = pino.destination({ dest: path, sync: false, mkdir: true });
  const logger = pino(
    {
      base: null,
      level: 'debug',
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['token', '*.token', 'env', '*.env'],
    },
    destination,
  );
  let closed = false;
  return {
    // What is told after the end, such as a call that the end itself cut off, has no reader.
    log: (level, message, facts) => {
      if (!closed) logger[level](facts ?? {}, message);
    },
    close() {
      closed = true;
      destination.end();
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
