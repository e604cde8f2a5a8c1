import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../../contract/mail.ts';
import { fail, ok } from '../../../contract/result.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, attentionItem, mailMessage } from '../../testing/fixtures.ts';
import { completeAddress } from './addresses.ts';
import { ComposeDialog } from './ComposeDialog.tsx';
import { ForwardDialog } from './ForwardDialog.tsx';
import { MailScreen } from './MailScreen.tsx';
import { replyRecipient } from './ReplyBox.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function show(fake: FakeRoom, folder: string, thread: string | null) {
  fake.room.ui.setState({ mailFolder: folder, mailThread: thread });
  return renderRoom(fake, <MailScreen />);
}

function delivery(more: Partial<Delivery>): Delivery {
  return { state: 'queued', turnId: null, attempts: 0, nextAttemptAt: null, updatedAt: ago(1), ...more };
}

describe('delivery path', () => {
  test.each([
    ['queued', delivery({}), 'queued'],
    ['a second attempt', delivery({ attempts: 1, nextAttemptAt: ago(-12) }), 'queuedattempt 2 in 12 s'],
    ['injected', delivery({ state: 'injected', turnId: 't' }), 'queuedinjected'],
    ['turn started', delivery({ state: 'started', turnId: 't' }), 'queuedinjectedturn started'],
    [
      'acknowledged, each station with the time it took',
      delivery({
        state: 'acknowledged',
        turnId: 't',
        injectedAt: ago(600 - 2),
        startedAt: ago(600 - 3),
        readAt: ago(600 - 63),
        acknowledgedAt: ago(600 - 63),
      }),
      'queuedinjected+2 sturn started+1 sread+1 minacknowledged',
    ],
    ['acknowledged without a turn', delivery({ state: 'acknowledged' }), 'queuedreadacknowledged'],
    [
      'a dead letter whose sender was told',
      delivery({ state: 'dead', bouncedTo: 'lead-1' }),
      'queueddead letterafter 0 attemptstold lead-1ResendForward…',
    ],
    ['read in a turn', delivery({ state: 'read', turnId: 't' }), 'queuedinjectedread'],
    ['read without a turn', delivery({ state: 'read' }), 'queuedread'],
    [
      'dead letter',
      delivery({ state: 'dead', attempts: 3 }),
      'queuedinjecteddead letterafter 3 attemptsResendForward…',
    ],
  ])('%s', (_, path, text) => {
    const fake = fakeRoom();
    fake.publish('mail', { put: [mailMessage('m', { delivery: path })], remove: [] });
    show(fake, 'all', 'm');
    expect(screen.getByRole('group', { name: /^Delivery/ }).textContent).toBe(text);
  });

  test('a dead letter is sent again', async () => {
    const fake = fakeRoom();
    fake.publish('mail', {
      put: [mailMessage('m', { delivery: delivery({ state: 'dead', attempts: 3 }) })],
      remove: [],
    });
    show(fake, 'dead', 'm');
    fireEvent.click(screen.getByRole('button', { name: 'Resend' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'mail.resend', input: { messageId: 'm' } }]);
  });
});

describe('cards', () => {
  test('a finished worker shows branch and files', () => {
    const fake = fakeRoom();
    const payload = JSON.stringify({
      taskId: 'OV-26',
      branch: 'overstory/p/OV-26',
      filesModified: ['src/a.ts', 7, 'src/b.ts'],
    });
    fake.publish('mail', { put: [mailMessage('m', { type: 'worker_done', payload })], remove: [] });
    show(fake, 'all', 'm');
    expect(
      within(screen.getByRole('list', { name: 'Files' }))
        .getAllByRole('listitem')
        .map((item) => item.textContent),
    ).toEqual(['src/a.ts', 'src/b.ts']);
    expect(screen.getByText('overstory/p/OV-26')).toBeDefined();
  });

  test.each(['not json', '[]', '7', '{"options":"x"}'])(
    'a payload that reads %s shows a card without extras',
    (payload) => {
      const fake = fakeRoom();
      fake.publish('mail', { put: [mailMessage('m', { type: 'decision_gate', payload })], remove: [] });
      show(fake, 'all', 'm');
      expect(screen.getByRole('article').textContent).toContain('Write the CSV exporter.');
      expect(screen.queryByRole('group', { name: 'Options' })).toBeNull();
    },
  );

  test('a gate is answered from its card while it waits, and no longer afterwards', async () => {
    const fake = fakeRoom();
    const gate = mailMessage('m', {
      to: 'operator',
      read: true,
      type: 'decision_gate',
      payload: JSON.stringify({ options: ['yes', 'no'] }),
      delivery: null,
    });
    fake.publish('mail', { put: [gate], remove: [] });
    fake.publish('attention', { put: [attentionItem('gate:m', { mailId: 'm' })], remove: [] });
    show(fake, 'all', 'm');
    fireEvent.click(screen.getByRole('button', { name: 'no' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'attention.answer', input: { id: 'gate:m', answer: 'no' } }]);
    fake.publish('attention', { put: [], remove: ['gate:m'] });
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'yes' }).disabled).toBe(true);
  });
});

