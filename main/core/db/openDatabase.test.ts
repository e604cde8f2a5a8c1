import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ok, type Result } from '../../../contract/result.ts';
import { openControl } from '../control/controlStore.ts';
import { openEvents } from '../events/eventStore.ts';
import { openMail } from '../mail/mailStore.ts';
import { openMergeQueue } from '../merge/mergeQueueStore.ts';
import { openMetrics } from '../metrics/metricsStore.ts';
import { openRuns } from '../runs/runStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { openTurns } from '../turns/turnStore.ts';
import {
  addColumn,
  columnsOf,
  ensureSchema,
  hasColumns,
  hasObjects,
  renameColumn,
  runMigrations,
  tableSql,
} from './migrations.ts';
import { type Connection, type OpenOptions, openDatabase, openStore } from './openDatabase.ts';
import { describeStoreError, isBusy, isConstraintViolation } from './storeError.ts';
import { createTestFolder, must, type TestFolder } from './testing/folder.ts';
import { startProcess } from './testing/processes.ts';

const SCRIPT = join(import.meta.dirname, 'testing', 'storeWriter.testProcess.ts');

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.dispose());

const open = (name = 'x.db'): Connection => folder.keep(must(openDatabase(folder.file(name))));
const STORES: Readonly<Record<string, (path: string, options?: OpenOptions) => Result<{ close(): void }>>> = {
  openControl,
  openEvents,
  openMail,
  openMergeQueue,
  openMetrics,
  openRuns,
  openSessions,
  openTurns,
};

describe('openDatabase', () => {
  it('sets the pragmas of every file', () => {
    const { database } = open();
    const value = (name: string): unknown => database.pragma(name, { simple: true });
    expect(value('journal_mode')).toBe('wal');
    expect(value('synchronous')).toBe(1);
    expect(value('busy_timeout')).toBe(5_000);
    expect(value('journal_size_limit')).toBe(33_554_432);
    expect(value('temp_store')).toBe(2);
    expect(value('trusted_schema')).toBe(0);
    expect(value('foreign_keys')).toBe(1);
  });

  it('closes twice without complaint, and what was written is in the file itself', () => {
    const connection = open();
    connection.database.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
    const reader = new Database(folder.file('x.db'));
    connection.close();
    connection.close();
    expect(reader.prepare('SELECT x FROM t').pluck().get()).toBe(1);
    reader.close();
  });

  describe.each(Object.entries(STORES))('%s', (_name, openAny) => {
    it('says what is wrong with a file that is no database, and leaves it', async () => {
      await writeFile(folder.file('x.db'), 'this is not a database at all, only some text\n'.repeat(40));
      expect(openAny(folder.file('x.db'))).toMatchObject({
        ok: false,
        error: { tag: 'unavailable', message: expect.stringContaining('is not a database: move the file away') },
      });
    });

    it('says that a folder is in the way', async () => {
      await mkdir(folder.file('x.db'));
      expect(openAny(folder.file('x.db'))).toMatchObject({
        ok: false,
        error: { tag: 'unavailable', message: expect.stringContaining('or a folder') },
      });
    });

    it('says that the folder is missing', () => {
      expect(openAny(folder.file('no/such/x.db'))).toMatchObject({
        ok: false,
        error: { tag: 'unavailable', message: expect.stringContaining('does not exist: run "ov init"') },
      });
    });

    it('read-only: reads a file that is there and makes none that is not', () => {
      must(openAny(folder.file('x.db'))).close();
      folder.keep(must(openAny(folder.file('x.db'), { readOnly: true })));
      expect(openAny(folder.file('y.db'), { readOnly: true })).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    });
  });

  it('a file that may not be written is refused when it is opened, not at the first write; it can still be read', async () => {
    const path = folder.file('mail.db');
    const mail = must(openMail(path));
    must(mail.insert({ from: 'a', to: 'b', subject: 's', body: 'b' }));
    mail.close();
    await chmod(folder.path, 0o777);
    await chmod(path, 0o444);
    const { stdout, stderr } = await startProcess(SCRIPT, ['forbidden', path]).ended;
    expect(`${stdout}${stderr}`.split('\n')).toEqual([
      `refused unavailable ${path} cannot be written: give this user write access to the file and its folder`,
      'reads 1',
    ]);
  });

  it('a damaged file is told from one that is no database', async () => {
    const connection = open();
    connection.database.exec('CREATE TABLE t (x TEXT)');
    connection.write(() => {
      const insert = connection.database.prepare('INSERT INTO t VALUES (?)');
      for (let index = 0; index < 200; index += 1) insert.run('y'.repeat(500));
    });
    connection.close();
    const raw = new Database(folder.file('x.db'));
    raw.pragma('journal_mode = DELETE');
    raw.close();
    const { open: openFile } = await import('node:fs/promises');
    const file = await openFile(folder.file('x.db'), 'r+');
    // The header stays; the first page's table of contents and all other pages become noise.
    await file.write(Buffer.alloc(8_000, 0xee), 0, 8_000, 100);
    await file.close();
    expect(openSessions(folder.file('x.db'))).toMatchObject({
      ok: false,
      error: { tag: 'unavailable', message: expect.stringContaining('is damaged') },
    });
  });

  it('errors that come later have a line for a person too', async () => {
    const connection = open();
    connection.database.exec('CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)');
    const codes: [string, string][] = [
      ['SQLITE_READONLY', 'cannot be written: give this user write access'],
      ['SQLITE_READONLY_DBMOVED', 'was moved or deleted while it was in use'],
      ['SQLITE_FULL', 'the disk is full'],
      ['SQLITE_IOERR_WRITE', 'reading or writing'],
      ['SQLITE_BUSY_SNAPSHOT', 'still locked by another program'],
      ['SQLITE_CORRUPT_VTAB', 'is damaged'],
      ['SQLITE_MISUSE', 'could not be used (SQLITE_MISUSE): odd'],
    ];
    for (const [code, text] of codes) {
      const error = describeStoreError(new Database.SqliteError('odd', code), folder.file('x.db'));
      expect(error.message).toContain(text);
      expect(error.message).not.toContain('\n');
      expect(error.data).toEqual({ path: folder.file('x.db'), code });
    }
    await chmod(folder.file('x.db'), 0o600);
    connection.database.pragma('query_only = ON');
    let thrown: unknown;
    try {
      connection.write(() => connection.database.exec('DELETE FROM t'));
    } catch (error) {
      thrown = error;
    }
    expect(describeStoreError(thrown, 'x.db').message).toContain('cannot be written');
  });

  it('tells waiting from breaking a rule', () => {
    expect(isBusy(new Database.SqliteError('x', 'SQLITE_BUSY_RECOVERY'))).toBe(true);
    expect(isBusy(new Error('SQLITE_BUSY'))).toBe(false);
    expect(isConstraintViolation(new Database.SqliteError('x', 'SQLITE_CONSTRAINT_UNIQUE'))).toBe(true);
    expect(isConstraintViolation(new Database.SqliteError('x', 'SQLITE_BUSY'))).toBe(false);
  });
});

