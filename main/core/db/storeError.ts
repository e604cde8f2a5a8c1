import Database from 'better-sqlite3';
import type { CallError } from '../../../contract/result.ts';

/** True when another connection holds the lock this one wants: the only failure worth waiting for. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'))
  );
}

/** True when a row broke a rule of its table (duplicate key, CHECK, NOT NULL): an expected failure of an insert. */
export function isConstraintViolation(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT');
}

/** True for every error that comes from the database or its file rather than from our own code. */
export function isStoreError(error: unknown): boolean {
  return error instanceof Database.SqliteError || isMissingFolder(error);
}

function isMissingFolder(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes('directory does not exist');
}

function sentence(error: unknown, path: string): string {
  if (isMissingFolder(error)) return `the folder of ${path} does not exist: run "ov init" in the project first`;
  if (!(error instanceof Database.SqliteError)) return `${path} could not be used: ${String(error)}`;
  const code = error.code;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return `${path} is still locked by another program: close the program that holds it and try again`;
  }
  if (code === 'SQLITE_READONLY_DBMOVED') {
    return `${path} was moved or deleted while it was in use: put it back, then restart the engine`;
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return `${path} cannot be written: give this user write access to the file and its folder`;
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return `${path} is damaged: move it away (a new one is made) or restore it from a backup`;
  }
  if (code === 'SQLITE_NOTADB') return `${path} is not a database: move the file away, a new one is made`;
  if (code === 'SQLITE_FULL') return `the disk is full, ${path} could not be written: free some space and try again`;
  if (code.startsWith('SQLITE_IOERR')) return `reading or writing ${path} failed (${code}): check the disk`;
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return `${path} cannot be opened: it is missing, or a folder, or this user may not read and write it; check the path and its permissions`;
  }
  return `${path} could not be used (${code}): ${error.message}`;
}

/**
 * Turns anything a store threw into one line for a person that says what is wrong and what to do. The tag is
 * `unavailable`; `data.code` is SQLite's own word.
 */
export function describeStoreError(error: unknown, path: string): CallError {
  const code = error instanceof Database.SqliteError ? error.code : null;
  return { tag: 'unavailable', message: sentence(error, path), data: { path, code } };
}