describe('cards of mail between agents', () => {
  const gate = mailMessage('m', {
    type: 'decision_gate',
    from: 'csv-writer',
    to: 'lead-export',
    payload: JSON.stringify({ options: ['yes', 'no'], deadline: '2026-11-24T10:00:00Z', default: 'no' }),
  });

  test('a gate to a lead can be answered by a person, and shows who has answered', async () => {
    const fake = fakeRoom();
    fake.publish('mail', { put: [gate], remove: [] });
    show(fake, 'all', 'm');
    expect(screen.getByText('default').nextSibling?.textContent).toBe('no');
    fireEvent.click(screen.getByRole('button', { name: 'yes' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'mail.answer', input: { messageId: 'm', answer: 'yes', from: 'operator' } }]);
    const answer = { from: 'lead-export', to: 'csv-writer', threadId: 'm', body: 'yes', createdAt: ago(1) };
    fake.publish('mail', { put: [mailMessage('a', { type: 'decision_gate', ...answer })], remove: [] });
    await settled();
    expect(screen.getByText(/answered by/).textContent).toBe('answered by lead-export: yes');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'no' }).disabled).toBe(true);
  });

  test('a payload that does not fit its type is shown as it was sent, with what is wrong', () => {
    const fake = fakeRoom();
    const payload = '{"taskId":"OV-26","exitCode":"zero"}';
    fake.publish('mail', { put: [mailMessage('m', { type: 'worker_done', payload })], remove: [] });
    show(fake, 'all', 'm');
    expect(screen.getByText(/Payload as it was sent: its field "exitCode" must be a number/)).toBeDefined();
    expect(screen.getByText(payload)).toBeDefined();
    expect(screen.getByText('OV-26')).toBeDefined();
  });

  test('a dead letter is forwarded with a note', async () => {
    const fake = fakeRoom();
    fake.answer('mail.forward', () => ok({ messageIds: ['n'], recipients: ['lead-1'], warnings: [] }));
    const close = vi.fn();
    renderRoom(fake, <ForwardDialog message={mailMessage('m')} close={close} />);
    fireEvent.change(screen.getByRole('combobox', { name: 'To' }), { target: { value: 'lead-1' } });
    fireEvent.change(screen.getByLabelText('Note'), { target: { value: 'Please look.' } });
    fireEvent.click(screen.getByRole('button', { name: 'Forward' }));
    await settled();
    expect(fake.calls).toEqual([
      { name: 'mail.forward', input: { messageId: 'm', to: 'lead-1', from: 'operator', note: 'Please look.' } },
    ]);
    expect(close).toHaveBeenCalledOnce();
  });

  test('a copy, a return and a second asking name the mail they speak of', () => {
    const fake = fakeRoom();
    const reference = { kind: 'bounce', messageId: 'msg-old' } as const;
    fake.publish('mail', { put: [mailMessage('m', { reference })], remove: [] });
    show(fake, 'all', 'm');
    expect(screen.getByText(/^returns/).textContent).toBe('returns msg-old');
  });
});

