import { afterEach, describe, expect, it } from 'vitest';
import { AGENT_STATES, CAPABILITIES } from '../../../contract/agents.ts';
import { timestamp } from '../../platform/clock.ts';
import { createLifecycle } from '../agents/lifecycle.ts';
import { NO_CHANGES } from '../changes.ts';
import { createMailService } from '../mail/mailService.ts';
import { encodeUserTurn } from '../runtimes/userTurn.ts';
import { createTurnBench, lineOf, type TurnBench, type TurnBenchOptions } from './turnBench.ts';
import { beacon, turnPrompt } from './turnPrompt.ts';

/** Spec 01 §2.12 "Dispatch and formatting" (M1 to M4 are in mail/mailFormat.test.ts, M19 in turnOutcome.test.ts). */
let bench: TurnBench;
const set = async (options: TurnBenchOptions = {}): Promise<TurnBench> => {
  bench = await createTurnBench(options);
  return bench;
};
afterEach(() => bench.dispose());

const good = [lineOf.init('sid-1'), lineOf.result('sid-1')];
const bad = [lineOf.init('sid-1'), lineOf.result('sid-1', { is_error: true, result: 'it broke' })];
const stateOf = (id: string) => bench.stores.mail.getById(id)?.delivery?.state;
const isRead = (id: string) => bench.stores.mail.getById(id)?.read;
/** Lets everything that waits for the next turn of the event loop happen. */
const loops = async (): Promise<void> => {
  for (let times = 0; times < 5; times++) await new Promise((resolve) => setImmediate(resolve));
};
const begun = async (count: number): Promise<void> => {
  while (bench.runs.length < count || bench.engine.activeTurn('ann') === null)
    await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('mail becomes turns', () => {
  it('M5: several mails to one agent are one turn, in order, and all are read by it', async () => {
    await set();
    bench.agent();
    const [one, two] = [bench.mail('First', 'alpha'), bench.mail('Second', 'beta')];
    await bench.play(good);
    const prompt = bench.stores.turns.latestForAgent('ann')?.prompt ?? '';
    expect(prompt.indexOf('First')).toBeGreaterThan(-1);
    expect(prompt.indexOf('Second')).toBeGreaterThan(prompt.indexOf('First'));
    expect([isRead(one), isRead(two), bench.runs.length]).toEqual([true, true, 1]);
  });

  it('M6: a failed turn leaves its mail unread, with a growing wait and an end (D-09)', async () => {
    await set({ maxAttempts: 3 });
    bench.agent({ parentAgent: 'lead-x' });
    const id = bench.mail('Task');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await bench.play(bad, 1);
      const next = bench.stores.mail.getById(id)?.delivery?.nextAttemptAt;
      if (next !== null && next !== undefined) waits.push(Date.parse(next) - bench.clock.now());
      bench.clock.advance(60_000);
    }
    expect(waits).toEqual([1_000, 2_000]);
    expect([isRead(id), stateOf(id), bench.session().state]).toEqual([false, 'dead', 'zombie']);
    expect(bench.stores.mail.getAll({ type: 'worker_died' })).toHaveLength(1);
  });

  it('M6: mail that waits for its next attempt starts nothing before its time', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    await bench.play(bad, 1);
    await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(1);
    bench.clock.advance(1_000);
    await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(2);
  });

  it('M6: a clock that was set back makes nobody wait longer', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    await bench.play(bad, 1);
    bench.clock.advance(-3_600_000);
    bench.dispatcher.open();
    await begun(2);
    await bench.runs[1]?.end(0);
  });

  it('M7: without mail nobody is started', async () => {
    await set();
    bench.agent();
    bench.dispatcher.open();
    await loops();
    expect(bench.runs).toHaveLength(0);
  });

  it('M8: a closed dispatcher starts nothing more', async () => {
    await set();
    bench.agent();
    bench.dispatcher.open();
    bench.dispatcher.close();
    bench.mail('Task');
    bench.dispatcher.wake();
    await loops();
    expect(bench.runs).toHaveLength(0);
  });

  it('M9: an agent that is over keeps its mail unread', async () => {
    await set();
    bench.agent({ state: 'completed' });
    const id = bench.mail('Task');
    bench.dispatcher.open();
    await loops();
    expect([bench.runs.length, isRead(id)]).toEqual([0, false]);
  });

  it('M10: an agent that ends with its first batch leaves what came after it', async () => {
    await set();
    bench.agent();
    bench.mail('First');
    const run = await bench.turn();
    const later = bench.mail('Later');
    bench.stores.sessions.tryTransitionState('ann', 'completed');
    await run.emit(...good);
    await run.end(0);
    bench.dispatcher.open();
    await loops();
    expect([bench.runs.length, isRead(later)]).toEqual([1, false]);
  });

  it('D-11: an agent that is started again under its name gets its mail at once, with what it was started with now', async () => {
    await set();
    bench.agent();
    bench.mail('First');
    await bench.play(good);
    bench.stores.sessions.tryTransitionState('ann', 'completed');
    bench.agent({ id: 'session-2', worktreePath: `${bench.directory}/second`, taskId: 'T-2' });
    bench.mail('Second');
    bench.clock.advance(1_000);
    bench.dispatcher.open();
    await begun(2);
    expect(bench.runs[1]?.request.cwd).toBe(`${bench.directory}/second`);
    expect(bench.stores.turns.latestForAgent('ann')).toMatchObject({ sessionId: 'session-2', taskId: 'T-2' });
    await bench.runs[1]?.end(0);
  });

  it('M11: mail that comes during a turn waits for its end, however often somebody looks, and is then one turn', async () => {
    await set();
    bench.agent();
    bench.mail('First');
    const run = await bench.turn();
    const later = [bench.mail('Second'), bench.mail('Third')];
    for (let look = 0; look < 3; look++) await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(1);
    await run.emit(...good);
    await run.end(0);
    const next = await bench.turn();
    expect(later.map(stateOf)).toEqual(['injected', 'injected']);
    await next.emit(...good);
    await next.end(0);
    expect([bench.runs.length, ...later.map(isRead)]).toEqual([2, true, true]);
  });

  it.each(['coordinator', 'orchestrator', 'monitor'])(
    'M12, M13: a %s is woken like everybody else: its batch is one turn, read only when that went well',
    async (capability) => {
      await set();
      bench.agent({ capability, state: 'between_turns', taskId: '' });
      const ids = [bench.mail('One'), bench.mail('Two')];
      await bench.play(bad, 1);
      expect(ids.map(isRead)).toEqual([false, false]);
      bench.clock.advance(2_000);
      await bench.play(good);
      expect(ids.map(isRead)).toEqual([true, true]);
    },
  );

  it('M14: one builder with unread mail gets its turn as soon as the dispatcher looks', async () => {
    await set();
    bench.agent({ state: 'working' });
    bench.mail('Task', 'the body of it');
    bench.dispatcher.open();
    await begun(1);
    expect(bench.stores.turns.latestForAgent('ann')?.prompt).toContain('the body of it');
    await bench.runs[0]?.end(0);
  });

  it('M15: who gets turns: every role, in every state that is not over, with no terminal of its own (D-04)', async () => {
    await set();
    for (const capability of CAPABILITIES)
      for (const state of AGENT_STATES)
        for (const tmuxSession of ['', 'tmux-1']) {
          bench.agent({ capability, state, tmuxSession });
          const before = bench.runs.length;
          bench.mail('Task');
          bench.clock.advance(100_000);
          await bench.engine.start('ann');
          const eligible = state !== 'completed' && state !== 'zombie' && tmuxSession === '';
          expect([capability, state, tmuxSession, bench.runs.length - before]).toEqual([
            capability,
            state,
            tmuxSession,
            eligible ? 1 : 0,
          ]);
          if (eligible) await bench.runs.at(-1)?.end(null, 9);
        }
  }, 180_000);

  it('M16: a turn knows its agent, worktree, task, run and project', async () => {
    await set();
    bench.agent({ taskId: 'task-7', runId: 'run-3' });
    bench.mail('Task');
    const run = await bench.turn();
    expect(run.request).toMatchObject({ agentName: 'ann', cwd: bench.directory });
    expect(run.request.env).toMatchObject({
      OVERSTORY_AGENT_NAME: 'ann',
      OVERSTORY_WORKTREE_PATH: bench.directory,
      OVERSTORY_TASK_ID: 'task-7',
      OVERSTORY_PROJECT_ROOT: bench.directory,
      // Nested-session markers never reach an agent (D-13).
      CLAUDECODE: '',
    });
    expect(bench.stores.turns.latestForAgent('ann')).toMatchObject({ runId: 'run-3', sessionId: 'session-1-ann' });
    await run.end(0);
  });

  it.each(['plain', 'two\nlines', 'quotes " and \\ and \u2028'])('M17: %j is one JSON line', (text) => {
    const encoded = encodeUserTurn(text);
    expect(encoded.endsWith('\n') && encoded.indexOf('\n') === encoded.length - 1).toBe(true);
    expect(JSON.parse(encoded)).toEqual({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } });
  });

  it('M18, SP24, CT71: note, mail and beacon in that order, divided; what is absent leaves no divider', () => {
    const facts = { agentName: 'ann', capability: 'builder', taskId: 't', depth: 1, parent: 'boss', at: 'now' };
    const line = beacon({ ...facts, instructionPath: 'AGENTS.md' });
    expect(line.split(' — ')).toHaveLength(3);
    expect(turnPrompt({ note: 'N', mail: 'M', beacon: 'B' })).toBe('N\n\n---\n\nM\n\n---\n\nB');
    expect(turnPrompt({ note: null, mail: 'M', beacon: 'B' })).toBe('M\n\n---\n\nB');
    expect(turnPrompt({ note: 'N', mail: '', beacon: 'B' })).toBe('N\n\n---\n\nB');
    expect(turnPrompt({ note: null, mail: '', beacon: line })).toBe(line);
  });
});

