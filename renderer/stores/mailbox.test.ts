import { expect, test } from 'vitest';
import { LIMITS } from '../../contract/limits.ts';
import { fail, ok } from '../../contract/result.ts';
import { fakeRoom } from '../testing/fakeRoom.tsx';
import { ago, mailMessage } from '../testing/fixtures.ts';

const windowOf = (count: number) =>
  Array.from({ length: count }, (_, index) => mailMessage(`m${index}`, { createdAt: ago(index) }));

test('a window that is not full has nothing older', () => {
  const fake = fakeRoom();
  fake.publish('mail', { put: windowOf(3), remove: [] });
  expect(fake.room.mailbox.store.getState()).toMatchObject({ hasOlder: false, loading: false });
});

test('older mail is fetched before the oldest one held, and stays when the window moves on', async () => {
  const fake = fakeRoom();
  const { mailbox } = fake.room;
  fake.publish('mail', { put: windowOf(LIMITS.mailWindow), remove: [] });
  expect(mailbox.store.getState().hasOlder).toBe(true);
  fake.answer('mail.list', () => ok({ messages: [mailMessage('ancient', { createdAt: ago(90_000) })] }));
  expect(await mailbox.loadOlder()).toBeNull();
  expect(fake.calls).toEqual([
    { name: 'mail.list', input: { before: `m${LIMITS.mailWindow - 1}`, limit: LIMITS.pageRows } },
  ]);
  expect(mailbox.store.getState().hasOlder).toBe(false);
  fake.publish('mail', { put: [mailMessage('newest', { createdAt: ago(-1) })], remove: [`m${LIMITS.mailWindow - 1}`] });
  const held = mailbox.store.getState().byId;
  expect([held.ancient, held[`m${LIMITS.mailWindow - 1}`], held.newest].every((mail) => mail !== undefined)).toBe(true);
});

test('a page that fails says why and can be asked for again', async () => {
  const fake = fakeRoom();
  const { mailbox } = fake.room;
  fake.publish('mail', { put: windowOf(LIMITS.mailWindow), remove: [] });
  fake.answer('mail.list', () => fail('timeout', 'too slow'));
  expect(await mailbox.loadOlder()).toBe('too slow');
  expect(mailbox.store.getState()).toMatchObject({ loading: false, hasOlder: true });
});
