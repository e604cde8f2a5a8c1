import type { LogCursor, LogEntry, LogPage } from '../../../contract/health.ts';

/** Lines held in the page at most; the oldest go first, and can be fetched again. */
const LINES_HELD = 5_000;

/** What is held of a log: lines oldest first, and where both ends go on. */
export interface HeldLog {
  readonly entries: readonly LogEntry[];
  readonly older: LogCursor | null;
  readonly newer: LogCursor | null;
}

/** The first page of a log. */
export function heldFrom(page: LogPage): HeldLog {
  return { entries: page.entries, older: page.older, newer: page.newer };
}

/** Puts an older page before what is held. */
export function withOlder(held: HeldLog, page: LogPage): HeldLog {
  return { ...held, entries: [...page.entries, ...held.entries], older: page.older };
}

/** Puts newer lines behind what is held; the same object when there are none and nothing moved. */
export function withNewer(held: HeldLog, page: LogPage, most = LINES_HELD): HeldLog {
  const newer = page.newer ?? held.newer;
  if (page.entries.length === 0) {
    const same = newer?.file === held.newer?.file && newer?.offset === held.newer?.offset;
    return same ? held : { ...held, newer };
  }
  const known = new Set(held.entries.slice(-page.entries.length - 1).map(({ id }) => id));
  const all = [...held.entries, ...page.entries.filter(({ id }) => !known.has(id))];
  if (all.length <= most) return { ...held, entries: all, newer };
  const entries = all.slice(-most);
  // What was dropped can be fetched again: older lines go on before the first one that is left.
  const [first] = entries;
  return { entries, older: first === undefined ? held.older : placeOf(first), newer };
}

/** Where a line begins, from its id. */
export function placeOf(entry: LogEntry): LogCursor {
  const at = entry.id.lastIndexOf(':');
  return { file: entry.id.slice(0, at), offset: Number(entry.id.slice(at + 1)) };
}