describe('write', () => {
  it('stores all or nothing, and goes on after an error', () => {
    const connection = open();
    const { database, write } = connection;
    database.exec('CREATE TABLE t (x UNIQUE)');
    expect(write(() => database.prepare('INSERT INTO t VALUES (1)').run().changes)).toBe(1);
    expect(() =>
      write(() => {
        database.exec('INSERT INTO t VALUES (2)');
        database.exec('INSERT INTO t VALUES (1)');
      }),
    ).toThrow(/UNIQUE/);
    expect(database.inTransaction).toBe(false);
    write(() => {
      database.exec('INSERT INTO t VALUES (3)');
      write(() => database.exec('INSERT INTO t VALUES (4)'));
    });
    expect(database.prepare('SELECT x FROM t').pluck().all()).toEqual([1, 3, 4]);
  });

  it('an inner write that fails takes the outer one with it', () => {
    const { database, write } = open();
    database.exec('CREATE TABLE t (x)');
    expect(() =>
      write(() => {
        database.exec('INSERT INTO t VALUES (1)');
        write(() => {
          throw new Error('inner');
        });
      }),
    ).toThrow('inner');
    expect(database.prepare('SELECT count(*) FROM t').pluck().get()).toBe(0);
  });

  it('waits longer than SQLite itself for a lock that another thread holds', async () => {
    const { database, write } = open();
    database.exec('CREATE TABLE t (x)');
    // 5 s is SQLite's own patience; the holder keeps the lock longer than that.
    database.pragma('busy_timeout = 50');
    const asked = new Int32Array(new SharedArrayBuffer(4));
    const holder = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const database = new (require(workerData.driver))(workerData.path);
       database.exec('BEGIN IMMEDIATE');
       parentPort.postMessage('held');
       // Its time begins when the other side is about to write, however late that heard of the lock.
       Atomics.wait(workerData.asked, 0, 0);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
       database.exec('COMMIT');
       database.close();`,
      { eval: true, workerData: { path: folder.file('x.db'), driver: 'better-sqlite3', asked } },
    );
    await new Promise((resolve) => holder.once('message', resolve));
    const began = performance.now();
    Atomics.store(asked, 0, 1);
    Atomics.notify(asked, 0);
    write(() => database.exec('INSERT INTO t VALUES (1)'));
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(database.prepare('SELECT count(*) FROM t').pluck().get()).toBe(1);
    await new Promise((resolve) => holder.once('exit', resolve));
  });
});

describe('openStore', () => {
  it('closes what it opened when a store cannot be built', () => {
    let built: Connection | undefined;
    const bug = () =>
      openStore(folder.file('x.db'), {}, ({ connection }) => {
        built = connection;
        throw new Error('a bug');
      });
    expect(bug).toThrow('a bug');
    expect(built?.database.open).toBe(false);
    const odd = openStore(folder.file('x.db'), {}, ({ connection }) =>
      ok(connection.database.prepare('SELECT * FROM missing_table')),
    );
    expect(odd).toMatchObject({
      ok: false,
      error: { tag: 'unavailable', message: expect.stringContaining('no such table') },
    });
  });

  it('never closes a connection that was given to it', () => {
    const connection = open();
    must(openStore(connection, {}, ({ close }) => ok({ close }))).close();
    expect(connection.database.open).toBe(true);
    expect(
      openStore(connection, {}, ({ connection: given }) => ok(given.database.prepare('SELECT * FROM missing_table')))
        .ok,
    ).toBe(false);
    expect(connection.database.open).toBe(true);
  });
});

describe('migrations', () => {
  it('see tables, columns and definitions as they are', () => {
    const connection = open();
    connection.database.exec(
      `CREATE TABLE "odd ""name" (id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT (1 + 1), plain)`,
    );
    expect(columnsOf(connection, 'odd "name')).toEqual([
      { name: 'id', type: 'TEXT', notNull: false, defaultText: null, primaryKey: true },
      { name: 'n', type: 'INTEGER', notNull: true, defaultText: '1 + 1', primaryKey: false },
      { name: 'plain', type: '', notNull: false, defaultText: null, primaryKey: false },
    ]);
    expect(columnsOf(connection, 'nothing')).toEqual([]);
    expect(hasColumns(connection, 'odd "name', ['id', 'n'])).toBe(true);
    expect(hasColumns(connection, 'nothing', ['id'])).toBe(false);
    expect(tableSql(connection, 'odd "name')).toContain('plain');
    expect(tableSql(connection, 'nothing')).toBeNull();
    expect(hasObjects(connection, ['odd "name', 'nothing'])).toBe(false);
    addColumn(connection, 'odd "name', 'more', 'TEXT');
    addColumn(connection, 'odd "name', 'more', 'TEXT');
    renameColumn(connection, 'odd "name', 'plain', 'fancy');
    renameColumn(connection, 'odd "name', 'plain', 'fancy');
    renameColumn(connection, 'odd "name', 'id', 'fancy');
    expect(columnsOf(connection, 'odd "name').map((column) => column.name)).toEqual(['id', 'n', 'fancy', 'more']);
  });

  it('ask again under the lock, so that a schema is made once', () => {
    const connection = open();
    const answers = [false, true];
    let made = 0;
    ensureSchema(
      connection,
      () => answers.shift() ?? true,
      () => {
        made += 1;
      },
    );
    expect(made).toBe(0);
  });

  it('run from the version of the file to the newest, in one transaction', () => {
    const connection = open();
    const version = (): unknown => connection.database.pragma('user_version', { simple: true });
    const one = ({ database }: Connection): void => void database.exec('CREATE TABLE one (x)');
    const two = ({ database }: Connection): void => void database.exec('CREATE TABLE two (x)');
    must(runMigrations(connection, [one]));
    expect(version()).toBe(1);
    const broken = ({ database }: Connection): void => void database.exec('CREATE TABLE one (x)');
    expect(() => runMigrations(connection, [one, two, broken])).toThrow(/already exists/);
    expect(version()).toBe(1);
    expect(hasObjects(connection, ['two'])).toBe(false);
    must(runMigrations(connection, [one, two]));
    must(runMigrations(connection, [one, two]));
    expect(version()).toBe(2);
    expect(runMigrations(connection, [one])).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
  });
});