describe('threads', () => {
  test('J and K walk; what comes into view and is mine is marked read once', async () => {
    const fake = fakeRoom();
    fake.publish('mail', {
      put: [
        mailMessage('old', { to: 'operator', createdAt: ago(60), delivery: null }),
        mailMessage('new', { to: 'operator', createdAt: ago(5), delivery: null, read: true }),
      ],
      remove: [],
    });
    show(fake, 'operator', null);
    screen.getByRole('listbox', { name: 'Threads' }).focus();
    press('j');
    expect(fake.room.ui.getState().mailThread).toBe('new');
    press('j');
    expect(fake.room.ui.getState().mailThread).toBe('old');
    await settled();
    expect(fake.calls).toEqual([{ name: 'mail.markRead', input: { messageId: 'old' } }]);
  });

  test('a reply goes to the newest mail of somebody else, and failing words are kept', async () => {
    const fake = fakeRoom();
    fake.publish('mail', {
      put: [
        mailMessage('q', { from: 'mailer', to: 'operator', read: true, createdAt: ago(60), delivery: null }),
        mailMessage('a', { from: 'operator', to: 'mailer', threadId: 'q', createdAt: ago(5) }),
      ],
      remove: [],
    });
    fake.answer('mail.reply', () => fail('mail', 'The mailbox is gone.'));
    show(fake, 'operator', 'q');
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Reply to mailer' });
    fireEvent.change(field, { target: { value: 'Use SMTP.' } });
    fireEvent.click(screen.getByRole('button', { name: 'Send reply' }));
    await settled();
    expect(fake.calls).toEqual([
      { name: 'mail.reply', input: { messageId: 'q', body: 'Use SMTP.', from: 'operator' } },
    ]);
    expect(field.value).toBe('Use SMTP.');
    fake.answer('mail.reply', () => ok({ id: 'n' }));
    fireEvent.click(screen.getByRole('button', { name: 'Send reply' }));
    await settled();
    expect(field.value).toBe('');
  });

  test('an answer to one’s own mail reaches its recipient', () => {
    expect(replyRecipient({ from: 'operator', to: 'mailer' })).toBe('mailer');
    expect(replyRecipient({ from: 'mailer', to: 'lead' })).toBe('mailer');
  });

  test('hostile mail stays words', () => {
    const fake = fakeRoom();
    const hostile = '<script>alert(1)</script>\u202E\u001b[2J';
    fake.publish('mail', {
      put: [
        mailMessage('m', {
          from: 'x'.repeat(300),
          subject: hostile,
          body: hostile,
          payload: JSON.stringify({ branch: hostile }),
        }),
      ],
      remove: [],
    });
    const { container } = show(fake, 'all', 'm');
    expect(container.querySelector('script')).toBeNull();
    expect(screen.getByRole('article').textContent).toContain('<script>alert(1)</script>‹RLO›‹ESC›[2J');
    expect(container.textContent).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test('an empty folder says what belongs into it', () => {
    show(fakeRoom(), 'dead', null);
    expect(screen.getByText(/could not be handed to its reader/)).toBeDefined();
  });
});

describe('writing', () => {
  test.each([
    ['', 8, undefined],
    ['@b', 1, '@builders'],
    ['LEAD', 3, 'lead-export'],
    ['@builders', 0, undefined],
    ['nobody', 0, undefined],
  ])('completing %j', (typed, count, first) => {
    const offers = completeAddress(typed, ['csv-writer', 'lead-export', 'team-lead']);
    expect(offers).toHaveLength(count);
    if (first !== undefined) expect(offers[0]).toBe(first);
  });

  test('an address is completed by keyboard, the mail is sent as the operator', async () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('csv-writer'), agentView('pdf-writer')], remove: [] });
    fake.answer('mail.send', () => ok({ messageIds: ['n'], recipients: ['pdf-writer'], warnings: ['no reviewer'] }));
    const close = vi.fn();
    renderRoom(fake, <ComposeDialog to="" close={close} />);
    const to = screen.getByRole<HTMLInputElement>('combobox', { name: 'To' });
    fireEvent.change(to, { target: { value: 'writer' } });
    fireEvent.keyDown(to, { key: 'ArrowDown' });
    fireEvent.keyDown(to, { key: 'Enter' });
    expect(to.value).toBe('pdf-writer');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true);
    fireEvent.change(screen.getByRole('textbox', { name: 'Subject' }), { target: { value: 'Fonts' } });
    fireEvent.change(screen.getByRole('textbox', { name: 'Body' }), { target: { value: 'Use Inter.' } });
    fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    await settled();
    expect(fake.calls).toEqual([
      {
        name: 'mail.send',
        input: {
          to: 'pdf-writer',
          subject: 'Fonts',
          body: 'Use Inter.',
          from: 'operator',
          type: 'status',
          priority: 'normal',
        },
      },
    ]);
    expect(close).toHaveBeenCalledOnce();
    expect(fake.room.notices.store.getState().items.map((notice) => notice.text)).toContain('no reviewer');
  });
});
