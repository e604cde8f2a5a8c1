import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject, type Finished, type OvOptions } from '../core/chaos/chaosProject.ts';
import { must } from '../core/db/testing/folder.ts';
import { type EventStore, openEvents } from '../core/events/eventStore.ts';
import { type MailStore, openMail } from '../core/mail/mailStore.ts';
import { openSessions, type SessionStore } from '../core/sessions/sessionStore.ts';
import { testSession } from '../core/sessions/testSession.ts';

// The command line without an engine: real calls, real stores (spec 02 §1.12, "CLI").

let project: ChaosProject;
let mail: MailStore;
let sessions: SessionStore;
let events: EventStore;
const state = (...path: string[]): string => join(project.root, '.overstory', ...path);

beforeAll(async () => {
  project = await createChaosProject();
  mail = must(openMail(state('mail.db')));
  sessions = must(openSessions(state('sessions.db')));
  events = must(openEvents(state('events.db')));
});
afterAll(async () => {
  for (const store of [mail, sessions, events]) store.close();
  await project.dispose();
});
beforeEach(async () => {
  mail.purge({ all: true });
  for (const { agentName } of sessions.getAll()) sessions.remove(agentName);
  await Promise.all(
    ['pending-nudges', 'mail-check-state.json', 'current-run.txt'].map((name) =>
      rm(state(name), { recursive: true, force: true }),
    ),
  );
});

const ov = (...args: string[]): Promise<Finished> => project.ov(['mail', ...args]);
const send = (to: string, ...more: string[]): Promise<Finished> =>
  ov('send', '--to', to, '--subject', 'Hello', '--body', 'The body', ...more);
const seed = (to: string, subject: string, more: Partial<Parameters<MailStore['insert']>[0]> = {}) =>
  must(mail.insert({ from: 'lead-1', to, subject, body: 'b', ...more }));
const agent = (name: string, more: Parameters<typeof testSession>[1] = {}): void =>
  sessions.upsert(testSession(name, { state: 'working', ...more }));
const data = (end: Finished): Record<string, unknown> => JSON.parse(end.stdout) as Record<string, unknown>;
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const marker = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(state('pending-nudges', `${name}.json`), 'utf8'));
const said = (text: string | RegExp) =>
  typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);

// Each test starts several processes on a machine that does other things too.
describe('ov mail', { timeout: 60_000 }, () => {
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
      const before = events.tail({ limit: 1 })[0]?.id ?? 0;
      await send('someone', '--from', 'lead-7');
      await writeFile(state('current-run.txt'), ' run-1 \n');
      await send('someone');
      const [first, second] = events.after(before, 10);
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
      const before = events.tail({ limit: 1 })[0]?.id ?? 0;
      await send('@builders');
      expect(events.after(before, 10).map((event) => JSON.parse(event.data ?? '') as unknown)).toMatchObject([
        { to: 'builder-1', broadcast: true },
        { to: 'builder-2', broadcast: true },
      ]);
    });
  });

  describe('debounce', () => {
    const check = (...more: string[]): Promise<Finished> => ov('check', '--agent', 'someone', ...more);

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
    const path = join(project.root, 'body.txt');
    await writeFile(path, 'line 1\n"quoted" $HOME\n');
    const base = ['send', '--to', 'someone', '--subject', 'Hello'];
    const options: OvOptions = { input: 'from a pipe\n' };
    const [file, pipe, both, none, gone] = await Promise.all([
      ov(...base, '--body-file', path),
      project.ov(['mail', ...base, '--body-file', '-'], options),
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

  describe('after the sending', () => {
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
        seed('lead-1', subject, { from: 'builder-1', type: 'decision_gate', payload: '{"options":["left","Right"]}' })
          .id;
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
});
