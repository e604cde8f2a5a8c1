import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { actionsOf, createTestRoom, type TestRoom, writeLog } from './testRoom.ts';

let room: TestRoom;
afterEach(() => room.dispose());

/** One tool call, ended, with the same answer each time. */
function call(name: string, command: string, result = 'no change'): void {
  room.event(name, 'tool_start', { type: 'tool_use', callId: 'c1' }, { name: 'Bash', args: { command } });
  room.event(name, 'tool_end', { type: 'tool_result', toolUseId: 'c1', content: result });
}

describe('watchdog, beyond the reference', () => {
  it('an agent called dead that reports after all is done, and no longer calls for anybody', async () => {
    room = await createTestRoom();
    await room.agent('a', { tmuxSession: 'x', state: 'in_turn', pid: 7 });
    await room.pass(10);
    expect(room.session('a').state).toBe('zombie');
    const late = room.stores.mail.insert({
      from: 'a',
      to: 'boss',
      subject: 'Done: T',
      body: 'all in',
      type: 'worker_done',
    });
    if (!late.ok) throw new Error(late.error.message);
    room.watchdog.sawMail([late.value.id]);
    await room.pass(10);
    expect(room.session('a').state).toBe('completed');
    expect(actionsOf(room, 'a')).toContain('live lateReport: accepted its late report');
  });

  it('a machine that slept for eight hours, and a clock set back or forward, are no silence', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(20);
    room.jump(8 * 3_600_000, 0);
    await room.watchdog.tick();
    room.jump(8 * 3_600_000, 8 * 3_600_000);
    await room.watchdog.tick();
    room.jump(-5 * 3_600_000, 0);
    await room.watchdog.tick();
    expect(room.interrupted).toEqual([]);
    expect(room.evidence.get('a')?.verdict).not.toBe('dead');
    // The longest step of awake time is twenty seconds here: one more look at most, never hours.
    expect(room.nudges).toEqual([]);
  });

  it('an engine that starts anew gives every agent the whole way up the ladder', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(100);
    room.jump(3_600_000, 0);
    room.restart();
    await room.watchdog.tick();
    await room.watchdog.tick();
    expect(room.interrupted).toEqual([]);
    await room.pass(150);
    expect(room.interrupted).toEqual(['a']);
  });

  it('processor use of the agent’s process tree, output and files each keep it from being stalled', async () => {
    room = await createTestRoom();
    for (const name of ['cpu', 'output', 'file', 'nothing']) {
      await room.agent(name);
      room.inTurn(name);
    }
    for (let round = 0; round < 9; round += 1) {
      await room.pass(10);
      const pid = room.terminals.get('cpu')?.pid ?? 0;
      const child = { pid: pid + 1, parent: pid, session: pid + 1, startTime: 'c', ticks: 50 * round };
      room.processes.set(child.pid, child);
      const output = room.terminals.get('output');
      if (output !== undefined) room.terminals.set('output', { ...output, bytes: output.bytes + 10 });
      await writeFile(join(room.session('file').worktreePath, `f${round}.txt`), 'x');
      // Files carry the machine's time; the room's clock runs ahead of it.
    }
    expect(['cpu', 'output', 'nothing'].map((name) => room.session(name).state)).toEqual([
      'in_turn',
      'in_turn',
      'stalled',
    ]);
    expect(room.evidence.get('cpu')?.signals.process).toMatchObject({
      state: 'fresh',
      detail: expect.stringContaining('1 below'),
    });
  });

  it('an agent that repeats itself is looping: a person is called, its turn is not ended unless the rule is live', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    for (let round = 0; round < 40; round += 1) {
      call('a', 'npm test', `3 failed in ${round} s`);
      await room.pass(10);
    }
    expect(room.evidence.get('a')).toMatchObject({ verdict: 'looping' });
    expect(room.stores.watchdog.openFindings()).toMatchObject([{ kind: 'loop', agentName: 'a' }]);
    expect(actionsOf(room, 'a')).toEqual([
      'live looping: called the operator',
      'live nudge: nudged',
      'shadow endLoop: ended its turn',
    ]);
    expect(room.interrupted).toEqual([]);
    room.watchdog.setRule('endLoop', 'live');
    for (let round = 0; round < 10; round += 1) {
      call('a', 'npm test', `3 failed in ${round} s`);
      await room.pass(10);
    }
    expect(room.interrupted).toEqual(['a']);
  });

  it('the same call again is no loop while files, commits or mails come about', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    for (let round = 0; round < 30; round += 1) {
      call('a', 'npm test', '3 failed');
      if (round % 4 === 0) {
        const sent = room.stores.mail.insert({ from: 'a', to: 'boss', subject: `s${round}`, body: 'b' });
        if (sent.ok) room.watchdog.sawMail([sent.value.id]);
      }
      await room.pass(10);
    }
    expect(actionsOf(room, 'a')).toEqual([]);
  });

  it('a question in prose at the end of a turn calls a person, until the next turn', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    room.jump(1_000, 1_000);
    room.event('a', 'result', { type: 'result', result: 'Both ways work.\n\nShould I use the first one?' });
    room.endTurn('a', 'rest');
    room.watchdog.turnEnded('a');
    await room.pass(10);
    expect(room.stores.watchdog.openFindings()).toMatchObject([
      { kind: 'question', title: 'Should I use the first one?' },
    ]);
    const [finding] = room.stores.watchdog.openFindings();
    expect(room.watchdog.closeQuestion(finding?.id ?? '')).toBe('a');
    expect(room.watchdog.closeQuestion(finding?.id ?? '')).toBeNull();
  });

  it('shadow mode records what would be done, and does nothing', async () => {
    room = await createTestRoom({}, { shadow: ['stalled', 'nudge', 'endTurn', 'gone', 'runComplete'] });
    await room.agent('a');
    room.inTurn('a');
    await room.agent('d', { tmuxSession: 'x', state: 'in_turn', pid: 7, parentAgent: 'boss' });
    const before = room.session('a');
    await room.pass(400);
    expect(room.session('a')).toEqual(before);
    expect(room.session('d').state).toBe('in_turn');
    expect([room.nudges.length, room.interrupted.length, room.stores.mail.getAll().length]).toEqual([0, 0, 0]);
    expect(actionsOf(room, 'a')).toEqual([
      'shadow stalled: marked stalled',
      'shadow nudge: nudged',
      'shadow endTurn: ended its turn',
    ]);
    expect(room.watchdog.rules().rules.find((rule) => rule.rule === 'endTurn')).toMatchObject({
      mode: 'shadow',
      preset: 'shadow',
      shadowed: 1,
      acted: 0,
    });
    room.watchdog.setRule('endTurn', 'live');
    await room.pass(70);
    expect(room.interrupted).toEqual(['a']);
  });

  it('a turn whose process is gone without a word, or whose end nobody was told of, is settled by the engine', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    await room.pass(20);
    expect(room.reconciled).toEqual([]);
    const terminal = room.terminals.get('a');
    room.processes.delete(terminal?.pid ?? 0);
    await room.pass(10);
    expect(room.reconciled).toHaveLength(1);
    expect(room.interrupted).toEqual([]);
    if (terminal !== undefined) room.terminals.set('a', { ...terminal, running: false, pid: null });
    await room.pass(10);
    expect(room.reconciled).toHaveLength(2);
  });

  it('a rate limit of a quarter of an hour is waited for, and silence counts from its end', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    room.announce('a', 900);
    await room.watchdog.tick();
    await room.pass(900);
    expect(room.evidence.get('a')?.verdict).toBe('healthy');
    expect(actionsOf(room, 'a')).toEqual([]);
    await room.pass(50);
    expect(room.evidence.get('a')?.verdict).toBe('stalled');
  });

  it.each([
    ['forward, as by a machine that slept', 8 * 3_600_000],
    ['back', -8 * 3_600_000],
  ])('a clock that jumps %s ends no announced silence early and makes none last', async (_where, jump) => {
    room = await createTestRoom();
    await room.agent('a');
    room.inTurn('a');
    room.announce('a', 900);
    await room.watchdog.tick();
    await room.pass(100);
    room.jump(jump, 0);
    await room.pass(790);
    expect(actionsOf(room, 'a')).toEqual([]);
    expect(room.evidence.get('a')?.verdict).toBe('waiting');
    await room.pass(70);
    expect(room.evidence.get('a')?.verdict).toBe('stalled');
  });

  it('a turn is ended once, even when its process was still seen by a look that ran into the end', async () => {
    room = await createTestRoom();
    await room.agent('a');
    const { turnId } = room.inTurn('a');
    // The process is gone a while before the turn is settled.
    room.onInterrupt = async () => {
      const terminal = room.terminals.get('a');
      await ending;
      if (terminal !== undefined) room.terminals.set('a', { ...terminal, running: false });
    };
    let end = (): void => {};
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    await room.pass(220);
    expect(room.interrupted).toEqual(['a']);
    // The next look reads the processes, and only then the end is over.
    room.beforeProcesses = async () => {
      end();
      await new Promise((next) => setImmediate(next));
    };
    room.jump(60_000, 60_000);
    await room.watchdog.tick();
    expect(room.interrupted).toEqual(['a']);
    expect(actionsOf(room, 'a').filter((action) => action.includes('ended its turn'))).toHaveLength(1);
    expect(room.stores.turns.get(turnId)?.state).toBe('running');
  });

  it('due mail without a turn is found within S and wakes the dispatcher', async () => {
    room = await createTestRoom();
    await room.agent('a');
    room.stores.mail.insert({ from: 'operator', to: 'a', subject: 's', body: 'b' });
    await room.pass(50);
    expect(room.evidence.get('a')).toMatchObject({ verdict: 'stalled' });
    await room.pass(70);
    expect(actionsOf(room, 'a')).toContain('live waitingMail: woke the dispatcher');
    expect(room.interrupted).toEqual([]);
  });

  it('a model is asked again only when the evidence changed, and its cost is counted apart', async () => {
    room = await createTestRoom({ tier1Enabled: true, zombieThresholdMs: 3_600_000, maxEscalationLevel: 2 });
    await room.agent('a');
    room.inTurn('a');
    await writeLog(room, 'a');
    await room.pass(600);
    expect(room.asked).toHaveLength(1);
    expect(room.watchdog.rules().triage).toMatchObject({ asked: 1, failed: 0, charactersOut: 6, tokensOut: 2 });
  });

  it('an agent nothing happens to sends nothing to faces', async () => {
    room = await createTestRoom();
    await room.agent('a');
    await room.pass(20);
    const before = room.published.length;
    await room.pass(600);
    expect(room.published.length - before).toBe(0);
  });
});
