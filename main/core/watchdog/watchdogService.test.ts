import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fail, ok } from '../../../contract/result.ts';
import { actionsOf, createTestRoom, type TestRoom, writeLog } from './testRoom.ts';

let room: TestRoom;
afterEach(() => room.dispose());

const events = (name: string): Record<string, unknown>[] =>
  room.stores.events
    .tail({ agentName: name, limit: 100 })
    .filter((row) => row.eventType === 'custom')
    .map((row) => ({ level: row.level, ...(JSON.parse(row.data ?? '{}') as object) }));

describe('watchdog, spec 01 §4.11', () => {
  it('W1: without agents nothing happens', async () => {
    room = await createTestRoom();
    await room.watchdog.tick();
    expect(room.evidence.size).toBe(0);
    expect(room.watchdog.status().lastTickAt).not.toBeNull();
  });

  it('W2: a healthy agent is seen and left as it is', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    const before = room.session('a');
    await room.pass(10);
    expect(room.evidence.get('a')).toMatchObject({ verdict: 'healthy', level: null });
    expect(room.session('a')).toEqual(before);
    expect(actionsOf(room, 'a')).toEqual([]);
  });

  it('W3: an agent with a terminal of its own whose process is gone is dead; nothing is killed', async () => {
    room = await createTestRoom();
    await room.agent('a', { tmuxSession: 'agent:a', state: 'working', pid: 5 });
    await room.pass(10);
    expect(room.session('a')).toMatchObject({ state: 'zombie', tmuxSession: '' });
    expect(room.interrupted).toEqual([]);
  });

  it('W4, W9: a silent turn climbs the ladder and is ended within Z, and not before it was nudged', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(30);
    expect(room.session('a').state).toBe('in_turn');
    await room.pass(20);
    expect(room.session('a')).toMatchObject({ state: 'stalled', escalationLevel: 0 });
    expect(room.session('a').stalledSince).not.toBeNull();
    expect([room.nudges.length, room.interrupted.length]).toEqual([0, 0]);
    await room.pass(110);
    expect(room.interrupted).toEqual(['a']);
    expect(room.nudges).toHaveLength(1);
    expect(actionsOf(room, 'a')).toEqual([
      'live stalled: marked stalled',
      'live nudge: nudged',
      'live endTurn: ended its turn',
    ]);
    expect(room.session('a')).toMatchObject({ state: 'between_turns', escalationLevel: 0, stalledSince: null });
  });

  it('W5: the first stale look marks it at level 0 and does nothing else', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(50);
    expect(events('a')).toMatchObject([{ type: 'escalation', escalationLevel: 0, level: 'warn', mode: 'live' }]);
    expect([room.nudges.length, room.interrupted.length]).toEqual([0, 0]);
  });

  it('W6: one nudge at level 1, and only one', async () => {
    room = await createTestRoom({ zombieThresholdMs: 3_600_000, maxEscalationLevel: 1 });
    await room.agent('a');
    room.inTurn('a');
    await room.pass(300);
    expect(room.nudges).toEqual([{ agentName: 'a', message: expect.stringContaining('[WATCHDOG]') }]);
    expect(room.session('a').escalationLevel).toBe(1);
    expect(room.interrupted).toEqual([]);
  });

  it('W7, W24: with tier 1 a model that says terminate has the turn ended at level 2', async () => {
    room = await createTestRoom({ tier1Enabled: true, zombieThresholdMs: 3_600_000 });
    await room.agent('a');
    room.inTurn('a');
    await writeLog(room, 'a');
    room.answer = ok({ text: 'terminate' });
    await room.pass(180);
    await expect.poll(() => room.interrupted).toEqual(['a']);
    expect(room.asked).toEqual(['a']);
    expect(
      room.stores.watchdog
        .actionsOf('a', 10)
        .map((one) => one.reason)
        .join(),
    ).toContain('AI triage');
  });

  it('W8: without tier 1 level 2 asks nobody', async () => {
    room = await createTestRoom({ zombieThresholdMs: 3_600_000, maxEscalationLevel: 2 });
    await room.agent('a');
    room.inTurn('a');
    await room.pass(400);
    expect(room.asked).toEqual([]);
    expect(room.session('a')).toMatchObject({ state: 'stalled', escalationLevel: 2 });
  });

  it('W10: retry sends one recovery nudge; the agent stays stalled', async () => {
    room = await createTestRoom({ tier1Enabled: true, zombieThresholdMs: 3_600_000, maxEscalationLevel: 2 });
    await room.agent('a');
    room.inTurn('a');
    await writeLog(room, 'a');
    room.answer = ok({ text: 'retry' });
    await room.pass(400);
    expect(room.nudges.map((one) => one.message).filter((message) => message.includes('Recovery'))).toHaveLength(1);
    expect(room.session('a').state).toBe('stalled');
  });

  it('W11, D-17: fresh evidence takes a stalled agent back and resets its counters', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(110);
    expect(room.session('a')).toMatchObject({ state: 'stalled', escalationLevel: 1 });
    room.event('a', 'progress', { type: 'assistant_message', text: 'Still here.' });
    await room.pass(10);
    expect(room.session('a')).toMatchObject({ state: 'in_turn', escalationLevel: 0, stalledSince: null });
    expect(room.evidence.get('a')).toMatchObject({ verdict: 'healthy', level: null });
    expect(room.interrupted).toEqual([]);
  });

  it('W12, W13: an agent that rests is never escalated, let alone killed (deviates)', async () => {
    room = await createTestRoom();
    await room.agent('a');
    await room.pass(2_000);
    expect(room.session('a').state).toBe('between_turns');
    expect(actionsOf(room, 'a')).toEqual([]);
    expect(room.evidence.get('a')?.verdict).toBe('waiting');
  });

  it('W14: healthy, dead, stale and completed agents side by side', async () => {
    room = await createTestRoom();
    for (const name of ['healthy', 'stale']) {
      await room.agent(name);
      room.inTurn(name);
    }
    await room.agent('dead', { tmuxSession: 'x', state: 'in_turn', pid: 7 });
    await room.agent('done', { state: 'completed' });
    await room.pass(40);
    room.event('healthy', 'progress', { text: 'x' });
    await room.pass(10);
    expect(['healthy', 'stale', 'dead', 'done'].map((name) => room.session(name).state)).toEqual([
      'in_turn',
      'stalled',
      'zombie',
      'completed',
    ]);
  });

  it('W15: events of the levels, with the run and a mark of their author', async () => {
    room = await createTestRoom({ tier1Enabled: true, zombieThresholdMs: 3_600_000 });
    await room.agent('a', { runId: 'run-1' });
    room.inTurn('a');
    room.answer = fail('unavailable', 'no such command');
    await writeLog(room, 'a');
    await room.pass(260);
    expect(events('a')).toMatchObject([
      { type: 'escalation', escalationLevel: 0, level: 'warn', author: 'watchdog' },
      { type: 'nudge', escalationLevel: 1 },
      { type: 'triage', escalationLevel: 2, action: 'asked a model' },
      { type: 'triage', escalationLevel: 2, verdict: 'extend', triageFailed: true },
      { type: 'escalation', escalationLevel: 3, level: 'error' },
    ]);
    expect(room.stores.events.tail({ runId: 'run-1', limit: 100 }).length).toBeGreaterThan(4);
  });

  it('W17: what is done is recorded with the evidence that led to it; retry and extend are no failure', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(170);
    const ended = room.stores.watchdog.actionsOf('a', 10).find((one) => one.rule === 'endTurn');
    expect(ended).toMatchObject({ level: 3, outcome: expect.stringContaining('tried again') });
    expect(ended?.evidence?.signals).toMatchObject({
      process: { state: 'quiet' },
      terminal: { state: 'quiet' },
      events: { state: 'quiet' },
      git: { state: 'quiet' },
    });
  });

  it('W18, D-07: the agent’s own event keeps it healthy; the watchdog’s never do', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    for (let round = 0; round < 10; round += 1) {
      await room.pass(20);
      room.event('a', 'progress', { text: `step ${'ab'[round % 2]}${round}` });
    }
    expect(actionsOf(room, 'a')).toEqual([]);
    for (let round = 0; round < 3; round += 1) {
      await room.pass(20);
      room.event('a', 'custom', { type: 'escalation', author: 'watchdog' });
      room.event('a', 'custom', { type: 'nudge', from: 'operator' });
    }
    expect(room.session('a').state).toBe('stalled');
  });

  it('W20, W23: a process table that cannot be read is unknown: stalled, nudged, never ended', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    room.processTable = false;
    await room.pass(1_000);
    expect(room.evidence.get('a')).toMatchObject({ verdict: 'stalled', signals: { process: { state: 'unknown' } } });
    expect(room.interrupted).toEqual([]);
    expect(room.nudges).toHaveLength(1);
  });

  it('W21: at most three triages in one tick', async () => {
    room = await createTestRoom({ tier1Enabled: true, zombieThresholdMs: 3_600_000 });
    for (const name of ['a', 'b', 'c', 'd']) {
      await room.agent(name);
      room.inTurn(name);
      await writeLog(room, name);
    }
    let most = 0;
    for (let ticks = 0; ticks < 20; ticks += 1) {
      const before = room.asked.length;
      await room.pass(10);
      most = Math.max(most, room.asked.length - before);
    }
    expect(most).toBe(3);
    expect([...room.asked].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('W24: worker_died reaches the parent once; not without a parent, not when switched off', async () => {
    room = await createTestRoom();
    await room.agent('a', { tmuxSession: 'x', state: 'in_turn', pid: 7, parentAgent: 'boss' });
    await room.agent('b', { tmuxSession: 'x', state: 'in_turn', pid: 8 });
    await room.pass(40);
    const died = room.stores.mail.getAll({ to: 'boss' });
    expect(died).toHaveLength(1);
    expect(died[0]).toMatchObject({
      type: 'worker_died',
      from: 'a',
      priority: 'high',
      subject: '[WATCHDOG] worker_died: a',
    });
    expect(JSON.parse(died[0]?.payload ?? '{}')).toMatchObject({ terminatedBy: 'tier0' });
    expect(room.stores.mail.getAll()).toHaveLength(1);
    await room.dispose();
    room = await createTestRoom({ notifyParentOnDeath: false });
    await room.agent('a', { tmuxSession: 'x', state: 'in_turn', pid: 7, parentAgent: 'boss' });
    await room.pass(40);
    expect(room.session('a').state).toBe('zombie');
    expect(room.stores.mail.getAll()).toEqual([]);
  });

  it('D-05: a dead agent is acted on once, however often it is looked at', async () => {
    room = await createTestRoom();
    await room.agent('a', { tmuxSession: 'x', state: 'in_turn', pid: 7, parentAgent: 'boss' });
    await room.pass(600);
    expect(actionsOf(room, 'a')).toEqual(['live gone: recorded as dead']);
  });

  it('D-06: looking at why, at rules and at evidence writes nothing', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(40);
    room.jump(50_000, 50_000);
    const before = [room.session('a'), room.stores.events.lastId(), actionsOf(room, 'a')];
    for (let look = 0; look < 5; look += 1) {
      expect(room.watchdog.why('a').ok).toBe(true);
      room.watchdog.rules();
    }
    expect([room.session('a'), room.stores.events.lastId(), actionsOf(room, 'a')]).toEqual(before);
    expect(room.watchdog.why('nobody')).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });

  it('D-08: ticks never overlap', async () => {
    room = await createTestRoom();
    const first = room.watchdog.tick();
    expect(room.watchdog.tick()).toBe(first);
    await first;
  });

  it('W32: a row that became completed meanwhile stays completed, and no parent hears of a death', async () => {
    room = await createTestRoom();
    await room.agent('a', { tmuxSession: 'x', state: 'in_turn', pid: 7, parentAgent: 'boss' });
    const tick = room.watchdog.tick();
    room.stores.sessions.tryTransitionState('a', 'completed');
    await tick;
    expect(room.session('a').state).toBe('completed');
    expect(room.stores.mail.getAll()).toEqual([]);
  });

  it('W26, W28, W29, W31: the coordinator hears once that its workers have ended, and the marker names the run', async () => {
    room = await createTestRoom();
    await run(['a', 'b']);
    await room.pass(40);
    expect(room.nudges).toEqual([
      {
        agentName: 'coordinator',
        message: '[WATCHDOG] All 2 builders in run run-1 have completed. Awaiting lead verification.',
      },
    ]);
    expect(events('watchdog')).toMatchObject([
      { type: 'run_complete', level: 'info', capabilities: ['builder'], phase: 'builder', completedAgents: ['a', 'b'] },
    ]);
  });

  it('D-19: an announcement that does not arrive is made again', async () => {
    room = await createTestRoom();
    await run(['a']);
    room.nudgeArrives = false;
    await room.pass(20);
    room.nudgeArrives = true;
    await room.pass(20);
    expect(room.nudges).toHaveLength(3);
  });

  it('W30: a run nobody knows is no reason to do anything', async () => {
    room = await createTestRoom();
    await writeFile(join(room.stores.connections.sessions.path, '..', 'current-run.txt'), 'run-unknown');
    await room.pass(20);
    expect(room.nudges).toEqual([]);
  });

  it('a run is really completed once its coordinator was told and has rested, and goes on when a worker comes after all', async () => {
    room = await createTestRoom();
    await run(['a']);
    await room.pass(100);
    expect(room.stores.runs.getRun('run-1')).toMatchObject({ status: 'completed' });
    expect(room.nudges).toHaveLength(1);
    await room.agent('late', { runId: 'run-1', parentAgent: 'coordinator' });
    await room.pass(10);
    expect(room.stores.runs.getRun('run-1')).toMatchObject({ status: 'active', completedAt: null });
  });
});

/** A run with a resting coordinator and completed builders. */
async function run(builders: readonly string[]): Promise<void> {
  room.stores.runs.createRun({
    id: 'run-1',
    startedAt: new Date(room.now()).toISOString(),
    coordinatorSessionId: null,
    coordinatorName: 'coordinator',
    status: 'active',
  });
  await writeFile(join(room.stores.connections.sessions.path, '..', 'current-run.txt'), 'run-1');
  await room.agent('coordinator', { capability: 'coordinator', runId: 'run-1' });
  for (const name of builders)
    await room.agent(name, { runId: 'run-1', state: 'completed', parentAgent: 'coordinator' });
}
