import { type FSWatcher, watch } from 'node:fs';
import type { Connection } from './openDatabase.ts';

/**
 * Milliseconds between the looks after the log file was touched. A commit can be seen a little after its last write to the
 * file, mostly within one millisecond and always within four (engineering.md 2.6); a look costs two microseconds a file.
 */
const LOOKS_MS = [0, 1, 1, 2, 4, 8] as const;
/** Milliseconds between two looks without any signal: heals a watch that the file system does not serve. */
const POLL_MS = 250;

export interface ChangeFeed {
  close(): void;
}

export interface ChangeFeedOptions {
  /** The `.overstory` folder; its `*.db-wal` files are watched. */
  readonly directory: string;
  /** One connection per file, the one all stores of this process write through, under the caller's own name for it. */
  readonly connections: Readonly<Record<string, Connection>>;
  /** Called with the names of the files another process has committed to since the last call. */
  readonly onChange: (names: readonly string[]) => void;
  readonly pollMs?: number;
}

/**
 * Tells when ANOTHER process committed to one of the databases: `ov` writing directly, or the original overstory. The
 * truth is `PRAGMA data_version`, which own commits through the same connection do not move; a file watch (at once)
 * and a poll (at the latest) only say when to look, so lost or doubled signals do no harm.
 */
export function watchChanges(options: ChangeFeedOptions): ChangeFeed {
  const looks = Object.entries(options.connections).map(([name, { database }]) => {
    const statement = database.prepare<[], number>('PRAGMA data_version').pluck();
    return { name, database, statement, seen: statement.get() };
  });
  let closed = false;
  let next: NodeJS.Timeout | null = null;
  /** The look that is due next after the last touch. */
  let turn = 0;

  const look = (): void => {
    if (closed) return;
    const changed: string[] = [];
    for (const entry of looks) {
      if (!entry.database.open) continue;
      const version = entry.statement.get();
      if (version === entry.seen) continue;
      entry.seen = version;
      changed.push(entry.name);
    }
    if (changed.length > 0) options.onChange(changed);
  };

  const lookSoon = (): void => {
    const wait = LOOKS_MS[turn];
    if (wait === undefined || closed) return;
    turn += 1;
    next = setTimeout(() => {
      next = null;
      look();
      lookSoon();
    }, wait);
    next.unref();
  };
  const poll = setInterval(look, options.pollMs ?? POLL_MS);
  poll.unref();

  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(options.directory, { persistent: false }, (_event, file) => {
      if (file === null || !file.endsWith('.db-wal')) return;
      turn = 0;
      // A file that is written all the time is looked at as often as once, not once for each touch.
      if (next === null) lookSoon();
    });
    watcher.on('error', () => {
      // The folder is not watchable any more (unmounted, out of watches): the poll goes on telling, only later.
      watcher?.close();
    });
  } catch {
    // No watch on this file system or no watches left: the poll alone is enough, at its own pace.
  }

  return {
    close() {
      closed = true;
      clearInterval(poll);
      if (next !== null) clearTimeout(next);
      watcher?.close();
    },
  };
}
