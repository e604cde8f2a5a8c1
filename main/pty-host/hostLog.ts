import { appendFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock, timestamp } from '../platform/clock.ts';
import { makeLastFolders } from '../platform/lastFolders.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { createTaskQueue } from './taskQueue.ts';
import type { HostLog } from './terminal.ts';

/** Lines that may wait for the disk; more are dropped, because a log must never hold an agent. */
const WAITING_LINES = 1_000;

/** Log of the host: JSON lines, at most `hostLogBytes` in the file and as many in the one before it (`.1`). */
export function createHostLog(path: string): HostLog & { flush(): Promise<void> } {
  const queue = createTaskQueue();
  let waiting = 0;
  const write = async (line: string): Promise<void> => {
    try {
      await makeLastFolders(dirname(path), 1);
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size + line.length > HOST_LIMITS.hostLogBytes) await rename(path, `${path}.1`);
      await appendFile(path, line, { mode: 0o600 });
    } catch {
      // There is no better place to say that the log cannot be written, and no reason to stop for it.
    } finally {
      waiting -= 1;
    }
  };
  const log: HostLog = (level, message, data) => {
    if (waiting >= WAITING_LINES) return;
    waiting += 1;
    void queue(() => write(`${JSON.stringify({ time: timestamp(systemClock.now()), level, message, ...data })}\n`));
  };
  return Object.assign(log, { flush: () => queue(async () => {}) });
}
