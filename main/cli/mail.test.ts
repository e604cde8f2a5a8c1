import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OvOptions } from '../core/chaos/chaosProject.ts';
import { must } from '../core/db/testing/folder.ts';
import type { MailStore } from '../core/mail/mailStore.ts';
import { createMailBench, dataOf, type MailBench, said } from './mailBench.ts';

// The command line without an engine: real calls, real stores (spec 02 §1.12, "CLI").

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
const state = (...path: string[]) => bench.state(...path);
const send = (...given: Parameters<MailBench['send']>) => bench.send(...given);
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const marker = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(state('pending-nudges', `${name}.json`), 'utf8'));

// Each test starts several processes on a machine that does other things too.
describe('ov mail', { timeout: 180_000 }, () => {
  describe('list', () => {
    it('--unread shows what is unread, with a total; nothing is marked', async () => {
      seed('builder-1', 'First');
      seed('scout-1', 'Second');
      expect(await ov('list', '--unread')).toMatchObject({ code: 0, stdout: said(/First[\s\S]*Total: 2 messages\n$/) });
      expect((await ov('list', '--unread')).stdout).toContain('Total: 2 messages');
    });

    it('--agent is --to, and --to wins over it', async () => {
      seed('builder-1', 'First');
      seed('scout-1', 'Second');
      const [one, other] = await Promise.all([
        ov('list', '--agent', 'builder-1'),
        ov('list', '--to', 'scout-1', '--agent', 'builder-1'),
      ]);
      expect(one.stdout).toMatch(/First[\s\S]*Total: 1 message\n$/);
      expect(one.stdout).not.toContain('Second');
      expect(other.stdout).toMatch(/Second[\s\S]*Total: 1 message\n$/);
    });

    it('shows a mail as the reference does: star, id, arrow, priority, type, payload, time', async () => {
      const { id, createdAt } = seed('builder-1', 'First', {
        type: 'worker_done',
        priority: 'high',
        payload: '{"taskId":"T-1"}',
      });
      expect((await ov('list')).stdout.split('\n')).toEqual([
        `* ${id}  From: lead-1 → To: builder-1 [high]`,
        '    First (worker_done)',
        '    b',
        '    Payload: {"taskId":"T-1"}',
        `    ${createdAt}`,
        'Total: 1 message',
        '',
      ]);
    });

    it('--json has exactly the fields of the reference, the payload as text', async () => {
      const { id, createdAt } = seed('builder-1', 'First', { payload: '{"a":1}' });
      expect(data(await ov('list', '--json'))).toEqual({
        success: true,
        command: 'mail list',
        messages: [
          {
            ...{ id, from: 'lead-1', to: 'builder-1', subject: 'First', body: 'b', type: 'status', priority: 'normal' },
            ...{ threadId: null, payload: '{"a":1}', read: false, createdAt },
          },
        ],
      });
    });

    it('filters by state of delivery and by thread; wrong words are refused', async () => {
      const { id } = seed('builder-1', 'First');
      seed('builder-1', 'Reply', { threadId: id });
      must(mail.markRead(id));
      const [read, thread, type, priority, states] = await Promise.all([
        ov('list', '--state', 'read', '--json'),
        ov('list', '--thread', id, '--json'),
        ov('list', '--type', 'bogus'),
        send('builder-1', '--priority', 'bogus'),
        ov('list', '--state', 'bogus'),
      ]);
      expect(data(read).messages).toMatchObject([{ subject: 'First' }]);
      expect(data(thread).messages).toMatchObject([{ subject: 'Reply' }, { subject: 'First' }]);
      expect(type).toMatchObject({ code: 1, stderr: said('Error [VALIDATION_ERROR]: Invalid --type "bogus"') });
      expect(priority).toMatchObject({ code: 1, stderr: said('Error [VALIDATION_ERROR]: Invalid --priority "bogus"') });
      expect(states).toMatchObject({ code: 1, stderr: said('Invalid --state "bogus"') });
    });
  });

  it('reply takes its flags before the id', async () => {
    const { id } = seed('scout-1', 'Look there', { priority: 'high' });
    const end = await ov('reply', '--agent', 'scout-1', '--body', 'Got it', id);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(mail.getByThread(id)).toMatchObject([
      { from: 'scout-1', to: 'lead-1', subject: 'Re: Look there', body: 'Got it', priority: 'high', payload: null },
    ]);
  });

  it('read twice: first marked as read, then already read; it shows the mail', async () => {
    const { id } = seed('scout-1', 'Look there');
    expect(await ov('read', id)).toMatchObject({ code: 0, stdout: said(/Look there[\s\S]*Marked as read/) });
    expect(await ov('read', id)).toMatchObject({ code: 0, stdout: said('already read') });
    expect(mail.getById(id)?.read).toBe(true);
  });

  describe('nudges at the next prompt', () => {
    it.each<[string, readonly string[], string | null]>([
      ['urgent', ['--priority', 'urgent'], 'urgent priority'],
      ['high', ['--priority', 'high'], 'high priority'],
      ['a report at normal priority', ['--type', 'worker_done'], 'worker_done'],
      ['an error that is urgent', ['--type', 'error', '--priority', 'urgent'], 'error'],
      ['plain status', [], null],
      ['a dispatch', ['--type', 'dispatch'], null],
    ])('%s', async (_name, more, reason) => {
      const end = await send('someone', '--from', 'lead-1', ...more);
      expect(end.code).toBe(0);
      expect(end.stdout.includes('Queued nudge for someone (delivered on next prompt)')).toBe(reason !== null);
      expect(await exists(state('pending-nudges', 'someone.json'))).toBe(reason !== null);
      if (reason === null) return;
      const [message] = mail.getAll();
      expect(await marker('someone')).toEqual({
        ...{ from: 'lead-1', reason, subject: 'Hello', messageId: message?.id, createdAt: message?.createdAt },
      });
      expect(await readFile(state('pending-nudges', 'someone.json'), 'utf8')).toMatch(/^\{\n\t"from"[\s\S]*\}\n$/);
    });

    it('--json tells the id and nothing of it; an agent that gets turns needs none', async () => {
      agent('headless-1', { state: 'between_turns' });
      const [plain, headless] = await Promise.all([
        send('someone', '--priority', 'urgent', '--json'),
        send('headless-1', '--priority', 'urgent'),
      ]);
      expect(Object.keys(data(plain))).toEqual(['success', 'command', 'id']);
      expect(plain.stdout).not.toContain('Queued nudge');
      expect(headless.stdout).not.toContain('Queued nudge');
      expect(await exists(state('pending-nudges', 'headless-1.json'))).toBe(false);
    });

    it('check --inject shows the banner once, before the mail, and also without mail; a damaged marker is dropped', async () => {
      await send('someone', '--from', 'lead-1', '--priority', 'urgent');
      const first = await ov('check', '--agent', 'someone', '--inject', '--json');
      expect(first.stdout).toMatch(
        /^PRIORITY: urgent priority message from lead-1 — "Hello"\n\nYou have 1 new message:\n\n--- From: lead-1 \[URGENT\] \(status\) ---\nSubject: Hello\nThe body\n/,
      );
      expect((await ov('check', '--agent', 'someone', '--inject')).stdout).toBe('');
      const [{ id } = { id: '' }] = mail.getAll();
      const nudge = { from: 'a', reason: 'error', subject: 's', messageId: id, createdAt: 'x' };
      await writeFile(state('pending-nudges', 'someone.json'), JSON.stringify(nudge));
      expect((await ov('check', '--agent', 'someone', '--inject')).stdout).toBe(
        'PRIORITY: error message from a — "s"\n\n',
      );
      await writeFile(state('pending-nudges', 'someone.json'), '{');
      expect((await ov('check', '--agent', 'someone', '--inject')).stdout).toBe('');
      expect(await exists(state('pending-nudges', 'someone.json'))).toBe(false);
    });

    it('only --inject takes the marker', async () => {
      await send('someone', '--priority', 'urgent');
      expect(data(await ov('check', '--agent', 'someone', '--json')).messages).toMatchObject([{ subject: 'Hello' }]);
      expect(await exists(state('pending-nudges', 'someone.json'))).toBe(true);
    });
  });

  describe('events', () => {
    it('mail_sent carries sender, facts and the current run; without one the run is null', async () => {
      const before = bench.events.tail({ limit: 1 })[0]?.id ?? 0;
      await send('someone', '--from', 'lead-7');
      await writeFile(state('current-run.txt'), ' run-1 \n');
      await send('someone');
      const [first, second] = bench.events.after(before, 10);
      const [newer, older] = mail.getAll();
      expect(first).toMatchObject({
        agentName: 'lead-7',
        eventType: 'mail_sent',
        level: 'info',
        runId: null,
        sessionId: null,
      });
      expect(JSON.parse(first?.data ?? '')).toEqual({
        ...{ to: 'someone', subject: 'Hello', type: 'status', priority: 'normal', messageId: older?.id },
      });
      expect(second).toMatchObject({ agentName: 'orchestrator', runId: 'run-1' });
      expect(JSON.parse(second?.data ?? '')).toMatchObject({ messageId: newer?.id });
    });

    it('a broadcast is one event a recipient, marked as such', async () => {
      for (const name of ['builder-1', 'builder-2']) agent(name);
      const before = bench.events.tail({ limit: 1 })[0]?.id ?? 0;
      await send('@builders');
      expect(bench.events.after(before, 10).map((event) => JSON.parse(event.data ?? '') as unknown)).toMatchObject([
        { to: 'builder-1', broadcast: true },
        { to: 'builder-2', broadcast: true },
      ]);
    });
  });

  describe('debounce', () => {
    const check = (...more: string[]): ReturnType<typeof ov> => ov('check', '--agent', 'someone', ...more);

    it('without the flag every check is carried out, and no state is kept', async () => {
      for (const subject of ['1', '2']) {
        seed('someone', subject);
        expect((await check()).stdout).toContain(subject);
      }
      expect(await exists(state('mail-check-state.json'))).toBe(false);
    });

    it('a check too soon after the last says nothing at all and takes nothing, for that agent only', async () => {
      const before = Date.now();
      expect((await check('--debounce', '60000')).stdout).toContain('No new messages');
      const kept = JSON.parse(await readFile(state('mail-check-state.json'), 'utf8')) as Record<string, number>;
      expect(kept.someone).toBeGreaterThanOrEqual(before);
      const { id } = seed('someone', 'later');
      seed('other', 'theirs');
      await send('someone', '--priority', 'urgent');
      expect(await check('--debounce', '60000', '--json')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await check('--debounce', '60000', '--inject')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(mail.getById(id)?.read).toBe(false);
      expect(await exists(state('pending-nudges', 'someone.json'))).toBe(true);
      expect((await ov('check', '--agent', 'other', '--debounce', '60000')).stdout).toContain('theirs');
    });

    it('is over after its time; 0 never holds back', async () => {
      await check('--debounce', '100');
      seed('someone', 'first');
      await delay(150);
      expect((await check('--debounce', '100')).stdout).toContain('first');
      seed('someone', 'second');
      expect((await check('--debounce', '0')).stdout).toContain('second');
    });

    it('damaged state counts as empty and is written anew', async () => {
      await writeFile(state('mail-check-state.json'), '{ no json');
      seed('someone', 'first');
      expect((await check('--debounce', '60000')).stdout).toContain('first');
      const kept: unknown = JSON.parse(await readFile(state('mail-check-state.json'), 'utf8'));
      expect(kept).toEqual({ someone: expect.any(Number) });
    });

    it.each(['invalid', '-100', '1.5', ''])('%j is refused', async (words) => {
      expect(await check('--debounce', words)).toMatchObject({
        code: 1,
        stderr: said('--debounce must be a non-negative integer'),
      });
    });
  });

  describe('groups', () => {
    it('@all reaches everybody but the sender, a row each', async () => {
      agent('orchestrator', { capability: 'coordinator' });
      for (const name of ['builder-1', 'builder-2']) agent(name);
      agent('scout-1', { capability: 'scout' });
      const end = await send('@all', '--priority', 'urgent');
      expect(end.stdout).toContain('Broadcast sent to 3 recipients (@all)\n');
      expect(end.stdout).not.toContain('→ orchestrator');
      expect(
        mail
          .getAll()
          .map(({ to }) => to)
          .sort(),
      ).toEqual(['builder-1', 'builder-2', 'scout-1']);
      expect(new Set(mail.getAll().map(({ threadId }) => threadId))).toEqual(new Set([null]));
    });

    it('one recipient is one, JSON counts them, markers are written for those in a terminal of their own', async () => {
      agent('scout-1', { capability: 'scout', tmuxSession: 'overstory-scout-1' });
      for (const name of ['builder-1', 'builder-2']) agent(name, { tmuxSession: `overstory-${name}` });
      const [one, two] = await Promise.all([send('@scouts'), send('@builders', '--type', 'error', '--json')]);
      expect(one.stdout).toContain('Broadcast sent to 1 recipient (@scouts)\n  → scout-1\n');
      expect(data(two)).toMatchObject({ success: true, command: 'mail send', recipientCount: 2 });
      expect(data(two).messageIds).toHaveLength(2);
      expect(await marker('builder-1')).toMatchObject({ reason: 'error' });
      expect(await marker('builder-2')).toMatchObject({ reason: 'error' });
    });

    it('nobody left, and a group nobody knows, are errors', async () => {
      agent('builder-1');
      const [none, sole, unknown] = await Promise.all([
        send('@mergers'),
        send('@builders', '--from', 'builder-1'),
        send('@unknown'),
      ]);
      expect(none.stderr).toContain('resolved to zero recipients');
      expect(sole.stderr).toContain('resolved to zero recipients');
      expect(unknown.stderr).toMatch(/Unknown group address "@unknown".*@all.*@builders/);
      expect(mail.getAll()).toEqual([]);
    });
  });

  it.each<[string, number, number, RegExp]>([
    ['two builders without a reviewer', 2, 0, /NO reviewer sessions found for lead-1 with 2 builder\(s\).*REVIEW_SKIP/],
    ['three builders with one reviewer', 3, 1, /Only 1 reviewer\(s\) for 3 builder\(s\)/],
    ['as many of both', 2, 2, /^$/],
  ])('merge_ready looks at review coverage: %s', async (_name, builders, reviewers, words) => {
    for (let n = 1; n <= builders; n += 1) agent(`b-${n}`, { parentAgent: 'lead-1', state: 'completed' });
    for (let n = 1; n <= reviewers; n += 1) agent(`r-${n}`, { parentAgent: 'lead-1', capability: 'reviewer' });
    agent('coordinator', { capability: 'coordinator' });
    const end = await send('coordinator', '--from', 'lead-1', '--type', 'merge_ready');
    expect(end).toMatchObject({ code: 0, stderr: said(words) });
    expect((await send('coordinator', '--from', 'lead-1')).stderr).toBe('');
  });

  it('an ended recipient is an error and no row; an unknown and a working one get it', async () => {
    agent('done-1', { state: 'completed' });
    agent('dead-1', { state: 'zombie' });
    agent('busy-1');
    const [done, dead, busy, unknown] = await Promise.all(
      ['done-1', 'dead-1', 'busy-1', 'new-1'].map((to) => send(to)),
    );
    expect(done).toMatchObject({ code: 1, stderr: said('Error [MAIL_ERROR]: done-1 is completed') });
    expect(dead).toMatchObject({ code: 1, stderr: said('Error [MAIL_ERROR]: dead-1 is zombie') });
    expect([busy?.code, unknown?.code]).toEqual([0, 0]);
    expect(
      mail
        .getAll()
        .map(({ to }) => to)
        .sort(),
    ).toEqual(['busy-1', 'new-1']);
  });

  it('a body comes from a file, or from standard input; exactly one of the two flags is needed', async () => {
    const path = join(bench.project.root, 'body.txt');
    await writeFile(path, 'line 1\n"quoted" $HOME\n');
    const base = ['send', '--to', 'someone', '--subject', 'Hello'];
    const options: OvOptions = { input: 'from a pipe\n' };
    const [file, pipe, both, none, gone] = await Promise.all([
      ov(...base, '--body-file', path),
      bench.project.ov(['mail', ...base, '--body-file', '-'], options),
      ov(...base, '--body', 'x', '--body-file', path),
      ov(...base),
      ov(...base, '--body-file', `${path}.gone`),
    ]);
    expect([file?.code, pipe?.code]).toEqual([0, 0]);
    expect(
      mail
        .getAll()
        .map(({ body }) => body)
        .sort(),
    ).toEqual(['from a pipe', 'line 1\n"quoted" $HOME']);
    expect(both?.stderr).toContain('give --body or --body-file, not both');
    expect(none?.stderr).toContain("required option '--body <text>' not specified");
    expect(gone?.stderr).toContain('there is no such file');
  });

  describe('purge', () => {
    it('needs to be told what', async () => {
      seed('someone', 'kept');
      const [nothing, days, words] = await Promise.all([
        ov('purge'),
        ov('purge', '--days', '0'),
        ov('purge', '--days', 'x'),
      ]);
      expect(nothing).toMatchObject({ code: 1, stderr: said('--all, --days <n> or --agent <name>') });
      expect(days).toMatchObject({ code: 1, stderr: said('--days is "0"') });
      expect(words).toMatchObject({ code: 1, stderr: said('--days is "x"') });
      expect(mail.getAll()).toHaveLength(1);
    });

    it('by agent and age, then all of it', async () => {
      seed('someone', 'old', { createdAt: new Date(Date.now() - 3 * 86_400_000).toISOString() });
      seed('someone', 'new');
      seed('other', 'old too', { createdAt: new Date(Date.now() - 3 * 86_400_000).toISOString() });
      expect(data(await ov('purge', '--agent', 'someone', '--days', '2', '--json'))).toEqual({
        ...{ success: true, command: 'mail purge', purged: 1 },
      });
      expect(mail.getAll().map(({ subject }) => subject)).toEqual(['new', 'old too']);
      expect((await ov('purge', '--all')).stdout).toBe('Purged 2 messages\n');
    });
  });

  it('heartbeats and payloads that contradict their type are refused with one line; half-filled ones are sent', async () => {
    const [check, beat, wrong, gate, half, none] = await Promise.all([
      send('lead-1', '--type', 'health_check'),
      ov('send', '--to', 'lead-1', '--subject', '[heartbeat]', '--body', 'still here'),
      send('lead-1', '--type', 'worker_done', '--payload', '{"exitCode":"zero"}'),
      send('lead-1', '--type', 'decision_gate', '--payload', '{"options":[]}'),
      send('lead-1', '--type', 'worker_done', '--payload', '{"branch":"x","mine":{"a":1}}'),
      send('lead-1', '--payload', '{'),
    ]);
    const line = /^Error \[VALIDATION_ERROR\]: heartbeats are no mail: .*ov why <agent>.*\n$/;
    expect(check?.stderr).toMatch(line);
    expect(beat?.stderr).toMatch(line);
    expect(wrong?.stderr).toContain('the payload does not fit worker_done: its field "exitCode" must be a number');
    expect(gate?.stderr).toContain('its field "options" must be a list of at least one text');
    expect(none?.stderr).toContain('payload is not valid JSON');
    expect(half?.code).toBe(0);
    expect(mail.getAll()).toMatchObject([{ payload: '{"branch":"x","mine":{"a":1}}' }]);
  });
});
