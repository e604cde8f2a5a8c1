import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AGENT_STATES, type AgentState } from '../../../contract/agents.ts';
import { fail } from '../../../contract/result.ts';
import { createTestFolder } from '../db/testing/folder.ts';
import { createStreamJsonParser } from '../runtimes/streamJson.ts';
import { encodeUserTurn } from '../runtimes/userTurn.ts';
import { openStores } from '../stores.ts';
import { createTurnBench, lineOf, type TurnBench, type TurnBenchOptions } from './turnBench.ts';

/** Spec 01 §2.12 "Turn", case by case; where the product decides otherwise (docs/compatibility.md) the test says so. */
let bench: TurnBench;
const set = async (options: TurnBenchOptions = {}): Promise<TurnBench> => {
  bench = await createTurnBench(options);
  return bench;
};
afterEach(() => bench.dispose());

const report = (type: 'worker_done' | 'result' | 'merged' | 'merge_failed' = 'worker_done') =>
  bench.stores.mail.insert({ from: 'ann', to: 'lead-x', subject: type, body: 'done', type });
const good = [lineOf.init('sid-1'), lineOf.result('sid-1')];
const bad = [lineOf.init('sid-1'), lineOf.result('sid-1', { is_error: true, result: 'it broke' })];

describe('turn', () => {
  it('T1, SP86: without mail nothing is started and the row stays', async () => {
    await set();
    bench.agent({ state: 'working' });
    await bench.engine.start('ann');
    expect([bench.runs.length, bench.session().state, bench.stores.turns.latestForAgent('ann')]).toEqual([
      0,
      'working',
      null,
    ]);
    expect(bench.stores.locks.read('ann').heldByPid).toBeNull();
  });

  it('T2: a first turn begins a fresh conversation, pins its id, and rests (D-02)', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const run = await bench.play(good);
    expect(run.request.argv).not.toContain('--resume');
    expect(bench.session()).toMatchObject({ state: 'between_turns', claudeSessionId: 'sid-1' });
    expect(bench.ended[0]).toMatchObject({ outcome: { kind: 'rest' }, costUsd: 0.5, runtime: 'claude' });
  });

  it('T3, T5, SP93: the id in the row is the one resumed, whatever a caller remembers; echoed, it is no mismatch', async () => {
    await set();
    bench.agent({ state: 'between_turns', claudeSessionId: 'old-id' });
    bench.stores.sessions.updateClaudeSessionId('ann', 'fresh-id');
    bench.mail('Task');
    const run = await bench.play([lineOf.init('fresh-id'), lineOf.result('fresh-id')]);
    expect(run.request.argv.slice(-2)).toEqual(['--resume', 'fresh-id']);
    expect(bench.eventsOf('resume_mismatch')).toEqual([]);
  });

  it('T4, SP93: an answer in another conversation wins and is told', async () => {
    await set();
    bench.agent({ state: 'between_turns', claudeSessionId: 'want-resume' });
    bench.mail('Task');
    await bench.play([lineOf.init('actually-new'), lineOf.result('actually-new')]);
    expect(bench.session().claudeSessionId).toBe('actually-new');
    expect(bench.eventsOf('resume_mismatch')).toMatchObject([
      { level: 'warn', requestedSessionId: 'want-resume', observedSessionId: 'actually-new' },
    ]);
  });

  it('T6: a report of an earlier turn does not hide the one of this turn', async () => {
    await set();
    bench.agent({ state: 'between_turns' });
    report();
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(...good);
    report();
    await run.end(0);
    expect(bench.session().state).toBe('completed');
  });

  it('T7: a report of an earlier turn alone does not complete this one', async () => {
    await set();
    bench.agent({ state: 'between_turns' });
    bench.stores.mail.insert({
      from: 'ann',
      to: 'lead-x',
      subject: 'early',
      body: '',
      type: 'worker_done',
      createdAt: '2020-01-01T00:00:00.000Z',
    });
    bench.mail('Task');
    await bench.play(good);
    expect(bench.session().state).toBe('between_turns');
  });

  it.each<AgentState>(['booting', 'between_turns'])(
    'T8, T10: a failed turn from %s settles at between_turns, and its mail waits (D-01)',
    async (state) => {
      await set();
      bench.agent({ state });
      const id = bench.mail('Task');
      await bench.play(bad, 1);
      expect(bench.session().state).toBe('between_turns');
      expect(bench.stores.mail.getById(id)).toMatchObject({ read: false, delivery: { state: 'queued', attempts: 1 } });
    },
  );

  it.each<AgentState>(['booting', 'between_turns'])('T9: from %s the first event says in_turn', async (state) => {
    await set();
    bench.agent({ state });
    bench.mail('Task');
    const run = await bench.turn();
    expect(bench.session().state).toBe(state);
    await run.emit(lineOf.init('sid-1'));
    expect(bench.session().state).toBe('in_turn');
    await run.end(0);
  });

  it('T11, SP88: clean without terminal mail is waiting, not dying: no worker_died (D-02)', async () => {
    await set();
    bench.agent({ parentAgent: 'lead-x' });
    bench.mail('Task');
    await bench.play(good);
    expect(bench.stores.mail.getAll({ to: 'lead-x' })).toEqual([]);
  });

  it.each([
    ['merger', 'merged', 'completed'],
    ['merger', 'merge_failed', 'completed'],
    ['merger', 'worker_done', 'between_turns'],
    ['scout', 'result', 'completed'],
    ['builder', 'worker_done', 'completed'],
  ] as const)('T12, T13, SP87, SP89, SP90: %s that sends %s is %s', async (capability, type, state) => {
    await set();
    bench.agent({ capability });
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(...good);
    report(type);
    await run.end(0);
    expect(bench.session().state).toBe(state);
  });

  it('T14, D-16: a stalled turn is interrupted, then terminated, and tried again instead of buried', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    await bench.turn();
    await bench.engine.interrupt('ann', 'stall');
    await bench.settled();
    expect(bench.terminated[0]).toEqual({ graceMs: 2_000, interruptMs: 5_000 });
    expect(bench.ended[0]).toMatchObject({ outcome: { kind: 'retry' } });
    expect(bench.stores.turns.latestForAgent('ann')).toMatchObject({ exitCode: null, signal: 15 });
  });

  it('T14, SP91: at the last attempt it is a zombie with a dead letter', async () => {
    await set({ maxAttempts: 1 });
    bench.agent();
    const id = bench.mail('Task');
    await bench.turn();
    await bench.engine.interrupt('ann', 'stall');
    await bench.settled();
    expect(bench.session().state).toBe('zombie');
    expect(bench.stores.mail.getById(id)?.delivery?.state).toBe('dead');
  });

  it('T15, SP92: every event moves the time the silence is counted from', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const run = await bench.turn();
    for (let step = 0; step < 6; step++) {
      bench.clock.advance(50_000);
      await run.emit(lineOf.text(`step ${step}`));
      expect(bench.engine.activeTurn('ann')?.lastEventAt).toBe(bench.clock.now());
    }
    await run.end(0);
  });

  it('T16, SP91: a stop in mid-turn ends it and keeps its mail', async () => {
    await set();
    bench.agent();
    const id = bench.mail('Task');
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'));
    await bench.engine.interrupt('ann', 'stop');
    await bench.settled();
    expect(bench.session().state).toBe('completed');
    expect(bench.stores.mail.getById(id)).toMatchObject({ read: false });
  });

  it.each([
    ['a process that dies', (run: Awaited<ReturnType<TurnBench['turn']>>) => run.end(null, 9), 'signal 9'],
    ['a stall', () => bench.engine.interrupt('ann', 'stall').then(() => bench.settled()), 'no sign of life'],
  ])('T17, SP91: %s for good tells the parent once, with the facts', async (_name, finish, reason) => {
    await set({ maxAttempts: 1 });
    bench.agent({ parentAgent: 'lead-x', claudeSessionId: 'sid-1', taskId: 'task-9', state: 'between_turns' });
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'));
    await finish(run);
    const told = bench.stores.mail.getAll({ to: 'lead-x' });
    expect(told).toMatchObject([{ from: 'ann', type: 'worker_died', priority: 'high', threadId: null }]);
    expect(told[0]?.subject).toBe('[RUNNER] worker_died: ann');
    const payload = JSON.parse(told[0]?.payload ?? '{}') as Record<string, string>;
    expect(payload).toMatchObject({
      agentName: 'ann',
      capability: 'builder',
      taskId: 'task-9',
      terminatedBy: 'runner',
    });
    expect(payload.reason).toContain(reason);
  });

  it('T18, SP94: without a parent nobody is told', async () => {
    await set({ maxAttempts: 1 });
    bench.agent();
    bench.mail('Task');
    await bench.play([], null, 9);
    expect(bench.session().state).toBe('zombie');
    expect(bench.stores.mail.getAll({ from: 'ann' })).toEqual([]);
  });

  it('T19: whoever has reported is not called dead, even when the process died afterwards', async () => {
    await set({ maxAttempts: 1 });
    bench.agent({ parentAgent: 'lead-x' });
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'));
    report();
    await run.end(null, 9);
    expect(bench.session().state).toBe('completed');
    expect(bench.stores.mail.getAll({ type: 'worker_died' })).toEqual([]);
  });

  it('T20, SP95: two starts of one agent at once are one turn; the other finds nothing left to do', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    await Promise.all([bench.engine.start('ann'), bench.engine.start('ann')]);
    expect(bench.runs).toHaveLength(1);
    await bench.runs[0]?.end(0);
  });

  it('T21, SP96: a process that cannot be started leaves lock, state and pid file clean, and waits for its next attempt', async () => {
    await set({ refuseRun: () => 'no more processes' });
    bench.agent();
    const id = bench.mail('Task');
    await bench.engine.start('ann');
    expect(bench.session().state).toBe('booting');
    expect(bench.stores.locks.read('ann').heldByPid).toBeNull();
    await expect(stat(join(bench.directory, 'agents', 'ann', 'turn.pid'))).rejects.toThrow('ENOENT');
    expect(bench.stores.mail.deliveryReason(id)).toBe('no more processes');
  });

  it('T22: the second turn resumes what the first has pinned', async () => {
    await set();
    bench.agent();
    bench.mail('One');
    await bench.play(good);
    bench.mail('Two');
    const second = await bench.play(good);
    expect(second.request.argv.slice(-2)).toEqual(['--resume', 'sid-1']);
  });

  it('T23: the process reads exactly one user turn, byte for byte, and then the end', async () => {
    await set();
    bench.agent();
    bench.mail('Größe', 'line one\nline two “quoted”');
    const run = await bench.turn();
    const stdin = await readFile(run.request.files.stdin, 'utf8');
    const turn = bench.stores.turns.latestForAgent('ann');
    expect(stdin).toBe(encodeUserTurn(turn?.prompt ?? ''));
    expect(stdin.trimEnd().split('\n')).toHaveLength(1);
    expect(turn?.prompt).toContain('line one\nline two “quoted”');
    await run.end(0);
  });

  it('T24: a runtime nobody knows is refused by name, and the mail becomes a dead letter for a person', async () => {
    await set({ options: { adapter: () => fail('config', 'Unknown runtime: "abacus"') } });
    bench.agent();
    const id = bench.mail('Task');
    await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(0);
    expect(bench.stores.mail.deliveryReason(id)).toBe('Unknown runtime: "abacus"');
  });

  it('T25: after a turn its pid file is gone and the activity is newer than its start', async () => {
    await set();
    const agent = bench.agent();
    bench.mail('Task');
    const run = await bench.turn();
    const pidFile = join(bench.directory, 'agents', 'ann', 'turn.pid');
    expect(await readFile(pidFile, 'utf8')).toBe('4711\n');
    await run.emit(...good);
    await run.end(0);
    expect(await readdir(join(bench.directory, 'agents', 'ann'))).toEqual([]);
    expect(bench.session().lastActivity > agent.startedAt).toBe(true);
  });

  it('T26, SP98: a pid file that cannot be written is told and hurts nobody: the lock and the pty host know the process', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    await mkdir(join(bench.directory, 'agents', 'ann', 'turn.pid'), { recursive: true });
    await bench.play(good);
    expect(bench.session().state).toBe('between_turns');
    expect(bench.logged.map((line) => line.message)).toContain('turn.pid could not be written');
  });

  it('T27: a sessions.db that is no file is refused before any turn, in one line', async () => {
    await set();
    const folder = await createTestFolder();
    await mkdir(folder.file('sessions.db'));
    const opened = await openStores(folder.path);
    expect(opened).toMatchObject({ ok: false });
    expect(opened.ok ? '' : opened.error.message).toMatch(/sessions\.db/);
    await folder.dispose();
  });

  it('T28, T31, SP97: a line that breaks the parser is an event of its own; the turn goes on and activity is stored', async () => {
    const parser = createStreamJsonParser();
    await set({
      adapter: {
        createParser: () => ({
          push(line) {
            if (line === 'poison') throw new Error('cannot read this');
            return parser.push(line);
          },
          end: () => [],
        }),
      },
    });
    const agent = bench.agent();
    bench.mail('Task');
    await bench.play([lineOf.init('sid-1'), lineOf.text('hello'), 'poison', lineOf.result('sid-1')]);
    expect(bench.eventsOf('error')).toMatchObject([{ message: expect.stringContaining('cannot read this') }]);
    expect(bench.session().state).toBe('between_turns');
    expect(bench.session().lastActivity > agent.lastActivity).toBe(true);
  });

  it('T29, T30: activity is written at the first event and then at most every two seconds', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const written = vi.spyOn(bench.stores.sessions, 'updateLastActivity');
    const run = await bench.turn();
    for (let step = 0; step < 6; step++) {
      await run.emit(lineOf.text(`step ${step}`));
      bench.clock.advance(1_000);
    }
    expect(written).toHaveBeenCalledTimes(3);
    await run.end(0);
  });

  it('T32: a shell loop that waits for mail is told, and the tool call is stored as well', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const command = 'until ov mail list; do sleep 1; done';
    await bench.play([lineOf.init('sid-1'), lineOf.bash(command), lineOf.result('sid-1')]);
    expect(bench.eventsOf('mail_poll_detected')).toMatchObject([
      { level: 'warn', reason: 'until ov mail loop', command },
    ]);
    expect(bench.eventsOf('tool_start')).toMatchObject([{ toolName: 'Bash' }]);
  });

  describe('T33: row after a turn, by the state it began in and how it ended (D-01, D-02, D-03, D-09 fixed)', () => {
    const clean: Readonly<Record<AgentState, AgentState>> = {
      booting: 'between_turns',
      working: 'working',
      in_turn: 'between_turns',
      between_turns: 'between_turns',
      stalled: 'between_turns',
      completed: 'completed',
      zombie: 'zombie',
    };
    const silent: Readonly<Record<AgentState, AgentState>> = { ...clean, booting: 'booting' };
    it.each(
      AGENT_STATES.flatMap((state) => [
        [state, 'clean', clean[state]] as const,
        [state, 'failed', clean[state]] as const,
        [state, 'silent', silent[state]] as const,
      ]),
    )('%s, %s → %s', async (state, how, after) => {
      await set();
      bench.agent({ state });
      bench.mail('Task');
      if (state === 'completed' || state === 'zombie') {
        await bench.engine.start('ann');
        expect(bench.runs).toHaveLength(0);
      } else if (how === 'silent') await bench.play([], 1);
      else await bench.play(how === 'clean' ? good : bad, how === 'clean' ? 0 : 1);
      expect(bench.session().state).toBe(after);
    });
  });

  it('T34: a stop that lands in mid-turn wins over its unclean end', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'));
    bench.stores.sessions.tryTransitionState('ann', 'completed');
    await run.end(1);
    expect(bench.session().state).toBe('completed');
    expect(bench.ended[0]?.outcome.kind).toBe('stopped');
  });
});