describe('nudge', () => {
  function lifecycle() {
    const { stores, engine, holds, clock, directory } = bench;
    const mailService = createMailService({ overstoryDirectory: directory, ...stores, changes: NO_CHANGES });
    return createLifecycle({
      log: () => {},
      clock,
      ...stores,
      mailService,
      engine,
      holds,
      takeOvers: { drop: async () => {} } as never,
      changes: NO_CHANGES,
      wake: () => {},
    });
  }

  it('M20, CT23, CT25: delivered to a resting agent, queued for one in a turn; repeated ones are never dropped', async () => {
    await set();
    bench.agent({ state: 'between_turns' });
    const agents = lifecycle();
    expect(await agents.nudge('ann', 'hello', 'operator')).toMatchObject({ value: { delivered: true, queued: false } });
    const run = await bench.turn();
    expect(await agents.nudge('ann', 'again', 'operator')).toMatchObject({ value: { delivered: true, queued: true } });
    expect(await agents.nudge('ann', 'again', 'operator')).toMatchObject({ value: { delivered: true, queued: true } });
    expect(bench.eventsOf('nudge')).toHaveLength(3);
    await run.emit(...good);
    await run.end(0);
    const next = await bench.turn();
    expect(bench.stores.turns.latestForAgent('ann')?.prompt.match(/again/g)).toHaveLength(2);
    await next.end(0);
  });

  it.each(['builder', 'scout', 'coordinator'])('M21, CT26: a %s gets one turn with the words', async (capability) => {
    await set();
    bench.agent({ capability, state: 'between_turns' });
    await lifecycle().nudge('ann', 'wake up please', 'operator');
    const run = await bench.turn();
    expect(bench.stores.turns.latestForAgent('ann')?.prompt).toContain('wake up please');
    await run.end(0);
  });

  it('M21: a nudge ends the waiting of a failed turn', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    await bench.play(bad, 1);
    await lifecycle().nudge('ann', 'now', 'operator');
    await bench.turn();
    expect(bench.runs).toHaveLength(2);
    await bench.runs[1]?.end(0);
  });

  it.each(['zombie', 'completed'] as const)(
    'M22, CT18: a %s agent is not nudged, and the way back is named',
    async (state) => {
      await set();
      bench.agent({ state, taskId: 'task-1' });
      expect(await lifecycle().nudge('ann', 'hello', 'operator')).toEqual({
        ok: true,
        value: {
          delivered: false,
          queued: false,
          reason: `No active session of ann (state: ${state}); start it again with "ov sling task-1 --capability builder --recover"`,
        },
      });
    },
  );

  it('M22, CT17, CT20: a nudge to nobody says so', async () => {
    await set();
    expect(await lifecycle().nudge('nobody', 'hello', 'operator')).toMatchObject({
      ok: false,
      error: { tag: 'notFound' },
    });
  });
});

