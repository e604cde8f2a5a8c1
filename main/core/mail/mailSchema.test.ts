import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { openMail } from './mailStore.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.dispose());

const table = (type: string, priority: string, payload: string): string => `CREATE TABLE messages (
  id TEXT PRIMARY KEY, from_agent TEXT NOT NULL, to_agent TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT 'status' ${type}, priority TEXT NOT NULL DEFAULT 'normal' ${priority}, thread_id TEXT,
  ${payload} read INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL DEFAULT (datetime('now')))`;
const PRIORITY_CHECK = "CHECK(priority IN ('low','normal','high','urgent'))";
const typeCheck = (...types: string[]): string =>
  `CHECK(type IN ('status','question','result','error',${types.map((type) => `'${type}'`).join(',')}))`;

function makeOldFile(create: string, ...types: string[]): string {
  const path = folder.file('mail.db');
  const raw = new Database(path);
  raw.exec(create);
  raw.exec('CREATE INDEX idx_inbox ON messages(to_agent, read)');
  for (const [index, type] of types.entries()) {
    raw
      .prepare(
        `INSERT INTO messages (id, from_agent, to_agent, subject, body, type, priority, read, created_at)
          VALUES (?, 'a', 'b', 's', 'x', ?, ?, ?, '2026-01-01T00:00:00.000Z')`,
      )
      .run(`m${index}`, type, index === 0 ? 'normal' : 'high', index % 2);
  }
  raw.close();
  return path;
}
const draft = { from: 'a', to: 'b', subject: 's', body: 'x' };

describe('older mail files', () => {
  it('a table without checks and payload is rebuilt; unknown words become the defaults', () => {
    const path = makeOldFile(table('', '', ''), 'status', 'shout', 'worker_done');
    const raw = new Database(path);
    raw.exec("UPDATE messages SET priority = 'whatever' WHERE id = 'm2'");
    raw.close();
    const mail = folder.keep(must(openMail(path)));
    expect(mail.getConversation('m1')).toMatchObject([{ type: 'status', priority: 'high', read: true, payload: null }]);
    expect(mail.getById('m2')).toMatchObject({ type: 'worker_done', priority: 'normal', read: false });
    expect(mail.getAll().map((message) => message.id)).toEqual(['m2', 'm1', 'm0']);
    must(mail.insert({ ...draft, type: 'decision_gate', payload: '{}' }));
    expect(mail.insert({ ...draft, type: 'bogus' as 'status' }).ok).toBe(false);
  });

  it('a table that only lacks the payload gains the column and keeps its definition', () => {
    const path = makeOldFile(
      table(typeCheck('worker_done', 'worker_died', 'decision_gate'), PRIORITY_CHECK, ''),
      'worker_died',
    );
    const mail = folder.keep(must(openMail(path)));
    expect(mail.getById('m0')).toMatchObject({ type: 'worker_died', payload: null });
    must(mail.insert({ ...draft, payload: '{"a":1}' }));
    const raw = new Database(path, { readonly: true });
    const sql = String(raw.prepare("SELECT sql FROM sqlite_schema WHERE name = 'messages'").pluck().get());
    raw.close();
    expect(sql).toContain("'worker_done','worker_died','decision_gate'");
    expect(sql).toContain('payload');
  });

  it.each([
    ['the gate', table(typeCheck('worker_done', 'worker_died'), PRIORITY_CHECK, 'payload TEXT,')],
    ['the gate and the payload', table(typeCheck('worker_done', 'worker_died'), PRIORITY_CHECK, '')],
    ['the deaths', table(typeCheck('worker_done', 'decision_gate'), PRIORITY_CHECK, 'payload TEXT,')],
  ])('a table whose checks do not know %s accepts every type after one open', (_name, create) => {
    const mail = folder.keep(must(openMail(makeOldFile(create, 'status'))));
    must(mail.insert({ ...draft, type: 'decision_gate' }));
    must(mail.insert({ ...draft, type: 'worker_died' }));
    expect(mail.getById('m0')).not.toBeNull();
  });

  it('a migration that fails leaves the old table as it was', () => {
    const path = makeOldFile(table('', '', ''), 'status');
    const raw = new Database(path);
    // A leftover of that name makes the rebuild fail half way.
    raw.exec('CREATE TABLE messages_old (x)');
    raw.close();
    expect(openMail(path)).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
    const after = new Database(path);
    expect(after.prepare('SELECT id FROM messages').pluck().all()).toEqual(['m0']);
    after.exec('DROP TABLE messages_old');
    after.close();
    expect(folder.keep(must(openMail(path))).getById('m0')).not.toBeNull();
  });

  it('a delivery table of an earlier version gains states and times, and keeps every row', () => {
    const path = folder.file('mail.db');
    must(openMail(path)).close();
    const raw = new Database(path);
    raw.exec(`
      DROP TABLE ocr_delivery; DROP TABLE ocr_delivery_steps;
      CREATE TABLE ocr_delivery (message_id TEXT PRIMARY KEY,
        state TEXT NOT NULL CHECK(state IN ('queued', 'injected', 'read', 'dead')), turn_id TEXT,
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at TEXT, updated_at TEXT NOT NULL, reason TEXT);
      CREATE INDEX ocr_idx_delivery_turn ON ocr_delivery(turn_id);
      CREATE TRIGGER ocr_history_delivery_insert AFTER INSERT ON ocr_delivery BEGIN SELECT 1; END;
      INSERT INTO messages (id, from_agent, to_agent, subject, body, created_at)
        VALUES ('m0', 'a', 'b', 's', 'x', '2026-01-01T00:00:00.000Z');
      INSERT INTO ocr_delivery VALUES ('m0', 'dead', 't1', 3, NULL, '2026-01-01T00:00:05.000Z', 'no luck');`);
    raw.close();
    const mail = folder.keep(must(openMail(path)));
    expect(mail.getById('m0')?.delivery).toMatchObject({ state: 'dead', turnId: 't1', attempts: 3, reason: 'no luck' });
    must(mail.resend('m0'));
    mail.claimForTurn('b', 't2', Date.now());
    mail.turnStarted('t2');
    mail.settleTurn('t2', { kind: 'read' });
    expect(mail.acknowledge('m0')?.delivery?.state).toBe('acknowledged');
  });

  it('opening again changes nothing', () => {
    const path = folder.file('mail.db');
    must(openMail(path)).close();
    const version = (): unknown => {
      const raw = new Database(path, { readonly: true });
      const value = raw.pragma('schema_version', { simple: true });
      raw.close();
      return value;
    };
    const before = version();
    must(openMail(path)).close();
    expect(version()).toBe(before);
  });
});
