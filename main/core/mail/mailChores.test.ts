import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailMessage } from '../../../contract/mail.ts';
import { NO_CHANGES } from '../changes.ts';
import { type ControlStore, openControl } from '../control/controlStore.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { type EventStore, openEvents } from '../events/eventStore.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { openSessions, type SessionStore } from '../sessions/sessionStore.ts';
import { testSession } from '../sessions/testSession.ts';
import { createMailChores } from './mailChores.ts';
import { createMailFollowUp, type MailFollowUp } from './mailFollowUp.ts';
import { createMailService, type MailService } from './mailService.ts';
import { type MailStore, type NewMail, openMail } from './mailStore.ts';
import { NO_WAKE_SETTINGS, type WakeSettings } from './wakeRules.ts';
import { createWakeService, type WakeService } from './wakeService.ts';

const START = Date.parse('2026-04-01T10:00:00.000Z');

let folder: TestFolder;
let clock: ReturnType<typeof createTestClock>;
let mail: MailStore;
let sessions: SessionStore;
let control: ControlStore;
let events: EventStore;
let service: MailService;
let followUp: MailFollowUp;
let wakes: WakeService;
let settings: WakeSettings;
let look: () => number;
let dismissed: string[];
const recorded: Promise<void>[] = [];

beforeEach(async () => {
  folder = await createTestFolder();
  clock = createTestClock(START);
  mail = folder.keep(must(openMail(folder.file('mail.db'), { clock })));
  sessions = folder.keep(must(openSessions(folder.file('sessions.db'))));
  control = folder.keep(must(openControl(folder.file('control-room.db'))));
  events = folder.keep(must(openEvents(folder.file('events.db'))));
  settings = NO_WAKE_SETTINGS;
  dismissed = [];
  service = createMailService({ overstoryDirectory: folder.path, mail, sessions, events, changes: NO_CHANGES, clock });
  wakes = createWakeService({ mail, sessions, control, settings: () => settings, clock });
  followUp = createMailFollowUp({
    ...{ mail, sessions, service, changes: NO_CHANGES, waitsFor: (message: MailMessage) => wakes.waitsFor(message) },
    dismiss: (id) => void dismissed.push(id),
  });
  const log = (_level: string, message: string): never => {
    throw new Error(message);
  };
  const record = (messages: readonly MailMessage[]): Promise<void> => {
    const done = service.record(messages);
    recorded.push(done);
    return done;
  };
  const chores = createMailChores({
    ...{ mail, sessions, control, service: { record }, changes: NO_CHANGES, clock, log },
  });
  look = () => chores(clock.now());
});
afterEach(async () => {
  await Promise.all(recorded.splice(0));
  await folder.dispose();
});

function agent(name: string, more: Partial<AgentSession> = {}, reason: string | null = null): void {
  sessions.upsert(testSession(name, { state: 'between_turns', startedAt: '2026-04-01T09:00:00.000Z', ...more }));
  control.putAgentSettings({ agentName: name, runtime: 'rehearsal', model: null, specPath: null, files: [], reason });
}
const send = (to: string, subject: string, more: Partial<NewMail> = {}): MailMessage =>
  must(mail.insert({ from: 'lead-1', to, subject, body: 'b', ...more }));
const inbox = (name: string): readonly MailMessage[] => mail.getUnread(name);

