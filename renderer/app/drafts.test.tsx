import { cleanup, fireEvent, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fail, ok } from '../../contract/result.ts';
import { TaskDialog } from '../features/board/TaskDialog.tsx';
import { ComposeDialog } from '../features/mail/ComposeDialog.tsx';
import { ForwardDialog } from '../features/mail/ForwardDialog.tsx';
import { ReplyBox } from '../features/mail/ReplyBox.tsx';
import type { PreferenceStorage } from '../stores/preferences.ts';
import { type FakeRoom, fakeRoom, lastingStorage, renderRoom, settled } from '../testing/fakeRoom.tsx';
import { mailMessage, roomStatus, taskView } from '../testing/fixtures.ts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Loads the page anew and shows this form on it. */
function load(storage: PreferenceStorage, form: ReactNode): FakeRoom {
  cleanup();
  const fake = fakeRoom({ storage });
  fake.publish('status', { value: roomStatus() });
  renderRoom(fake, form);
  return fake;
}

const field = (name: string) => screen.getByLabelText<HTMLTextAreaElement>(name);
const write = (name: string, value: string) => fireEvent.change(field(name), { target: { value } });
const close = () => {};

interface Form {
  readonly name: string;
  readonly form: ReactNode;
  readonly fields: readonly string[];
  readonly send: string;
  readonly call: string;
  readonly cancels: boolean;
}

const MAIL = mailMessage('m1', { from: 'ada', to: 'operator', threadId: 't1' });
const FORMS: readonly Form[] = [
  {
    name: 'a mail',
    form: <ComposeDialog to="ada" close={close} />,
    fields: ['Subject', 'Body'],
    send: 'Send',
    call: 'mail.send',
    cancels: true,
  },
  {
    name: 'a forwarded mail',
    form: <ForwardDialog message={MAIL} close={close} />,
    fields: ['To', 'Note'],
    send: 'Forward',
    call: 'mail.forward',
    cancels: true,
  },
  {
    name: 'a reply',
    form: <ReplyBox message={MAIL} />,
    fields: ['Reply to ada'],
    send: 'Send reply',
    call: 'mail.reply',
    cancels: false,
  },
  {
    name: 'a new task',
    form: <TaskDialog id={null} column="ready" close={close} />,
    fields: ['Title', 'Description', 'Spec'],
    send: 'Create',
    call: 'tasks.create',
    cancels: true,
  },
];

const values = ({ fields }: Form) => fields.map((name) => field(name).value);
const words = ({ fields }: Form) => fields.map((name) => `words of ${name}`);
const empty = ({ fields }: Form) => fields.map(() => '');
const writeAll = (one: Form) => {
  for (const [at, name] of one.fields.entries()) write(name, words(one)[at] ?? '');
};

describe('what is written and not sent', () => {
  it.each(FORMS)('$name is there after the page is loaded again, until it is sent', async (one) => {
    const { form, send, call } = one;
    const storage = lastingStorage();
    load(storage, form);
    writeAll(one);
    const refusing = load(storage, form);
    expect(values(one)).toEqual(words(one));
    refusing.answer(call, () => fail('unavailable', 'The engine is away.'));
    fireEvent.click(screen.getByRole('button', { name: send }));
    await settled();
    const fake = load(storage, form);
    expect(values(one)).toEqual(words(one));
    fake.answer(call, () =>
      ok(call === 'tasks.create' ? taskView('OV-1') : { messageIds: ['m2'], recipients: ['ada'], warnings: [] }),
    );
    fireEvent.click(screen.getByRole('button', { name: send }));
    await settled();
    expect(fake.calls.filter(({ name }) => name === call)).toHaveLength(1);
    load(storage, form);
    expect(values(one)).toEqual(empty(one));
  });

  it.each(FORMS.filter(({ cancels }) => cancels))('$name is gone once it is cancelled', (one) => {
    const storage = lastingStorage();
    load(storage, one.form);
    writeAll(one);
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    load(storage, one.form);
    expect(values(one)).toEqual(empty(one));
  });
});

it('a form that is there before the project is known is filled once it is', () => {
  const storage = lastingStorage();
  load(storage, <ComposeDialog to="ada" close={close} />);
  write('Body', 'Later.');
  cleanup();
  const fake = fakeRoom({ storage });
  renderRoom(fake, <ComposeDialog to="ada" close={close} />);
  expect(field('Body').value).toBe('');
  fake.publish('status', { value: roomStatus() });
  expect(field('Body').value).toBe('Later.');
});

it('a task whose spec was refused is not made twice after the page is loaded again', async () => {
  const storage = lastingStorage();
  const dialog = <TaskDialog id={null} column="ready" close={close} />;
  const fake = load(storage, dialog);
  fake.answer('tasks.create', () => ok(taskView('OV-1', { title: 'Export' })));
  fake.answer('tasks.writeSpec', () => fail('validation', 'Too long.'));
  write('Title', 'Export');
  write('Spec', 'Words');
  fireEvent.click(screen.getByRole('button', { name: 'Create' }));
  await settled();
  cleanup();
  const again = fakeRoom({ storage });
  again.publish('status', { value: roomStatus() });
  again.publish('tasks', { put: [taskView('OV-1', { title: 'Export' })], remove: [] });
  again.answer('tasks.update', () => ok(taskView('OV-1', { title: 'Export' })));
  renderRoom(again, dialog);
  expect(field('Spec').value).toBe('Words');
  fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await settled();
  expect(again.calls.map(({ name }) => name).filter((name) => name.startsWith('tasks.'))).toEqual([
    'tasks.update',
    'tasks.writeSpec',
  ]);
});
