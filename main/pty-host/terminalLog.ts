import { type FileHandle, open } from 'node:fs/promises';
import { HOST_LIMITS } from './hostLimits.ts';

/** Appends a run's raw terminal bytes to a file, in order, without ever blocking the event loop. */
export interface TerminalLog {
  append(bytes: Uint8Array): void;
  /** True when the disk is behind by more than the limit: hold the source until `onRelief`. */
  readonly isFull: boolean;
  /** Writes what is left and closes the file; gives up waiting (not writing) after `timeoutMs`. */
  finish(timeoutMs: number): Promise<void>;
}

export interface TerminalLogEvents {
  /** The queue fell below half its limit after having been full. */
  onRelief(): void;
  /** The disk refused, for example because it is full. Told once; the rest of the run is dropped, never the agent held. */
  onFault(error: unknown): void;
}

/** Opens (creating, mode 0600) a log for appending. Throws the file system's error. */
export async function openTerminalLog(
  path: string,
  events: TerminalLogEvents,
  openFile: (path: string) => Promise<Pick<FileHandle, 'appendFile' | 'close'>> = (name) => open(name, 'a', 0o600),
): Promise<TerminalLog> {
  const file = await openFile(path);
  let queue: Uint8Array[] = [];
  let queued = 0;
  let full = false;
  let faulted = false;
  let writing: Promise<void> | null = null;

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = Buffer.concat(queue);
      queue = [];
      try {
        if (!faulted) await file.appendFile(batch);
      } catch (error) {
        faulted = true;
        events.onFault(error);
      }
      queued -= batch.length;
      if (full && queued < HOST_LIMITS.logQueueBytes / 2) {
        full = false;
        events.onRelief();
      }
    }
    writing = null;
  };

  return {
    append(bytes) {
      if (faulted || bytes.length === 0) return;
      queue.push(bytes);
      queued += bytes.length;
      if (queued >= HOST_LIMITS.logQueueBytes) full = true;
      writing ??= drain();
    },
    get isFull() {
      return full;
    },
    async finish(timeoutMs) {
      const written = (writing ?? Promise.resolve()).then(() => file.close());
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      try {
        await Promise.race([written, late]);
      } catch (error) {
        events.onFault(error);
      } finally {
        clearTimeout(timer);
      }
      // A close that fails after the time is up has nobody left to tell but the log.
      written.catch((error: unknown) => events.onFault(error));
    },
  };
}
