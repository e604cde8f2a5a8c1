import { join } from 'node:path';
import { fileBytes } from '../health/folderSize.ts';
import { type MergeEntry, openMergeQueue } from '../merge/mergeQueueStore.ts';
import { errorLine, pathExists } from '../util/files.ts';
import { type Category, type Finding, failure, fixing, pass, warning } from './doctorContext.ts';
import { bytesText, duplicateEntries, staleEntries } from './doctorRules.ts';
import { checkpoint, inspectDatabase, switchToWal } from './doctorStore.ts';

/** Tables without which a file is not what its name says. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  'mail.db': ['messages'],
  'metrics.db': ['sessions'],
  'sessions.db': ['sessions', 'runs'],
  'events.db': ['events'],
  'merge-queue.db': ['merge_queue'],
  'control-room.db': ['tasks', 'settings'],
  'turn-locks.db': ['turn_locks'],
};
/** Bytes up to which a file is looked through while somebody waits for this process: some milliseconds. */
const QUICK_BYTES = 8 * 1024 * 1024;
/** Bytes of a write-ahead log that somebody has kept from being written back. */
const WAL_BYTES = 64 * 1024 * 1024;

/** The databases (spec 03 §5.7 row 4). A file that is missing is made by the next engine. */
export const checkDatabases: Category = async ({ overstory, thorough }) => {
  const findings: Finding[] = [];
  for (const [name, tables] of Object.entries(TABLES)) {
    const path = join(overstory, name);
    if (!(await pathExists(path))) {
      findings.push(pass(`${name} exists`, 'not made yet'));
      continue;
    }
    const bytes = await fileBytes(path);
    const through = thorough || bytes <= QUICK_BYTES;
    const facts = inspectDatabase(path, through);
    if (facts.problem !== null) {
      findings.push(
        failure(
          `${name} integrity`,
          `${name} cannot be read (${facts.problem}): end the engine and bring back a copy of it`,
        ),
      );
      continue;
    }
    findings.push(
      facts.damage.length > 0
        ? failure(`${name} integrity`, `${name} is damaged: end the engine and bring back a copy of it`, facts.damage)
        : pass(
            `${name} integrity`,
            facts.lookedThrough
              ? `whole, ${bytesText(bytes)}`
              : `readable, ${bytesText(bytes)}; "ov doctor --category databases" looks through all of it`,
          ),
    );
    const gone = tables.filter((table) => !facts.tables.has(table));
    if (gone.length > 0)
      findings.push(failure(`${name} schema`, `${name} lacks tables: an engine makes them anew`, gone));
    if (facts.journalMode !== 'wal')
      findings.push(
        warning(
          `${name} WAL mode`,
          `${name} is in ${facts.journalMode} mode: readers and writers wait for each other`,
          [],
          fixing('switches it to write-ahead logging', async () => `${name} is in ${switchToWal(path)} mode now`),
        ),
      );
    const wal = await fileBytes(`${path}-wal`);
    if (wal > WAL_BYTES)
      findings.push(
        warning(
          `${name} write-ahead log`,
          `the write-ahead log of ${name} has grown to ${bytesText(wal)}: a reader keeps it from being written back`,
          [],
          fixing('writes it back', async () =>
            checkpoint(path) ? `wrote the log of ${name} back` : `${name} is being read: try again later`,
          ),
        ),
      );
  }
  return findings;
};

/** The merge queue (row 7). */
export const checkMerge: Category = async ({ overstory, clock }) => {
  const path = join(overstory, 'merge-queue.db');
  if (!(await pathExists(path))) return [pass('readable', 'nothing was ever queued')];
  const listed = withQueue(path, (queue) => queue.list());
  if (typeof listed === 'string') return [failure('readable', `the merge queue cannot be read: ${listed}`)];
  const entries: readonly MergeEntry[] = listed;
  const remove = (rows: readonly MergeEntry[]) =>
    fixing(`takes ${rows.length === 1 ? 'it' : 'them'} out of the queue; branches stay`, async () => {
      const problem = withQueue(path, (queue) => rows.forEach((row) => void queue.remove(row.id)));
      return typeof problem === 'string'
        ? problem
        : `took ${rows.map((row) => row.branchName).join(', ')} out of the queue`;
    });
  const named = (rows: readonly MergeEntry[]): string[] =>
    rows.map((row) => `${row.branchName} since ${row.enqueuedAt}`);
  const stale = staleEntries(entries, clock.now());
  const twice = duplicateEntries(entries);
  return [
    pass('readable', `${entries.length} entries`),
    stale.length === 0
      ? pass('staleness', 'nothing waits longer than a day')
      : warning(
          'staleness',
          'merges wait for more than a day: merge them, or take them out',
          named(stale),
          remove(stale),
        ),
    twice.length === 0
      ? pass('duplicates', 'no branch waits twice')
      : warning('duplicates', 'a branch waits more than once: its newest entry is enough', named(twice), remove(twice)),
  ];
};

/** Works on the queue's file; the line of what is wrong with it when it cannot be opened. */
function withQueue<Value>(
  path: string,
  work: (queue: Extract<ReturnType<typeof openMergeQueue>, { ok: true }>['value']) => Value,
): Value | string {
  const queue = openMergeQueue(path);
  if (!queue.ok) return queue.error.message;
  try {
    return work(queue.value);
  } catch (error) {
    // What SQLite says of a damaged file is the finding.
    return errorLine(error);
  } finally {
    queue.value.close();
  }
}
