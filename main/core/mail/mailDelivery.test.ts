import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailMessage } from '../../../contract/mail.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { type MailStore, type NewMail, openMail } from './mailStore.ts';

let folder: TestFolder;
let clock: ReturnType<typeof createTestClock>;
let mail: MailStore;

beforeEach(async () => {
  folder = await createTestFolder();
  clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));
  mail = folder.keep(must(openMail(folder.file('mail.db'), { clock })));
});
afterEach(() => folder.dispose());

const send = (subject: string, overrides: Partial<NewMail> = {}): MailMessage =>
  must(mail.insert({ from: 'lead-1', to: 'builder-1', subject, body: 'b', ...overrides }));
const subjects = (messages: readonly MailMessage[]): string[] => messages.map((message) => message.subject);
const now = (): number => clock.now();
const requeue = (waitMs: number) => ({ kind: 'requeue', at: now() + waitMs, reason: 'exit code 1' }) as const;

describe('delivery', () => {
  it('a turn takes all due mail of its agent, oldest first, once', () => {
    send('1');
    send('2');
    send('x', { to: 'builder-2' });
    const claimed = mail.claimForTurn('builder-1', 't1', now());
    expect(subjects(claimed)).toEqual(['1', '2']);
    expect(claimed[0]?.delivery).toMatchObject({ state: 'injected', turnId: 't1', attempts: 1 });
    expect(claimed[0]?.read).toBe(false);
    expect(mail.claimForTurn('builder-1', 't2', now())).toEqual([]);
    send('3');
    expect(subjects(mail.claimForTurn('builder-1', 't2', now()))).toEqual(['3']);
    expect(subjects(mail.carriedBy('t1'))).toEqual(['1', '2']);
    expect(mail.injectedTurnIds()).toEqual(['t1', 't2']);
  });

  it('settling as read reads exactly what the turn carried; mail that came meanwhile stays', () => {
    send('1');
    mail.claimForTurn('builder-1', 't1', now());
    send('2');
    const settled = mail.settleTurn('t1', { kind: 'read' });
    expect(settled).toMatchObject([
      { subject: '1', read: true, delivery: { state: 'read', turnId: 't1', attempts: 1 } },
    ]);
    expect(subjects(mail.getUnread('builder-1'))).toEqual(['2']);
    expect(mail.settleTurn('t1', { kind: 'dead', reason: 'late' })).toEqual([]);
    expect(mail.injectedTurnIds()).toEqual([]);
  });

  it('requeued mail waits until its time, then is an attempt more', () => {
    const sent = send('1');
    mail.claimForTurn('builder-1', 't1', now());
    expect(mail.settleTurn('t1', requeue(2_000))).toMatchObject([
      { read: false, delivery: { state: 'queued', nextAttemptAt: '2026-04-01T10:00:02.000Z', attempts: 1 } },
    ]);
    expect(mail.deliveryReason(sent.id)).toBe('exit code 1');
    expect(mail.claimForTurn('builder-1', 't2', now() + 1_999)).toEqual([]);
    expect(mail.claimForTurn('builder-1', 't2', now() + 2_000)).toMatchObject([
      { delivery: { attempts: 2, turnId: 't2' } },
    ]);
    expect(mail.deliveryReason(sent.id)).toBeNull();
  });

  it('each mail of one turn can be settled in its own way', () => {
    send('old');
    mail.claimForTurn('builder-1', 't1', now());
    mail.settleTurn('t1', requeue(0));
    send('young');
    mail.claimForTurn('builder-1', 't2', now());
    const settled = mail.settleTurn('t2', (message) =>
      (message.delivery?.attempts ?? 0) >= 2 ? { kind: 'dead', reason: 'gave up' } : requeue(0),
    );
    expect(settled.map((message) => [message.subject, message.delivery?.state])).toEqual([
      ['old', 'dead'],
      ['young', 'queued'],
    ]);
  });

  it('a dead letter is never claimed by a turn until a person sends it again', () => {
    const sent = send('1');
    mail.claimForTurn('builder-1', 't1', now());
    mail.settleTurn('t1', { kind: 'dead', reason: 'gave up after 5 attempts' });
    expect(mail.getById(sent.id)?.delivery).toMatchObject({ state: 'dead', nextAttemptAt: null });
    expect(mail.deliveryReason(sent.id)).toBe('gave up after 5 attempts');
    expect(mail.claimForTurn('builder-1', 't2', now() + 1e9)).toEqual([]);
    expect(mail.dueAgents(now())).toEqual([]);
    expect(subjects(mail.getAll({ state: 'dead' }))).toEqual(['1']);
    expect(must(mail.resend(sent.id)).delivery).toMatchObject({ state: 'queued', attempts: 0, turnId: null });
    expect(mail.claimForTurn('builder-1', 't3', now())).toMatchObject([{ delivery: { attempts: 1 } }]);
  });

  it('only a dead letter can be sent again', () => {
    const sent = send('1');
    expect(mail.resend(sent.id)).toMatchObject({ ok: false, error: { tag: 'invalidState' } });
    expect(mail.resend('msg-nope')).toMatchObject({ ok: false, error: { tag: 'mail' } });
  });

  it('mail of a turn that is gone can be taken over', () => {
    send('1');
    mail.claimForTurn('builder-1', 't1', now());
    expect(mail.claimForTurn('builder-1', 't2', now(), () => true)).toEqual([]);
    expect(subjects(mail.claimForTurn('builder-1', 't2', now(), (turnId) => turnId !== 't1'))).toEqual(['1']);
    expect(mail.settleTurn('t1', { kind: 'read' })).toEqual([]);
    expect(mail.settleTurn('t2', { kind: 'read' })).toHaveLength(1);
  });

  it('a check does not give what a turn carries, but gives what waits or is dead', () => {
    send('carried');
    mail.claimForTurn('builder-1', 't1', now());
    send('dead');
    mail.claimForTurn('builder-1', 't2', now());
    mail.settleTurn('t2', { kind: 'dead', reason: 'x' });
    send('waiting');
    mail.claimForTurn('builder-1', 't3', now());
    mail.settleTurn('t3', requeue(60_000));
    send('new');
    expect(subjects(mail.claimByCheck('builder-1'))).toEqual(['dead', 'waiting', 'new']);
    expect(mail.claimForTurn('builder-1', 't4', now() + 1e9)).toEqual([]);
    expect(subjects(mail.getUnread('builder-1'))).toEqual(['carried']);
  });

  it('mail that was read by hand while a turn carried it is not queued again', () => {
    const sent = send('1');
    mail.claimForTurn('builder-1', 't1', now());
    must(mail.markRead(sent.id));
    expect(mail.settleTurn('t1', requeue(0))).toEqual([]);
    expect(mail.getById(sent.id)).toMatchObject({ read: true, delivery: { state: 'read' } });
    expect(mail.dueAgents(now())).toEqual([]);
  });

  it('says which mailboxes have due mail; new mail waits with mail that waits for its next attempt', () => {
    expect(mail.dueAgents(now())).toEqual([]);
    send('a', { to: 'waiting' });
    mail.claimForTurn('waiting', 't1', now());
    mail.settleTurn('t1', requeue(5_000));
    send('b', { to: 'waiting', subject: 'later' });
    mail.claimForTurn('waiting', 't2', now());
    mail.settleTurn('t2', requeue(3_000));
    send('c', { to: 'both' });
    mail.claimForTurn('both', 't3', now());
    mail.settleTurn('t3', requeue(1_000));
    send('d', { to: 'both' });
    send('e', { to: 'carried' });
    mail.claimForTurn('carried', 't4', now());
    must(mail.markRead(send('f', { to: 'read' }).id));
    expect(mail.dueAgents(now())).toEqual([
      { agentName: 'both', due: 0, nextAttemptAt: '2026-04-01T10:00:01.000Z' },
      { agentName: 'waiting', due: 0, nextAttemptAt: '2026-04-01T10:00:05.000Z' },
    ]);
    expect(mail.dueAgents(now() + 5_000)).toEqual([
      { agentName: 'both', due: 2, nextAttemptAt: null },
      { agentName: 'waiting', due: 2, nextAttemptAt: null },
    ]);
    expect(mail.hasten('waiting')).toBe(1);
    expect(mail.dueAgents(now())).toContainEqual({ agentName: 'waiting', due: 2, nextAttemptAt: null });
  });

  describe('beside the original program, which knows nothing of our table', () => {
    it('mail it wrote is queued', () => {
      const raw = new Database(folder.file('mail.db'));
      raw.exec(`INSERT INTO messages (id, from_agent, to_agent, subject, body, created_at)
        VALUES ('m1', 'a', 'builder-1', 's', 'x', '2026-04-01T09:00:00.000Z')`);
      raw.close();
      expect(mail.getById('m1')?.delivery).toMatchObject({ state: 'queued', attempts: 0 });
      expect(mail.dueAgents(now())).toEqual([{ agentName: 'builder-1', due: 1, nextAttemptAt: null }]);
      expect(mail.claimForTurn('builder-1', 't1', now())).toHaveLength(1);
    });

    it('mail it read is read, whatever our table says', () => {
      const sent = send('1');
      mail.claimForTurn('builder-1', 't1', now());
      const raw = new Database(folder.file('mail.db'));
      raw.exec('UPDATE messages SET read = 1');
      raw.close();
      expect(mail.getById(sent.id)).toMatchObject({ read: true, delivery: { state: 'read' } });
      expect(mail.settleTurn('t1', requeue(0))).toEqual([]);
      expect(mail.injectedTurnIds()).toEqual([]);
      expect(mail.getAll({ state: 'read' })).toHaveLength(1);
    });

    it('mail it deleted is gone', () => {
      send('1');
      mail.claimForTurn('builder-1', 't1', now());
      const raw = new Database(folder.file('mail.db'));
      raw.exec('DELETE FROM messages');
      raw.close();
      expect(mail.settleTurn('t1', { kind: 'read' })).toEqual([]);
      expect(mail.injectedTurnIds()).toEqual([]);
    });
  });
});