describe('holds', () => {
  const loginMissing = lineOf.result('sid-1', { is_error: true, result: 'Not logged in · Please run /login' });
  const limit = (until: number) =>
    lineOf.result('sid-1', { is_error: true, result: `usage limit reached|${Math.floor(until / 1_000)}` });

  it('a missing login stops all further turns at once, uncounted, until somebody retries', async () => {
    await set({ maxAttempts: 1 });
    bench.agent();
    const id = bench.mail('Task');
    await bench.play([lineOf.init('sid-1'), loginMissing], 1);
    expect(bench.session().state).toBe('between_turns');
    expect(bench.holds.get('ann')).toMatchObject({ kind: 'needsLogin', until: null, runtime: 'claude' });
    expect(bench.holds.get('ann')?.reason).toContain('ov retry ann');
    expect(bench.stores.mail.getById(id)?.delivery).toMatchObject({ state: 'queued', attempts: 0 });
    expect(bench.ended[0]).toMatchObject({ failure: { kind: 'needsLogin' }, outcome: { kind: 'held' } });
    bench.clock.advance(3_600_000);
    await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(1);
    bench.holds.remove('ann');
    await bench.play(good);
    expect(isRead(id)).toBe(true);
  });

  it('a 401 that is announced twice is not waited out: the turn is interrupted and a login asked for', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'), lineOf.retry(401, 1));
    expect(bench.engine.activeTurn('ann')?.doing).toBe('its account is refused (401)');
    expect(bench.terminated).toEqual([]);
    await run.emit(lineOf.retry(401, 2));
    await bench.settled();
    expect(bench.terminated[0]).toEqual({ graceMs: 2_000, interruptMs: 5_000 });
    expect(bench.holds.get('ann')?.kind).toBe('needsLogin');
  });

  it('a quota with a known end holds until then and goes on by itself', async () => {
    await set();
    bench.agent();
    const id = bench.mail('Task');
    const until = Math.ceil(bench.clock.now() / 1_000) * 1_000 + 7_200_000;
    await bench.play([lineOf.init('sid-1'), limit(until)], 1);
    expect(bench.holds.get('ann')).toMatchObject({ kind: 'quotaExhausted', until: timestamp(until) });
    bench.dispatcher.open();
    await loops();
    expect(bench.runs).toHaveLength(1);
    bench.clock.advance(7_300_000);
    bench.dispatcher.wake();
    await begun(2);
    await bench.runs[1]?.emit(...good);
    await bench.runs[1]?.end(0);
    expect([isRead(id), bench.holds.get('ann')]).toEqual([true, null]);
  });

  it('an announced retry is a fact with its end, until the next event', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'), lineOf.retry(529, 1, 38_000));
    const active = bench.engine.activeTurn('ann');
    expect(active?.announced).toMatchObject({
      until: bench.clock.now() + 38_000,
      event: { status: 529, attempt: 1, maxRetries: 6 },
    });
    expect(active?.quiet).toEqual({ count: 1, forMs: 38_000 });
    expect(bench.eventsOf('retry')).toMatchObject([{ level: 'warn', delayMs: 38_000 }]);
    await run.emit(lineOf.text('on it again'));
    expect(active?.announced).toBeNull();
    await run.end(0);
  });

  it('a lost conversation is forgotten, said in the timeline, and its facts are handed over to the fresh one', async () => {
    await set();
    bench.agent();
    bench.mail('Assignment', 'Build the export.');
    await bench.play([lineOf.init('sid-1'), lineOf.text('The export is half done.'), lineOf.result('sid-1')]);
    bench.stores.mail.insert({ from: 'ann', to: 'boss', subject: 'Half way', body: '', type: 'status' });
    bench.mail('Go on', 'Finish it.');
    const unknown = lineOf.result('sid-1', {
      is_error: true,
      num_turns: 0,
      result: undefined,
      errors: ['No conversation found with session ID: sid-1'],
    });
    const lost = await bench.play([unknown], 1);
    expect(lost.request.argv).toContain('--resume');
    expect(bench.session().claudeSessionId).toBeUndefined();
    expect(bench.eventsOf('turn_end').at(-1)).toMatchObject({ lostConversation: 'sid-1' });
    const fresh = await bench.play([lineOf.init('sid-2'), lineOf.result('sid-2')]);
    expect(fresh.request.argv).not.toContain('--resume');
    const prompt = bench.stores.turns.latestForAgent('ann')?.prompt ?? '';
    expect(prompt).toMatch(/^\[OVERSTORY\] Handover: your earlier conversation is lost/);
    for (const words of ['> Build the export.', '> The export is half done.', 'Half way', 'Finish it.'])
      expect(prompt).toContain(words);
    expect(bench.session().claudeSessionId).toBe('sid-2');
    bench.mail('More');
    await bench.play([lineOf.init('sid-2'), lineOf.result('sid-2')]);
    expect(bench.stores.turns.latestForAgent('ann')?.prompt).not.toContain('Handover');
  });

  it('a clock that is set back during a turn hides no report', async () => {
    await set();
    bench.agent();
    bench.mail('Task');
    const run = await bench.turn();
    await run.emit(...good);
    const early = { from: 'ann', to: 'lead-x', subject: 'done', body: '', type: 'worker_done' } as const;
    bench.stores.mail.insert({ ...early, createdAt: timestamp(bench.clock.now() - 7_200_000) });
    bench.clock.advance(-7_200_000);
    await run.end(0);
    expect(bench.session().state).toBe('completed');
  });
});