describe('mail to agents that have ended', () => {
  beforeEach(() => agent('lead-1', { capability: 'lead' }));

  it('is returned to its sender once, all of it in one mail, and becomes dead letters', () => {
    agent('builder-1', { state: 'completed', parentAgent: 'lead-1' }, 'reported its result');
    const one = send('builder-1', 'Use the other parser', { priority: 'high' });
    const two = send('builder-1', 'And the tests');
    look();
    look();
    const [bounce, ...rest] = inbox('lead-1');
    expect(rest).toEqual([]);
    expect(bounce).toMatchObject({
      ...{ from: 'builder-1', subject: 'Not read by builder-1: 2 mails', type: 'error' },
      reference: { kind: 'bounce', messageId: one.id },
    });
    expect(bounce?.body).toContain('builder-1 has completed (reported its result) and did not read:');
    expect(bounce?.body).toContain(`- ${two.id} (status from lead-1): And the tests`);
    expect(mail.getById(one.id)?.delivery).toMatchObject({ state: 'dead', bouncedTo: 'lead-1' });
    expect(must(followUp.trace(one.id)).steps).toMatchObject([
      { event: 'sent by lead-1' },
      { state: 'dead', event: 'given up', detail: 'builder-1 has completed (reported its result) and did not read it' },
      { event: 'returned to its sender', detail: 'told lead-1' },
    ]);
  });

  it('nobody relies on gives no turn of its own', () => {
    agent('builder-1', { state: 'completed' });
    send('builder-1', 'Thanks');
    look();
    expect(inbox('lead-1')).toMatchObject([{ type: 'status', subject: 'Not read: Thanks' }]);
    expect(wakes.boxes(clock.now())).toMatchObject([{ agentName: 'lead-1', due: 0, wakeAt: null }]);
  });

  it('whose sender has ended too is told to the operator; a return is never returned again', () => {
    agent('builder-1', { state: 'completed' });
    agent('builder-2', { state: 'completed' });
    const report = send('builder-1', 'Done', { from: 'builder-2', type: 'worker_done' });
    look();
    expect(inbox('operator')).toMatchObject([{ from: 'builder-1', type: 'error', subject: 'Not read: Done' }]);
    expect(mail.getById(report.id)?.delivery?.bouncedTo).toBe('operator');

    send('builder-1', 'Which?', { type: 'question' });
    look();
    const [returned] = inbox('lead-1');
    sessions.upsert(testSession('lead-1', { state: 'completed', startedAt: '2026-04-01T09:00:00.000Z' }));
    look();
    look();
    expect(inbox('lead-1')).toHaveLength(1);
    expect(mail.getById(returned?.id ?? '')?.delivery).toMatchObject({ state: 'dead', bouncedTo: 'operator' });
    expect(inbox('operator').map(({ subject }) => subject)).toEqual(['Not read: Done', 'Not read: Not read: Which?']);
    const count = mail.getAll().length;
    for (let round = 0; round < 5; round += 1) look();
    expect(mail.getAll()).toHaveLength(count);
  });

  it('that are dead stays a dead letter for the operator, who can send it again with its reader', () => {
    agent('builder-1', { state: 'zombie' }, 'gave up after 5 attempts');
    const theirs = send('builder-1', 'Dispatch', { from: 'operator', type: 'dispatch' });
    const leads = send('builder-1', 'Hint', { priority: 'high' });
    look();
    expect(inbox('operator')).toEqual([]);
    expect(inbox('lead-1')).toMatchObject([{ subject: 'Not read: Hint' }]);
    expect(mail.getById(theirs.id)?.delivery).toMatchObject({ state: 'dead', bouncedTo: 'operator' });
    must(service.resend(leads.id));
    look();
    expect(mail.getById(leads.id)?.delivery?.state).toBe('queued');
    expect(inbox('lead-1')).toHaveLength(1);
  });

  it('by a person is no error, and what somebody sent to itself or the engine sent is told to nobody', () => {
    agent('builder-1', { state: 'completed' }, 'stopped by the operator');
    send('builder-1', 'Go', { from: 'operator', type: 'dispatch' });
    send('builder-1', 'Note', { from: 'builder-1' });
    send('builder-1', 'Nudge', { from: 'watchdog', priority: 'high' });
    look();
    expect(inbox('operator')).toMatchObject([{ type: 'status', subject: 'Not read: Go' }]);
    expect(mail.getAll({ state: 'dead' }).map(({ delivery }) => delivery?.bouncedTo)).toEqual([
      'nobody',
      'nobody',
      'operator',
    ]);
  });

  it('that are not ours, or from before this life of theirs, is left alone', () => {
    sessions.upsert(testSession('old-1', { state: 'completed', startedAt: '2026-04-01T09:00:00.000Z' }));
    agent('builder-1', { state: 'completed', startedAt: '2026-04-01T10:00:01.000Z' });
    send('old-1', 'of the reference');
    send('builder-1', 'of an earlier builder-1');
    look();
    expect(mail.getAll()).toHaveLength(2);
    expect(mail.getAll({ state: 'queued' })).toHaveLength(2);
  });

  it('that a turn still carries is not returned', () => {
    agent('builder-1', { state: 'completed' });
    send('builder-1', 'carried');
    mail.claimForTurn('builder-1', 't1', clock.now());
    look();
    expect(mail.getAll()).toMatchObject([{ delivery: { state: 'injected' } }]);
  });
});

