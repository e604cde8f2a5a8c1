import Database from 'better-sqlite3';
import type { CallError } from '../../../contract/result.ts';
import { describeFileError } from '../util/fileErrors.ts';
import { describeStoreError } from './storeError.ts';

/** Words of SQLite that speak of the file or the disk; the others speak of a statement, and are bugs. */
const MACHINE = /^SQLITE_(BUSY|LOCKED|READONLY|CORRUPT|NOTADB|FULL|IOERR|CANTOPEN|PERM|NOMEM)/;

/**
 * One line for a person on an error that a call met and nobody foresaw, with what to do: a disk that is full or broken, a
 * database that is locked or damaged, a file this user may not use. Null for everything else, which is a bug of ours.
 */
export function explainFailure(error: unknown, overstoryDirectory: string): CallError | null {
  if (error instanceof Database.SqliteError)
    return MACHINE.test(error.code) ? describeStoreError(error, `a database in ${overstoryDirectory}`) : null;
  if (!(error instanceof Error)) return null;
  const { path, syscall } = error as NodeJS.ErrnoException;
  // Errors of sockets and signals share some codes with files; those of files name one, or are a write.
  if (path === undefined && syscall !== 'write') return null;
  return describeFileError(error, path ?? overstoryDirectory);
}
