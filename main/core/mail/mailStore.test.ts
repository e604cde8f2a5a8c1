import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAIL_PRIORITIES, MAIL_TYPES, type MailMessage, type MailType, parsePayload } from '../../../contract/mail.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { formatMailInjection } from './mailFormat.ts';
import { replyTo } from './mailReply.ts';
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

const draft = (overrides: Partial<NewMail> = {}): NewMail => ({
  from: 'builder-1',
  to: 'lead-1',
  subject: 'Subject',
  body: 'Body',
  ...overrides,
});
const send = (overrides: Partial<NewMail> = {}): MailMessage => must(mail.insert(draft(overrides)));
const subjects = (messages: readonly MailMessage[]): string[] => messages.map((message) => message.subject);

describe('mail', () => {
  it('gets an id, defaults and a time; a given id is kept', () => {
    expect(send({ id: '' })).toEqual({
      id: expect.stringMatching(/^msg-[a-z0-9]{12}$/),
      from: 'builder-1',
      to: 'lead-1',
      subject: 'Subject',
      body: 'Body',
      type: 'status',
      priority: 'normal',
      threadId: null,
      payload: null,
      read: false,
      createdAt: '2026-04-01T10:00:00.000Z',
      delivery: {
        state: 'queued',
        turnId: null,
        attempts: 0,
        nextAttemptAt: null,
        updatedAt: '2026-04-01T10:00:00.000Z',
        reason: null,
        injectedAt: null,
        startedAt: null,
        readAt: null,
        acknowledgedAt: null,
        bouncedTo: null,
      },
      reference: null,
    });
    expect(send({ id: 'my-id' }).id).toBe('my-id');
  });

  it('a duplicate id is a mail error that names it', () => {
    send({ id: 'my-id' });
    expect(mail.insert(draft({ id: 'my-id' }))).toMatchObject({
      ok: false,
      error: { tag: 'mail', message: expect.stringContaining('my-id'), data: { messageId: 'my-id' } },
    });
  });

  it('unknown types and priorities are refused, the fourteen and four accepted', () => {
    expect(mail.insert(draft({ type: 'bogus' as MailType })).ok).toBe(false);
    expect(mail.insert(draft({ priority: 'huge' as NewMail['priority'] & string })).ok).toBe(false);
    for (const type of MAIL_TYPES) expect(send({ type }).type).toBe(type);
    for (const priority of MAIL_PRIORITIES) expect(send({ priority }).priority).toBe(priority);
    expect(mail.getAll()).toHaveLength(18);
  });

  it('many are stored together or not at all', () => {
    const refused = mail.insertMany([draft({ to: 'a' }), draft({ to: 'b', type: 'bogus' as MailType })]);
    expect(refused).toMatchObject({ ok: false, error: { tag: 'mail' } });
    expect(mail.getAll()).toEqual([]);
    expect(must(mail.insertMany([draft({ to: 'a' }), draft({ to: 'b' })])).map((message) => message.to)).toEqual([
      'a',
      'b',
    ]);
  });

  it('unread is exactly the mailbox, oldest first, by insertion within a millisecond', () => {
    for (const subject of ['1', '2', '3']) send({ subject });
    send({ subject: 'other', to: 'Lead-1' });
    expect(subjects(mail.getUnread('lead-1'))).toEqual(['1', '2', '3']);
    expect(mail.getUnread('nobody')).toEqual([]);
    const second = mail.getUnread('lead-1')[1]?.id ?? '';
    expect(must(mail.markRead(second))).toMatchObject({ alreadyRead: false, message: { read: true } });
    expect(must(mail.markRead(second))).toMatchObject({ alreadyRead: true });
    expect(subjects(mail.getUnread('lead-1'))).toEqual(['1', '3']);
    expect(mail.markRead('msg-nope')).toMatchObject({
      ok: false,
      error: { tag: 'mail', message: expect.stringContaining('not found') },
    });
  });

  it('all filters must match, newest first', () => {
    send({ subject: '1', from: 'a' });
    send({ subject: '2', from: 'b', type: 'result' });
    const third = send({ subject: '3', from: 'a', to: 'x', type: 'result' });
    send({ subject: '4', from: 'a', to: 'x' });
    send({ subject: '5', from: 'a', to: 'x' });
    must(mail.markRead(third.id));
    expect(subjects(mail.getAll())).toEqual(['5', '4', '3', '2', '1']);
    expect(subjects(mail.getAll({ from: 'b' }))).toEqual(['2']);
    expect(subjects(mail.getAll({ to: 'x' }))).toEqual(['5', '4', '3']);
    expect(subjects(mail.getAll({ unread: true, to: 'x' }))).toEqual(['5', '4']);
    expect(subjects(mail.getAll({ unread: false }))).toEqual(['3']);
    expect(subjects(mail.getAll({ type: 'result' }))).toEqual(['3', '2']);
    expect(subjects(mail.getAll({ type: 'result', from: 'a' }))).toEqual(['3']);
    expect(subjects(mail.getAll({ limit: 3 }))).toEqual(['5', '4', '3']);
    expect(subjects(mail.getAll({ limit: 1, from: 'a', type: 'status' }))).toEqual(['5']);
    expect(mail.getAll({ from: 'nobody' })).toEqual([]);
  });

  it('a thread is its replies, a conversation also what it started from', () => {
    const root = send({ subject: 'root' });
    clock.advance(1);
    must(mail.insert(replyTo(root, 'first', 'lead-1')));
    must(mail.insert(replyTo(root, 'second', 'builder-1')));
    expect(mail.getByThread(root.id).map((message) => message.body)).toEqual(['first', 'second']);
    expect(mail.getConversation(root.id).map((message) => message.body)).toEqual(['Body', 'first', 'second']);
    expect(mail.getByThread('nope')).toEqual([]);
    expect(subjects(mail.getAll({ threadId: root.id }))).toHaveLength(3);
  });

  it('pages from newest to oldest without gap or repetition, also within one millisecond', () => {
    for (let index = 0; index < 25; index += 1) {
      if (index % 5 === 0) clock.advance(1);
      send({ subject: String(index), to: index % 2 === 0 ? 'even' : 'odd' });
    }
    const collect = (filter: { to?: string }): string[] => {
      const seen: string[] = [];
      for (let before: string | undefined; ; ) {
        const page = must(mail.page({ ...filter, limit: 4, ...(before === undefined ? {} : { before }) }));
        if (page.length === 0) return seen;
        seen.push(...subjects(page));
        before = page.at(-1)?.id;
      }
    };
    const all = Array.from({ length: 25 }, (_, index) => String(24 - index));
    expect(collect({})).toEqual(all);
    expect(collect({ to: 'odd' })).toEqual(all.filter((subject) => Number(subject) % 2 === 1));
    expect(mail.page({ limit: 4, before: 'msg-gone' })).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });

  it('a second connection sees the rows of the first', () => {
    const other = folder.keep(must(openMail(folder.file('mail.db'))));
    const sent = send();
    expect(other.getById(sent.id)).toEqual(sent);
    expect(other.getById('msg-nope')).toBeNull();
  });

  it('a payload goes round as the text it is', () => {
    const payload = '{"taskId":"t","filesModified":["a b.ts"]}';
    const sent = send({ type: 'worker_done', payload });
    expect(mail.getById(sent.id)?.payload).toBe(payload);
    expect(mail.getUnread('lead-1')[0]?.payload).toBe(payload);
    expect(mail.getAll()[0]?.payload).toBe(payload);
    expect(parsePayload(sent)).toEqual({ taskId: 't', filesModified: ['a b.ts'] });
    expect(parsePayload(send())).toBeNull();
    expect(parsePayload(send({ payload: '{half' }))).toBeNull();
  });

  it('counts unread mail of every mailbox at once', () => {
    send({ to: 'a' });
    const read = send({ to: 'a' });
    send({ to: 'a' });
    must(mail.markRead(send({ to: 'b' }).id));
    must(mail.markRead(read.id));
    expect(mail.unreadCounts()).toEqual(new Map([['a', 2]]));
  });

  it('checking gives each mail once, and the hook text with it', () => {
    send({ subject: 'one' });
    send({ subject: 'two' });
    send({ to: 'somebody-else' });
    const given = mail.claimByCheck('lead-1');
    expect(subjects(given)).toEqual(['one', 'two']);
    expect(given.every((message) => !message.read)).toBe(true);
    expect(formatMailInjection(given)).toContain('2 new messages');
    expect(formatMailInjection(mail.claimByCheck('lead-1'))).toBe('');
    expect(mail.getAll({ to: 'lead-1' }).every((message) => message.read)).toBe(true);
    expect(mail.unreadCounts()).toEqual(new Map([['somebody-else', 1]]));
  });

  it('deleting removes a mail once', () => {
    const sent = send();
    expect(mail.deleteById(sent.id)).toBe(true);
    expect(mail.deleteById(sent.id)).toBe(false);
    expect(mail.getById(sent.id)).toBeNull();
  });

  describe('purge', () => {
    beforeEach(() => {
      send({ from: 'a', to: 'x' });
      send({ from: 'x', to: 'b' });
      clock.advance(10_000);
      send({ from: 'a', to: 'b' });
      clock.advance(1);
    });
    it('removes all, and 0 of nothing', () => {
      expect(mail.purge({ all: true, agent: 'x' })).toBe(3);
      expect(mail.purge({ all: true })).toBe(0);
    });
    it('removes by age, strictly', () => {
      expect(mail.purge({ olderThanMs: 10_001 })).toBe(0);
      expect(mail.purge({ olderThanMs: 10_000 })).toBe(2);
      expect(mail.purge({ olderThanMs: 1e9 })).toBe(0);
      expect(mail.purge({ olderThanMs: 0 })).toBe(1);
    });
    it('removes what is from or to an agent', () => {
      expect(mail.purge({ agent: 'x' })).toBe(2);
      expect(mail.getAll()).toHaveLength(1);
    });
    it('wants age and agent to match', () => expect(mail.purge({ olderThanMs: 5_000, agent: 'b' })).toBe(1));
    it('removes nothing without criteria', () => {
      expect(mail.purge({})).toBe(0);
      expect(mail.getAll()).toHaveLength(3);
    });
    it('takes the delivery rows along', () => {
      mail.claimForTurn('b', 't1', clock.now());
      mail.purge({ all: true });
      const raw = new Database(folder.file('mail.db'), { readonly: true });
      expect(raw.prepare('SELECT count(*) FROM ocr_delivery').pluck().get()).toBe(0);
      raw.close();
    });
  });
});