describe('gates with a deadline', () => {
  const deadline = new Date(START + 60_000).toISOString();
  const ask = (to: string, more: Readonly<Record<string, unknown>> = {}): MailMessage =>
    send(to, 'Left or right?', {
      from: 'builder-1',
      type: 'decision_gate',
      payload: JSON.stringify({ options: ['left', 'right'], context: 'Both would do.', deadline, ...more }),
    });

  beforeEach(() => {
    agent('coordinator', { capability: 'coordinator' });
    agent('lead-1', { capability: 'lead', parentAgent: 'coordinator' });
    agent('builder-1', { parentAgent: 'lead-1' });
  });

  it('take their default when nobody has answered by then, once, and wake whoever asked', () => {
    const gate = ask('operator', { default: 'right' });
    expect(look()).toBe(START + 60_000);
    expect(inbox('builder-1')).toEqual([]);
    clock.advance(60_000);
    look();
    look();
    expect(inbox('builder-1')).toMatchObject([
      { from: 'operator', body: 'right', threadId: gate.id, payload: '{"answer":"right","by":"deadline"}' },
    ]);
    expect(mail.getById(gate.id)?.delivery?.state).toBe('acknowledged');
    expect(look()).toBe(Number.POSITIVE_INFINITY);
  });

  it('go to the next superior that lives without a default, and the first answer counts for both', async () => {
    const gate = ask('lead-1');
    clock.advance(60_000);
    look();
    look();
    const [copy, ...rest] = inbox('coordinator');
    expect(rest).toEqual([]);
    expect(copy).toMatchObject({
      ...{ from: 'builder-1', type: 'decision_gate', priority: 'high', threadId: gate.id },
      reference: { kind: 'escalation', messageId: gate.id },
    });
    expect(copy?.body).toContain('lead-1 was asked first');
    must(await followUp.answer(copy?.id ?? '', '1', 'coordinator'));
    expect(await followUp.answer(gate.id, 'right', 'lead-1')).toMatchObject({ ok: false, error: { tag: 'conflict' } });
    expect(inbox('builder-1')).toMatchObject([{ from: 'coordinator', body: 'left' }]);
    expect(mail.getById(gate.id)?.delivery?.state).toBe('acknowledged');
    expect(mail.getById(copy?.id ?? '')?.delivery?.state).toBe('acknowledged');
  });

  it('go to the operator when no superior is left, also with onDeadline "escalate" and a default', () => {
    sessions.upsert(testSession('coordinator', { state: 'completed', capability: 'coordinator' }));
    ask('lead-1', { default: 'left', onDeadline: 'escalate' });
    clock.advance(60_000);
    look();
    expect(inbox('operator')).toMatchObject([{ from: 'builder-1', type: 'decision_gate' }]);
    expect(inbox('builder-1')).toEqual([]);
  });

  it('that were answered in time, in words or by option, are left alone', async () => {
    const [one, two] = [ask('lead-1', { default: 'left' }), ask('operator')];
    must(await service.reply(one.id, 'neither, go back', 'lead-1'));
    must(await followUp.answer(two.id, 'RIGHT', 'operator'));
    clock.advance(60_000);
    expect(look()).toBe(Number.POSITIVE_INFINITY);
    expect(inbox('builder-1').map(({ body }) => body)).toEqual(['neither, go back', 'right']);
  });

  it('to a person without a default stay open; of an agent that has completed they are nobody’s any more', () => {
    ask('operator');
    clock.advance(60_000);
    look();
    expect(mail.getAll()).toHaveLength(1);
    const late = ask('lead-1', { default: 'left' });
    sessions.upsert(testSession('builder-1', { state: 'completed' }));
    look();
    expect(mail.getByThread(late.id)).toEqual([]);
  });

  it('cannot be sent with a deadline that is over', async () => {
    const payload = JSON.stringify({ options: ['a'], deadline: new Date(START - 1).toISOString() });
    const input = { to: 'lead-1', from: 'builder-1', subject: 's', body: 'b', priority: 'normal' as const };
    expect(await service.send({ ...input, type: 'decision_gate', payload })).toMatchObject({
      ok: false,
      error: { tag: 'validation', message: expect.stringContaining('is over already') },
    });
  });
});

