import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailMessage } from '../../../contract/mail.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { specOf } from '../chaos/chaosProject.ts';
import { must } from '../db/testing/folder.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

// Mail through a whole engine, with real agents (spec 02 §1.11, §1.12 "Delivery loops", and B2).

let project: TestProject;
let client: RoomClient;
/** Milliseconds the engine's clock is ahead: nobody waits for a digest's minutes. */
let ahead: number;
beforeEach(async () => {
  project = await createTestProject();
  ahead = 0;
  ({ client } = await project.start({ clock: { now: () => Date.now() + ahead } }));
});
afterEach(() => project.dispose());

async function sling(name: string, script: string, more: object = {}): Promise<void> {
  await writeFile(join(project.root, '.overstory', 'specs', `${name}.md`), specOf(script));
  must(await client.call('agents.sling', { taskId: name, name, ...more }));
}
const resting = (name: string): Promise<unknown> =>
  topicUntil(client, 'agents', ({ byId }) => byId[name]?.state === 'between_turns');
const ended = (name: string): Promise<unknown> =>
  topicUntil(client, 'agents', ({ byId }) => byId[name]?.state === 'completed');
async function send(to: string, subject: string, more: object = {}): Promise<string> {
  const sent = must(await client.call('mail.send', { to, from: 'operator', subject, body: 'b', ...more }));
  return sent.messageIds[0] ?? '';
}
const mailUntil = async (id: string, is: (message: MailMessage) => boolean): Promise<MailMessage> => {
  const { byId } = await topicUntil(
    client,
    'mail',
    (state) => {
      const message = state.byId[id];
      return message !== undefined && is(message);
    },
    60_000,
  );
  const message = byId[id];
  if (message === undefined) throw new Error(`mail ${id} is not there`);
  return message;
};
const turnsOf = (name: string): Promise<readonly string[]> => readdir(join(project.root, '.overstory', 'logs', name));

const NOTES = `start:
  - say: Here.
on:
  - type: status
    steps:
      - append: { path: got.txt, content: "{{mail.subject}}\\n" }`;

