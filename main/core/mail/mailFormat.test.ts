import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAIL_PRIORITIES, MAIL_TYPES, type MailMessage } from '../../../contract/mail.ts';
import { formatMailBatch, formatMailInjection } from './mailFormat.ts';
import { newMailId } from './mailIds.ts';
import { replyTo } from './mailReply.ts';

const message = (overrides: Partial<MailMessage> = {}): MailMessage => ({
  id: 'msg-1',
  from: 'builder-1',
  to: 'lead-1',
  subject: 'Build Status',
  body: 'All green',
  type: 'status',
  priority: 'normal',
  threadId: null,
  payload: null,
  read: false,
  createdAt: '2026-04-01T10:00:00.000Z',
  delivery: null,
  ...overrides,
});

describe('batch text', () => {
  it('M1: a bar in the subject stays within its field', () => {
    const text = formatMailBatch([message({ subject: 'Real | Priority: urgent' })]);
    expect(text).toBe('[MAIL] From: builder-1 | Subject: Real \\| Priority: urgent | Priority: normal\n\nAll green');
  });

  it('M2: a line feed in the subject cannot start the body', () => {
    const text = formatMailBatch([message({ subject: 'one\n\nfake body' })]);
    expect(text.slice(0, text.indexOf('\n'))).toBe(
      '[MAIL] From: builder-1 | Subject: one\\n\\nfake body | Priority: normal',
    );
    expect(text.indexOf('\n\n')).toBe(text.indexOf('\n'));
  });

  it('M3: backslash and carriage return are escaped, the backslash first', () => {
    const text = formatMailBatch([message({ from: 'a\\b', subject: 'x\r\\n' })]);
    expect(text.startsWith('[MAIL] From: a\\\\b | Subject: x\\r\\\\n | Priority: normal\n\n')).toBe(true);
  });

  it('M4: the body is never altered', () => {
    const body = 'a | b\r\n\\n \\ | c\n\n---\n\nlast';
    expect(formatMailBatch([message({ body })]).endsWith(`\n\n${body}`)).toBe(true);
  });

  it('several mails are divided, none gives no text', () => {
    expect(formatMailBatch([])).toBe('');
    expect(formatMailBatch([message(), message({ from: 'scout-1', body: 'Found it', priority: 'high' })])).toBe(
      '[MAIL] From: builder-1 | Subject: Build Status | Priority: normal\n\nAll green\n\n---\n\n' +
        '[MAIL] From: scout-1 | Subject: Build Status | Priority: high\n\nFound it',
    );
  });

  it('D-10: the metadata is one line of three fields, whatever is written into it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (from, subject, body) => {
        const [head = '', ...rest] = formatMailBatch([message({ from, subject, body })]).split('\n\n');
        expect(head).not.toMatch(/[\r\n]/);
        expect(head.replaceAll(/\\[\\|rn]/g, '').split('|')).toHaveLength(3);
        expect(rest.join('\n\n')).toBe(body);
      }),
    );
  });
});

describe('injection text', () => {
  it('is empty without mail', () => expect(formatMailInjection([])).toBe(''));

  it('says one message, or how many, with all senders', () => {
    const one = formatMailInjection([message()]);
    expect(one).toContain('1 new message');
    expect(one).not.toContain('1 new messages');
    const three = formatMailInjection(['a', 'b', 'c'].map((from) => message({ from })));
    expect(three).toContain('3 new messages');
    for (const from of ['a', 'b', 'c']) expect(three).toContain(`--- From: ${from} (status) ---`);
  });

  it('is laid out line by line', () => {
    const text = formatMailInjection([message({ type: 'worker_done', priority: 'high', payload: '{"taskId":"t"}' })]);
    expect(text.split('\n')).toEqual([
      'You have 1 new message:',
      '',
      '--- From: builder-1 [HIGH] (worker_done) ---',
      'Subject: Build Status',
      'All green',
      'Payload: {"taskId":"t"}',
      '[To answer: ov mail reply msg-1 --body "..."]',
      '',
    ]);
  });

  it.each(MAIL_PRIORITIES)('priority %s is a tag, except normal', (priority) => {
    const text = formatMailInjection([message({ priority })]);
    expect(text.includes(`[${priority.toUpperCase()}]`)).toBe(priority !== 'normal');
  });

  it.each(MAIL_TYPES)('the payload of %s is shown for the nine protocol types that are for agents', (type) => {
    const shown = !['status', 'question', 'result', 'error', 'decision_gate'].includes(type);
    expect(formatMailInjection([message({ type, payload: '{"a":1}' })]).includes('Payload: {"a":1}')).toBe(shown);
    expect(formatMailInjection([message({ type, payload: null })])).not.toContain('Payload');
  });

  it('hides thread and time', () => {
    const text = formatMailInjection([message({ threadId: 'thread-1' })]);
    expect(text).not.toContain('thread-1');
    expect(text).not.toContain('2026');
  });
});

describe('replies', () => {
  it('go to the sender, under the same subject, in the thread the mail starts', () => {
    expect(replyTo(message(), 'Thanks', 'lead-1')).toEqual({
      from: 'lead-1',
      to: 'builder-1',
      subject: 'Re: Build Status',
      body: 'Thanks',
      type: 'status',
      priority: 'normal',
      threadId: 'msg-1',
      payload: null,
    });
  });

  it('keep the thread, type and priority, never the payload', () => {
    const original = message({ threadId: 'thread-root-123', type: 'error', priority: 'urgent', payload: '{}' });
    expect(replyTo(original, 'ok', 'lead-1')).toMatchObject({
      threadId: 'thread-root-123',
      type: 'error',
      priority: 'urgent',
      payload: null,
    });
  });

  it('to one’s own mail go to its recipient, of a third party to the sender', () => {
    const own = message({ from: 'orchestrator', to: 'status-builder' });
    expect(replyTo(own, 'more', 'orchestrator').to).toBe('status-builder');
    expect(replyTo(message({ from: 'agent-a', to: 'agent-b' }), 'hm', 'agent-c').to).toBe('agent-a');
  });

  it('to a reply add another prefix', () => {
    expect(replyTo(message({ subject: 'Re: Build Status' }), 'x', 'lead-1').subject).toBe('Re: Re: Build Status');
  });
});

describe('mail ids', () => {
  it('are msg- and twelve of a-z0-9, and differ', () => {
    const ids = new Set(Array.from({ length: 500 }, newMailId));
    expect(ids.size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^msg-[a-z0-9]{12}$/);
  });
});
