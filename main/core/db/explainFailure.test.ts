import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ok } from '../../../contract/result.ts';
import { connectClient } from '../../../contract/wire/client.ts';
import { type Contract, procedure } from '../../../contract/wire/definition.ts';
import { createMemoryPair } from '../../../contract/wire/memoryChannel.ts';
import { serveClient } from '../../../contract/wire/server.ts';
import { createTopicHub } from '../../../contract/wire/topicHub.ts';
import { nodeScheduler } from '../../platform/scheduler.ts';
import { explainFailure } from './explainFailure.ts';
import { type Connection, openDatabase } from './openDatabase.ts';
import { must } from './testing/folder.ts';

let folder: string;
let connection: Connection;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explain-'));
  connection = must(openDatabase(join(folder, 'a.db')));
  connection.database.exec('CREATE TABLE rows (text TEXT UNIQUE)');
});
afterEach(async () => {
  connection.close();
  await rm(folder, { recursive: true });
});

const contract = {
  name: 'small',
  protocol: 1,
  procedures: { act: procedure('read', z.object({}), z.object({})) },
  topics: {},
} as const satisfies Contract;

/** What a caller hears when this happens in the middle of its call. */
async function heard(
  act: () => Promise<unknown> | unknown,
): Promise<{ readonly tag: string; readonly message: string }> {
  const [here, there] = createMemoryPair();
  const session = serveClient({
    contract,
    channel: there,
    handlers: {
      act: async () => {
        await act();
        return ok({});
      },
    },
    hub: createTopicHub({ contract, scheduler: nodeScheduler }),
    authorize: () => 'read',
    scheduler: nodeScheduler,
    log: () => {},
    epoch: 'e',
    build: '1',
    explain: (error) => explainFailure(error, folder),
  });
  const client = must(
    await connectClient({ contract, channel: here, hello: { build: '1' }, scheduler: nodeScheduler }),
  );
  const answer = await client.call('act', {});
  session.close('over');
  if (answer.ok) throw new Error('the call went well');
  expect(answer.error.message).not.toContain('\n');
  return answer.error;
}

const insert = (text: string): void =>
  connection.write(() => void connection.database.prepare('INSERT INTO rows VALUES (?)').run(text));

describe('a call that meets an error of the machine says what is wrong and what to do', () => {
  it('a full disk', async () => {
    const { database } = connection;
    database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true })) + 1}`);
    const error = await heard(() => insert('x'.repeat(1_000_000)));
    expect(error).toMatchObject({
      tag: 'unavailable',
      message: `the disk is full, a database in ${folder} could not be written: free some space and try again`,
    });
  });

  it('a database that another program holds locked', async () => {
    const other = must(openDatabase(join(folder, 'a.db')));
    other.database.exec('BEGIN IMMEDIATE');
    connection.database.pragma('busy_timeout = 1');
    const error = await heard(() => connection.database.prepare("INSERT INTO rows VALUES ('a')").run());
    other.close();
    expect(error.message).toBe(
      `a database in ${folder} is still locked by another program: close the program that holds it and try again`,
    );
  });

  it('a database that may only be read', async () => {
    connection.database.pragma('query_only = ON');
    expect((await heard(() => insert('a'))).message).toMatch(/cannot be written: give this user write access/);
  });

  it('a damaged database', async () => {
    insert('a'.repeat(50_000));
    connection.database.pragma('wal_checkpoint(TRUNCATE)');
    const file = await open(join(folder, 'a.db'), 'r+');
    await file.write(Buffer.alloc(16_384, 7), 0, 16_384, 4_096);
    await file.close();
    connection.close();
    connection = must(openDatabase(join(folder, 'b.db')));
    connection.database.prepare('ATTACH ? AS damaged').run(join(folder, 'a.db'));
    const error = await heard(() => connection.database.prepare('SELECT * FROM damaged.rows').all());
    expect(error.message).toMatch(/is damaged: move it away/);
  });

  it('a file in the way, and a folder nobody may use', async () => {
    await writeFile(join(folder, 'file'), '');
    const inTheWay = await heard(() => writeFile(join(folder, 'file', 'below'), ''));
    expect(inTheWay.message).toMatch(
      /^something else lies where .*below needs a file or a folder \(ENOTDIR\): move it/,
    );
    const refused = Object.assign(new Error('EACCES: permission denied'), {
      code: 'EACCES',
      path: '/x',
      syscall: 'open',
    });
    expect((await heard(() => Promise.reject(refused))).message).toBe(
      '/x cannot be used: give this user access to it and what is below it',
    );
  });

  it('while a bug stays an unexpected error with an id', async () => {
    expect((await heard(() => Promise.reject(new TypeError('x is not a function')))).message).toMatch(
      /^unexpected error \w{8} in act; the log has the details/,
    );
    const broken = await heard(() => void connection.database.prepare('SELECT * FROM nothing').all());
    expect(broken).toMatchObject({ tag: 'internal' });
    insert('same');
    expect(await heard(() => insert('same'))).toMatchObject({ tag: 'internal' });
  });
});
