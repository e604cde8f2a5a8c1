import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEvents } from '../events/eventStore.ts';
import { openMail } from '../mail/mailStore.ts';
import { openMergeQueue } from '../merge/mergeQueueStore.ts';
import { openTurns } from '../turns/turnStore.ts';
import { openDatabase } from './openDatabase.ts';
import { createTestFolder, must, type TestFolder } from './testing/folder.ts';
import { startProcess, type TestProcess } from './testing/processes.ts';

const SCRIPT = join(import.meta.dirname, 'testing', 'storeWriter.testProcess.ts');

let folder: TestFolder;
const started: TestProcess[] = [];
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
  await folder.dispose();
});

function start(...args: string[]): TestProcess {
  const process = startProcess(SCRIPT, args);
  started.push(process);
  return process;
}

/** Lets processes begin at the same moment and gives what each wrote; every one of them must have ended well. */
async function race(processes: readonly TestProcess[]): Promise<readonly string[][]> {
  await Promise.all(processes.map((process) => process.line('ready')));
  for (const process of processes) process.child.stdin?.write('\n');
  const ends = await Promise.all(processes.map((process) => process.ended));
  expect(ends.map((end) => `${end.code} ${end.stderr}`)).toEqual(ends.map(() => '0 '));
  return ends.map((end) => end.stdout.split('\n').filter((line) => line.startsWith('got ')));
}

// Many processes on few cores: starting them is what takes the time.
describe('stores under several processes', { timeout: 180_000 }, () => {
  it('20 processes that send 10 mails each into a file that does not exist yet: 200 rows, nobody is refused', async () => {
    const path = folder.file('mail.db');
    await race(Array.from({ length: 20 }, (_, index) => start('send', path, `agent-${index}`, '10')));
    const mail = folder.keep(must(openMail(path)));
    const subjects = mail.getAll().map((message) => message.subject);
    expect(new Set(subjects).size).toBe(200);
    expect(subjects).toHaveLength(200);
  });

  it.each(['claim', 'check'])('two processes that %s get each mail once', async (job) => {
    const path = folder.file('mail.db');
    const mail = folder.keep(must(openMail(path)));
    const sending = ['p', 'q'].map((name) => start(job, path, name, '300'));
    await Promise.all(sending.map((process) => process.line('ready')));
    must(
      mail.insertMany(
        Array.from({ length: 60 }, (_, index) => ({ from: 'a', to: 'inbox', subject: `${index}`, body: 'b' })),
      ),
    );
    const racing = race(sending);
    for (let index = 0; index < 140; index += 1) {
      must(mail.insert({ from: 'a', to: 'inbox', subject: `late ${index}`, body: 'b' }));
      if (index % 20 === 0) await delay(1);
    }
    const got = (await racing).flat();
    // What came after both had made their last look is taken by this process: together it is everything, once.
    const rest = job === 'claim' ? mail.claimForTurn('inbox', 'rest', Date.now()) : mail.claimByCheck('inbox');
    const all = [...got, ...rest.map((message) => `got ${message.id}`)];
    expect(all).toHaveLength(200);
    expect(new Set(all).size).toBe(200);
  });

  it('three processes that empty the merge queue get each entry once', async () => {
    const path = folder.file('merge-queue.db');
    const queue = folder.keep(must(openMergeQueue(path)));
    for (let index = 0; index < 90; index += 1) {
      queue.enqueue({ branchName: `b${index}`, taskId: 't', agentName: 'a', filesModified: [] });
    }
    const got = (await race(['p', 'q', 'r'].map((name) => start('dequeue', path, name)))).flat();
    expect(new Set(got).size).toBe(90);
    expect(got).toHaveLength(90);
  });

  it.each([
    ['reserve', 'sessions.db'],
    ['lease', 'control-room.db'],
  ])('of five processes that want the same thing (%s), one gets it', async (job, file) => {
    const path = folder.file(file);
    const got = await race(['p', 'q', 'r', 's', 't'].map((name) => start(job, path, name)));
    expect(got.flat()).toHaveLength(1);
  });

  it('a writer in a crowd gets all its writes done, and reads wait as long as ever afterwards', async () => {
    const path = folder.file('events.db');
    const writers = ['p', 'q'].map((name) => start('turn', path, name));
    await Promise.all(writers.map((writer) => writer.line('busy')));
    const connection = folder.keep(must(openDatabase(path)));
    const { database } = connection;
    connection.write(() => void database.exec('CREATE TABLE own (number INTEGER)'));
    const insert = database.prepare<[number]>('INSERT INTO own VALUES (?)');
    for (let number = 0; number < 200; number += 1) {
      connection.write(() => void insert.run(number));
      expect(database.pragma('busy_timeout', { simple: true })).toBe(5_000);
    }
    expect(database.prepare('SELECT count(*) FROM own').pluck().get()).toBe(200);
    await Promise.all(writers.map((writer) => writer.kill()));
  });

  it('a process killed while it writes leaves whole transactions only, and the file opens', async () => {
    const path = folder.file('events.db');
    const stretches: number[] = [];
    for (const [round, wait] of [0, 7, 23].entries()) {
      const name = `agent-${round}`;
      const writer = start('turn', path, name);
      await writer.line('busy');
      await delay(wait);
      await writer.kill();

      const turns = must(openTurns(path));
      const events = must(openEvents(path));
      const offset = turns.get(name)?.logOffset ?? -1;
      const rows = events.getByAgent(name).length;
      expect(offset % 100).toBe(0);
      expect(rows).toBe(offset / 10);
      expect(turns.lines(name, 0, 1_000_000)).toHaveLength(rows);
      expect(rows).toBeGreaterThanOrEqual(200);
      // The next reader of that log goes on where it stands.
      must(turns.commitLines(name, offset, offset + 10, [{ offset, length: 10, events: [] }]));
      stretches.push(offset / 100);
      turns.close();
      events.close();
    }
    const raw = new Database(path, { readonly: true });
    expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
    raw.close();
    expect(stretches).toHaveLength(3);
  });
});
