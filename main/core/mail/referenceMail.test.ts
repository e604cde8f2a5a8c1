import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { startProcess, type TestProcess } from '../db/testing/processes.ts';
import { openMail } from './mailStore.ts';

// A mail.db of overstory's own, before us, and in its hands at the same time.

const REFERENCE = join(import.meta.dirname, '..', 'db', 'testing', 'referenceMail.testProcess.ts');
const CREATE = `
  CREATE TABLE messages (
    id TEXT PRIMARY KEY, from_agent TEXT NOT NULL, to_agent TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    type TEXT NOT NULL DEFAULT 'status' CHECK(type IN ('status','question','result','error','worker_done','worker_died',
      'merge_ready','merged','merge_failed','escalation','health_check','dispatch','assign','decision_gate')),
    priority TEXT NOT NULL DEFAULT 'normal' CHECK(priority IN ('low','normal','high','urgent')),
    thread_id TEXT, payload TEXT, read INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL DEFAULT (datetime('now')));
  CREATE INDEX idx_inbox ON messages(to_agent, read);
  CREATE INDEX idx_thread ON messages(thread_id);`;

let folder: TestFolder;
const processes: TestProcess[] = [];
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()));
  await folder.dispose();
});

function referenceFile(rows: string): string {
  const path = folder.file('mail.db');
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec(CREATE);
  if (rows !== '') database.exec(`INSERT INTO messages VALUES ${rows}`);
  database.close();
  return path;
}

describe('a mail.db of the reference', () => {
  it('is read as it is: read and unread, threads, heartbeats, payloads of any shape, times of both forms', () => {
    const path = referenceFile(`
      ('m1','lead','b-1','Go','x','dispatch','normal',NULL,'{"taskId":"T-1","fileScope":[]}',1,'2026-01-01T10:00:00.000Z'),
      ('m2','b-1','lead','Re: Go','y','dispatch','normal','m1',NULL,0,'2026-01-01T10:00:01.000Z'),
      ('m3','watchdog','b-1','Alive?','z','health_check','low',NULL,'{"agentName":"b-1","checkType":"liveness"}',0,'2026-01-01 10:00:02'),
      ('m4','b-1','operator','Which?','q','decision_gate','high',NULL,'just words',0,'2026-01-01T10:00:03.000Z')`);
    const mail = folder.keep(must(openMail(path)));
    expect(mail.getById('m1')).toMatchObject({
      read: true,
      delivery: { state: 'read', turnId: null },
      reference: null,
    });
    expect(mail.getConversation('m1').map(({ id }) => id)).toEqual(['m1', 'm2']);
    expect(mail.getUnread('b-1')).toMatchObject([{ id: 'm3', type: 'health_check', delivery: { state: 'queued' } }]);
    expect(mail.getById('m4')).toMatchObject({ payload: 'just words', delivery: { state: 'queued', attempts: 0 } });
    expect(mail.getAll({ state: 'queued' }).map(({ id }) => id)).toEqual(['m4', 'm2', 'm3']);
    expect(mail.claimForTurn('b-1', 't1', Date.now())).toMatchObject([{ id: 'm3' }]);
    expect(mail.acknowledge('m1')?.delivery).toMatchObject({ state: 'acknowledged' });
  });

  it('keeps its own table as it was: what is ours lies beside it', () => {
    const path = referenceFile("('m1','a','b','s','x','status','normal',NULL,NULL,0,'2026-01-01T10:00:00.000Z')");
    const definition = (): unknown => {
      const raw = new Database(path, { readonly: true });
      const rows = raw
        .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'messages' AND name NOT LIKE 'ocr_%'")
        .all();
      raw.close();
      return rows;
    };
    const before = definition();
    const mail = must(openMail(path));
    must(
      mail.insert({
        from: 'a',
        to: 'b',
        subject: 's',
        body: 'x',
        wake: 'now',
        reference: { kind: 'forward', messageId: 'm1' },
      }),
    );
    mail.claimForTurn('b', 't1', Date.now());
    mail.close();
    expect(definition()).toEqual(before);
    const raw = new Database(path);
    expect(raw.prepare('SELECT count(*) FROM messages WHERE to_agent = ? AND read = 0').pluck().get('b')).toBe(2);
    raw.prepare('UPDATE messages SET read = 1').run();
    raw.close();
    const again = folder.keep(must(openMail(path)));
    expect(again.getAll().map(({ delivery }) => delivery?.state)).toEqual(['read', 'read']);
    expect(again.injectedTurnIds()).toEqual([]);
  });

  it('in use by both at once loses nothing: three of its processes and ours, each mail of ours once', async () => {
    const path = referenceFile('');
    const mail = folder.keep(must(openMail(path)));
    const count = 120;
    for (const name of ['one', 'two', 'three']) processes.push(startProcess(REFERENCE, [path, name, String(count)]));
    await Promise.all(processes.map((one) => one.line('ready')));
    for (const one of processes) one.child.stdin?.write('\n');
    const got: string[] = [];
    let over = false;
    const ends = Promise.all(processes.map((one) => one.ended)).finally(() => {
      over = true;
    });
    for (let turn = 0; ; turn += 1) {
      const last = over;
      const claimed = mail.claimForTurn('ours', `t${turn}`, Date.now());
      got.push(...claimed.map(({ id }) => id));
      mail.turnStarted(`t${turn}`);
      mail.settleTurn(`t${turn}`, { kind: 'read' });
      must(mail.insert({ from: 'us', to: 'theirs', subject: `us ${turn}`, body: 'b' }));
      if (last) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const end of await ends) expect(`${end.code} ${end.stderr}`).toBe('0 ');
    expect(got).toHaveLength(new Set(got).size);
    const stored = mail.getAll({ to: 'ours' });
    expect(stored.every(({ read }) => read)).toBe(true);
    // What the reference deleted meanwhile may have been taken before.
    expect(stored.map(({ id }) => id).filter((id) => !got.includes(id))).toEqual([]);
    const raw = new Database(path, { readonly: true });
    expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
    raw.close();
  });
});