describe('acknowledging', () => {
  it('a report acknowledges the dispatch it answers; a reply the mail it answers, whoever asked waits for nothing', async () => {
    agent('lead-1', { capability: 'lead' });
    agent('builder-1', { parentAgent: 'lead-1' });
    const dispatch = send('builder-1', 'Dispatch: T-1', { type: 'dispatch' });
    const question = send('lead-1', 'Which?', { type: 'question', from: 'builder-1' });
    mail.claimForTurn('builder-1', 't1', clock.now());
    mail.turnStarted('t1');
    const input = { to: 'lead-1', from: 'builder-1', subject: 'Done', body: 'b', priority: 'normal' as const };
    must(await service.send({ ...input, type: 'worker_done' }));
    expect(mail.getById(dispatch.id)).toMatchObject({ read: false, delivery: { state: 'started' } });
    mail.settleTurn('t1', { kind: 'read' });
    expect(mail.getById(dispatch.id)).toMatchObject({ read: true, delivery: { state: 'acknowledged' } });
    must(await service.reply(question.id, 'the left one', 'lead-1'));
    expect(mail.getById(question.id)).toMatchObject({ read: true, delivery: { state: 'acknowledged' } });
    settings = { ...NO_WAKE_SETTINGS, default: { kind: 'batch', minutes: null } };
    expect(wakes.boxes(clock.now())).toMatchObject([
      { agentName: 'builder-1', due: 1 },
      { agentName: 'lead-1', due: 0 },
    ]);
  });

  it('a third party that answers acknowledges nothing of somebody else', async () => {
    const { id } = send('builder-1', 'Look');
    must(await service.reply(id, 'me too', 'agent-c'));
    expect(mail.getById(id)).toMatchObject({ read: false, delivery: { state: 'queued' } });
  });

  it('a dead letter that is sent on calls for nobody any more', async () => {
    agent('builder-2');
    const { id } = send('builder-1', 'Look');
    mail.claimForTurn('builder-1', 't1', clock.now());
    mail.settleTurn('t1', { kind: 'dead', reason: 'no luck' });
    const sent = must(await followUp.forward({ messageId: id, to: 'builder-2', from: 'operator', note: '' }));
    expect(mail.getById(sent.messageIds[0] ?? '')).toMatchObject({ to: 'builder-2', subject: 'Fwd: Look' });
    expect(dismissed).toEqual([`deadLetter:${id}`]);
  });
});

describe('wake policies', () => {
  const box = () => wakes.boxes(clock.now())[0];

  it('gather mail into one turn, and say when; a nudge outranks them', () => {
    agent('monitor', { capability: 'monitor' });
    settings = { ...NO_WAKE_SETTINGS, roles: { monitor: { any: { kind: 'digest', minutes: 10 }, byType: {} } } };
    send('monitor', '1');
    clock.advance(60_000);
    send('monitor', '2');
    expect(box()).toMatchObject({ due: 0, wakeAt: START + 600_000 });
    clock.advance(540_000);
    expect(box()).toMatchObject({ due: 2, wakeAt: null });
    expect(mail.claimForTurn('monitor', 't1', clock.now())).toHaveLength(2);
    mail.settleTurn('t1', { kind: 'read' });
    send('monitor', '3');
    mail.wakeNow('monitor');
    expect(box()).toMatchObject({ due: 1, wakeAt: null });
  });

  it('of the command are kept over restarts, and taken back', () => {
    agent('lead-1', { capability: 'lead' });
    wakes.say('lead-1', null, { kind: 'batch', minutes: null });
    wakes.say('lead-1', 'question', { kind: 'now', minutes: null });
    const again = createWakeService({ mail, sessions, control, settings: () => settings, clock });
    expect(again.rules('lead-1')).toMatchObject([
      { type: null, policy: { kind: 'batch' }, source: 'command' },
      { type: 'question', policy: { kind: 'now' }, source: 'command' },
    ]);
    send('lead-1', 'news');
    expect(box()).toMatchObject({ due: 0, wakeAt: null });
    send('lead-1', 'which?', { type: 'question' });
    expect(box()).toMatchObject({ due: 2 });
    again.say('lead-1', null, null);
    again.say('lead-1', 'question', null);
    expect(control.getSetting('mail.wake')).toEqual({});
    expect(again.rules('lead-1')).toMatchObject([{ type: null, policy: { kind: 'now' }, source: 'default' }]);
  });

  it('do not hold back the first mail of an agent that has not begun, nor mailboxes without turns', () => {
    agent('lead-1', { state: 'booting' });
    settings = { ...NO_WAKE_SETTINGS, default: { kind: 'never', minutes: null } };
    send('lead-1', 'Dispatch');
    send('operator', 'for you');
    expect(wakes.boxes(clock.now())).toMatchObject([
      { agentName: 'lead-1', due: 1 },
      { agentName: 'operator', due: 1 },
    ]);
  });
});
