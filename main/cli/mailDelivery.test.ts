import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MailStore } from '../core/mail/mailStore.ts';
import { createMailBench, dataOf, type MailBench, said } from './mailBench.ts';

// What is done with a mail after it was sent, by real calls without an engine.

let bench: MailBench;
let mail: MailStore;
beforeAll(async () => {
  bench = await createMailBench();
  mail = bench.mail;
});
afterAll(() => bench.dispose());
beforeEach(() => bench.clear());
const ov = (...args: string[]) => bench.ov(...args);
const seed = (...given: Parameters<MailBench['seed']>) => bench.seed(...given);
const agent = (...given: Parameters<MailBench['agent']>) => bench.agent(...given);
const data = dataOf;

// Each test starts several processes on a machine that does other things too.
describe('ov mail, after the sending', { timeout: 180_000 }, () => {
  it('trace tells the way, the thread and what a mail waits for; show marks nothing', async () => {
    agent('lead-2', { capability: 'lead', state: 'between_turns' });
    const { id } = seed('lead-2', 'Look');
    expect((await ov('trace', id)).stdout).toMatch(/queued {8}sent by lead-1\n {2}waits for an engine: none runs/);
    mail.claimForTurn('lead-2', 'lead-2-turn', Date.now());
    mail.turnStarted('lead-2-turn');
    mail.settleTurn('lead-2-turn', { kind: 'requeue', at: Date.now() + 60_000, reason: 'exit code 1' });
    const told = data(await ov('trace', id, '--json'));
    expect(told.steps).toMatchObject([
      { state: 'queued', event: 'sent by lead-1' },
      { state: 'injected', turnId: 'lead-2-turn' },
      { state: 'started', event: 'turn started' },
      { state: 'queued', event: 'turn failed', detail: 'exit code 1' },
    ]);
    expect(told.waitsFor).toMatch(/^the next attempt of lead-2 at /);
    expect(data(await ov('show', id, '--json'))).toMatchObject({
      message: { id, read: false },
      delivery: { state: 'queued', attempts: 1, reason: 'exit code 1' },
    });
    expect(await ov('trace', 'nothing')).toMatchObject({ code: 1, stderr: said('mail nothing was not found') });
  });

  it('forward sends a copy that names the original; a report of somebody else becomes news', async () => {
    const { id } = seed('lead-1', 'Done', { from: 'builder-1', type: 'worker_done', payload: '{"branch":"x"}' });
    const end = await ov('forward', id, '--to', 'merger-1', '--note', 'Please look', '--from', 'lead-1', '--json');
    const copy = mail.getById(String(data(end).id));
    expect(copy).toMatchObject({
      ...{ from: 'lead-1', to: 'merger-1', subject: 'Fwd: Done', type: 'status', payload: '{"branch":"x"}' },
      reference: { kind: 'forward', messageId: id },
    });
    expect(copy?.body).toMatch(/^Please look\n\nForwarded: .*worker_done from builder-1 to lead-1/);
    expect((await ov('trace', id)).stdout).toContain(`forward  ${copy?.id}`);
  });

  it('answer takes an option by name or number, once, from whoever may', async () => {
    agent('lead-1', { capability: 'lead', parentAgent: 'coordinator' });
    agent('builder-1', { parentAgent: 'lead-1' });
    agent('builder-2', { parentAgent: 'lead-1' });
    const ask = (subject: string) =>
      seed('lead-1', subject, { from: 'builder-1', type: 'decision_gate', payload: '{"options":["left","Right"]}' }).id;
    const [one, two] = [ask('one'), ask('two')];
    const [stranger, self, wrong] = await Promise.all([
      ov('answer', one, '1', '--from', 'builder-2'),
      ov('answer', one, '1', '--from', 'builder-1'),
      ov('answer', one, 'up', '--from', 'lead-1'),
    ]);
    expect(stranger).toMatchObject({ code: 1, stderr: said(/HIERARCHY_VIOLATION.*answered by lead-1, a superior/) });
    expect(self).toMatchObject({ code: 1, stderr: said('you asked mail') });
    expect(wrong).toMatchObject({ code: 1, stderr: said('none of its options (1 left, 2 Right)') });
    expect((await ov('answer', one, '2', '--from', 'lead-1')).stdout).toContain('with "Right"');
    expect(await ov('answer', one, 'left')).toMatchObject({
      code: 1,
      stderr: said('answered already by lead-1: Right'),
    });
    expect((await ov('answer', two, 'RIGHT', '--from', 'operator')).code).toBe(0);
    expect(mail.getUnread('builder-1')).toMatchObject([
      { from: 'lead-1', body: 'Right', threadId: one, subject: 'Re: one', payload: '{"answer":"Right"}' },
      { from: 'operator', body: 'Right', threadId: two },
    ]);
    expect(mail.getById(one)?.delivery?.state).toBe('acknowledged');
  });

  it('ack is for the reader or a person; delete takes one mail; resend is for dead letters', async () => {
    const { id } = seed('lead-1', 'Done', { from: 'builder-1' });
    expect(await ov('ack', id, '--agent', 'builder-9')).toMatchObject({ code: 1, stderr: said('only its reader') });
    expect((await ov('ack', id)).stdout).toBe(`${id} is acknowledged\n`);
    expect(await ov('resend', id)).toMatchObject({ code: 1, stderr: said(`ov mail forward ${id}`) });
    expect((await ov('delete', id)).code).toBe(0);
    expect(await ov('delete', id)).toMatchObject({ code: 1, stderr: said('was not found') });
    const letter = seed('lead-1', 'Lost').id;
    mail.claimForTurn('lead-1', 't', Date.now());
    mail.settleTurn('t', { kind: 'dead', reason: 'no luck' });
    expect((await ov('resend', letter)).stdout).toBe(`${letter} is queued again\n`);
  });

  it('wake shows and says policies, for all mail or one type; default takes the word back', async () => {
    agent('lead-1', { capability: 'lead', state: 'between_turns' });
    expect((await ov('wake', 'lead-1')).stdout).toMatch(
      /^lead-1 {2}all mail +now +\(controlRoom.mail.wake.default\)\n$/,
    );
    expect((await ov('wake', 'lead-1', 'digest', '10')).stdout).toMatch(
      /all mail +digest 10 +\(said by "ov mail wake"\)/,
    );
    await ov('wake', 'lead-1', 'now', '--type', 'worker_done');
    expect(data(await ov('wake', 'lead-1', '--json')).rules).toEqual([
      { type: null, policy: { kind: 'digest', minutes: 10 }, source: 'command' },
      { type: 'worker_done', policy: { kind: 'now', minutes: null }, source: 'command' },
    ]);
    const { id } = seed('lead-1', 'News');
    expect((await ov('trace', id)).stdout).toContain('waits for the digest of lead-1 at ');
    await ov('wake', 'lead-1', 'default', '--type', 'worker_done');
    expect(data(await ov('wake', 'lead-1', 'default', '--json')).rules).toMatchObject([{ source: 'default' }]);
    expect(await ov('wake', 'lead-1', 'sometimes')).toMatchObject({ code: 1, stderr: said('is no wake policy') });
  });
});