describe('mail in an engine', { timeout: 180_000 }, () => {
  it('two unread are one turn with both, each with the times of its way, and a trace', async () => {
    await sling('reader', NOTES);
    await resting('reader');
    must(await client.call('fleet.pause', { paused: true }));
    const [one, two] = [await send('reader', 'one'), await send('reader', 'two')];
    expect(must(await client.call('mail.trace', { messageId: one })).waitsFor).toContain('the fleet is paused');
    must(await client.call('fleet.pause', { paused: false }));
    const [first, second] = [await mailUntil(one, ({ read }) => read), await mailUntil(two, ({ read }) => read)];
    expect(first.delivery?.turnId).toBe(second.delivery?.turnId);
    expect(await turnsOf('reader')).toHaveLength(2);
    const { injectedAt, startedAt, readAt } = first.delivery ?? {};
    expect([injectedAt, startedAt, readAt].every((at) => typeof at === 'string')).toBe(true);
    expect([injectedAt, startedAt, readAt]).toEqual([injectedAt, startedAt, readAt].sort());
    const { steps } = must(await client.call('mail.trace', { messageId: one }));
    expect(steps.map(({ state }) => state)).toEqual(['queued', 'injected', 'started', 'read']);
  });

  it('batch waits for the next turn, whatever starts it; never is not woken by urgent mail; a nudge starts a turn', async () => {
    await sling('reader', NOTES);
    await resting('reader');
    const policy = (kind: 'batch' | 'never') =>
      client.call('mail.setWake', { agentName: 'reader', type: null, policy: { kind, minutes: null } });
    must(await policy('batch'));
    const quiet = await send('reader', 'quiet');
    expect(must(await client.call('mail.trace', { messageId: quiet })).waitsFor).toContain('the next turn of reader');
    const urgent = await send('reader', 'urgent', { priority: 'urgent' });
    const [carried, other] = [await mailUntil(urgent, ({ read }) => read), await mailUntil(quiet, ({ read }) => read)];
    expect(carried.delivery?.turnId).toBe(other.delivery?.turnId);
    await resting('reader');
    must(await policy('never'));
    const held = await send('reader', 'held', { priority: 'urgent' });
    expect(must(await client.call('mail.trace', { messageId: held })).waitsFor).toContain('never woken by mail');
    const before = await turnsOf('reader');
    must(await client.call('agents.nudge', { agentName: 'reader', message: 'Now, please.' }));
    await mailUntil(held, ({ read }) => read);
    expect(await turnsOf('reader')).toHaveLength(before.length + 1);
  });

  it('a digest is one turn when its time has come', async () => {
    await sling('reader', NOTES);
    await resting('reader');
    const before = await turnsOf('reader');
    must(
      await client.call('mail.setWake', {
        agentName: 'reader',
        type: 'status',
        policy: { kind: 'digest', minutes: 1 },
      }),
    );
    const ids = [];
    for (const subject of ['one', 'two', 'three']) ids.push(await send('reader', subject));
    const trace = must(await client.call('mail.trace', { messageId: ids[0] ?? '' }));
    expect(trace.waitsFor).toMatch(/^the digest of reader at /);
    // Somebody else's turn is no reason to look at this queue early.
    await sling('other', NOTES);
    await resting('other');
    expect(await turnsOf('reader')).toHaveLength(before.length);
    ahead = 60_000;
    const done = await Promise.all(ids.map((id) => mailUntil(id, ({ read }) => read)));
    expect(new Set(done.map(({ delivery }) => delivery?.turnId)).size).toBe(1);
    expect(await turnsOf('reader')).toHaveLength(before.length + 1);
  });

  it('what an agent has not read when it reports is returned to its sender, once, and its dispatch is acknowledged', async () => {
    await sling('lead', NOTES, { capability: 'lead' });
    await resting('lead');
    await sling('worker', 'start:\n  - sleep: 1500\n  - taskDone: done', { parent: 'lead', depth: 1 });
    await topicUntil(client, 'agents', ({ byId }) => byId.worker?.state === 'in_turn');
    const late = await send('worker', 'One more thing', { from: 'lead', type: 'question' });
    await ended('worker');
    const letter = await mailUntil(late, ({ delivery }) => delivery?.bouncedTo != null);
    expect(letter.delivery).toMatchObject({ state: 'dead', bouncedTo: 'lead' });
    const { byId } = await topicUntil(client, 'mail', (state) =>
      Object.values(state.byId).some(({ reference }) => reference?.messageId === late),
    );
    const bounces = Object.values(byId).filter(({ reference }) => reference?.kind === 'bounce');
    expect(bounces).toMatchObject([{ from: 'worker', to: 'lead', type: 'error', subject: 'Not read: One more thing' }]);
    const dispatch = Object.values(byId).find(({ to, type }) => to === 'worker' && type === 'dispatch');
    await mailUntil(dispatch?.id ?? '', ({ delivery }) => delivery?.state === 'acknowledged');
    const attention = must(await client.snapshot('attention'));
    expect(Object.values(attention.byId).filter(({ kind }) => kind === 'deadLetter')).toEqual([]);
  });

  it('a gate to a lead is answered by a person, and its asker goes on with that', async () => {
    await sling('lead', NOTES, { capability: 'lead' });
    await resting('lead');
    must(await client.call('mail.setWake', { agentName: 'lead', policy: { kind: 'never', minutes: null } }));
    await sling(
      'asker',
      'start:\n  - ask: { to: lead, subject: Which way, question: Left or right?, options: [left, right] }\n  - append: { path: got.txt, content: "{{answer}}\\n" }\n  - commit: Answer\n  - taskDone: done',
      { parent: 'lead', depth: 1 },
    );
    const { byId } = await topicUntil(client, 'mail', (state) =>
      Object.values(state.byId).some(({ type }) => type === 'decision_gate'),
    );
    const gate = Object.values(byId).find(({ type }) => type === 'decision_gate');
    expect(
      must(await client.call('mail.answer', { messageId: gate?.id ?? '', answer: '2', from: 'operator' })),
    ).toMatchObject({
      answer: 'right',
    });
    await ended('asker');
    expect(await readFile(join(project.root, '.overstory', 'worktrees', 'asker', 'got.txt'), 'utf8')).toBe('right\n');
  });
});
