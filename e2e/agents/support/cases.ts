import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionCost } from '../../../contract/governor.ts';
import { isRunning, signal } from '../../support/processes.ts';
import type { AgentStage } from './agentStage.ts';
import { done, numberIn } from './deeds.ts';
import { screenOf, type } from './screenOf.ts';
import { say, shell } from './scriptedModel.ts';
import type { StagedRuntime } from './stagedRuntimes.ts';

/** The same story for every runtime: what a real CLI must do under the engine. Call it within a `describe` of the runtime. */
export function agentCases(runtime: StagedRuntime, stage: AgentStage): void {
  const worktreeOf = (name: string): string => join(stage.repository.root, '.overstory', 'worktrees', name);
  const turnOf = (name: string): string => join(stage.repository.root, '.overstory', 'agents', name, 'turn.pid');

  test('is slung, mails, is woken by mail in the same conversation, commits and reports', async () => {
    const { model, repository } = stage;
    model.script(
      shell('ov mail send --agent ada --to operator --type status --subject Hello --body "First turn."'),
      say('I wait for an answer.'),
    );
    await stage.sling('ada');
    const rested = await stage.until('ada', (agent) => agent.status === 'resting' && agent.turnCount === 1, 'rests');
    expect(rested.conversationId).not.toBeNull();
    const { messages } = await repository.ov<{ messages: { subject: string }[] }>('mail', 'list', '--to', 'operator');
    expect(messages.map((message) => message.subject)).toContain('Hello');
    const before = model.asked.length;
    model.script(
      shell('printf "hello\\n" > hello.txt && git add hello.txt && git commit -q -m "Add hello"'),
      done('ada'),
      say('Finished.'),
    );
    await stage.mail('ada', 'Please write hello.txt');
    const finished = await stage.until('ada', (agent) => agent.status === 'done', 'done');
    expect(finished.turnCount).toBe(2);
    expect(finished.conversationId).toBe(rested.conversationId);
    expect(model.asked[before]?.body).toContain('I wait for an answer.');
    expect(model.asked[before]?.body).toContain('Please write hello.txt');
    if (runtime.model !== null) expect(model.asked[before]?.model).toBe(runtime.model);
    expect(await repository.git('show', `${finished.branch}:hello.txt`)).toBe('hello\n');
    expect(await repository.git('status', '--porcelain')).toBe('');
  });

  test('tells what its turns used: 100 tokens in and 10 out for each of five requests', async () => {
    const { sessions } = await stage.repository.ov<{ sessions: SessionCost[] }>('costs', '--agent', 'ada');
    expect(sessions).toMatchObject([{ agentName: 'ada', turns: 2, inputTokens: 500, outputTokens: 50 }]);
  });

  if (runtime.guarded) {
    test('a refused call does not run, and the model is told why', async () => {
      const { model } = stage;
      const before = model.asked.length;
      model.script(shell('git push origin HEAD'), say('Then not.'), done('bea'), say('Finished.'));
      await stage.sling('bea');
      await stage.until('bea', (agent) => agent.turnCount === 1 && agent.turn === null, 'has ended its turn');
      const told = model.asked.slice(before + 1).map((asked) => asked.body);
      expect(told.join('\n')).toContain('git push is not for agents');
    });
  }

  if (runtime.overloaded !== null) {
    test('survives two overloaded answers within one turn', async () => {
      const { model } = stage;
      const overloaded = runtime.overloaded ?? say('');
      model.script(overloaded, overloaded, done('cleo'), say('Finished.'));
      await stage.sling('cleo');
      const finished = await stage.until('cleo', (agent) => agent.status === 'done', 'done');
      expect(finished.turnCount).toBe(1);
    });
  }

  test('killed in mid-tool, leaves nothing running and goes on', async () => {
    const { model } = stage;
    model.script(shell('echo $$ > pid; sleep 77; echo late > late.txt'), done('dora'), say('Finished.'));
    await stage.sling('dora');
    const tool = await numberIn(join(worktreeOf('dora'), 'pid'));
    signal(await numberIn(turnOf('dora')), 'SIGKILL');
    const finished = await stage.until('dora', (agent) => agent.status === 'done', 'done');
    expect(finished.turnCount).toBe(2);
    expect(await isRunning(tool)).toBe(false);
    expect(await readdir(worktreeOf('dora'))).not.toContain('late.txt');
  });

  test('stopped in mid-tool, is interrupted with all that it started', async () => {
    const { model } = stage;
    model.script(shell('echo $$ > pid; sleep 77; echo late > late.txt'), done('iris'), say('Finished.'));
    await stage.sling('iris');
    const tool = await numberIn(join(worktreeOf('iris'), 'pid'));
    const process = await numberIn(turnOf('iris'));
    await stage.repository.ov('stop', 'iris');
    await stage.until('iris', (agent) => agent.status === 'done', 'stopped');
    await expect.poll(async () => [await isRunning(tool), await isRunning(process)]).toEqual([false, false]);
    expect(await readdir(worktreeOf('iris'))).not.toContain('late.txt');
  });

  test('begins anew and says so when its conversation is lost', async () => {
    const { model, home } = stage;
    model.script(say('I wait.'));
    await stage.sling('edna');
    const rested = await stage.until('edna', (agent) => agent.status === 'resting' && agent.turnCount === 1, 'rests');
    await runtime.lose(home, rested.conversationId ?? '');
    model.script(done('edna'), say('Finished.'));
    await stage.mail('edna', 'Go on');
    const finished = await stage.until('edna', (agent) => agent.status === 'done', 'done');
    expect(finished.conversationId).not.toBe(rested.conversationId);
  });

  test('without an account waits for a login, and goes on when it is told to', async () => {
    const { model, room } = stage;
    model.always(runtime.unauthorized);
    await stage.sling('fay');
    const held = await stage.until('fay', (agent) => agent.hold?.kind === 'needsLogin', 'needs a login');
    expect(held.state).not.toBe('zombie');
    model.script(done('fay'), say('Finished.'));
    expect((await room.call('agents.retry', { agentName: 'fay' })).ok).toBe(true);
    await stage.until('fay', (agent) => agent.status === 'done', 'done');
  });

  if (runtime.takenOver !== null) {
    test('is taken over between turns, typed to, and handed back', async () => {
      const { model, room } = stage;
      model.script(say('I wait for a person.'));
      await stage.sling('gwen');
      const rested = await stage.until('gwen', (agent) => agent.status === 'resting' && agent.turnCount === 1, 'rests');
      const taken = await room.call('agents.takeOver', { agentName: 'gwen' });
      if (!taken.ok) throw new Error(taken.error.message);
      const { terminalId } = taken.value;
      const screen = () => screenOf(room, terminalId);
      const patience = { timeout: 60_000, interval: 300 };
      for (const [seen, keys] of runtime.takenOver ?? []) {
        await expect.poll(screen, patience).toContain(seen);
        await type(room, terminalId, keys);
      }
      model.script(say('Answer to a person.'));
      await type(room, terminalId, 'Who are you?');
      await expect.poll(screen, patience).toContain('Who are you?');
      await type(room, terminalId, '\r');
      await expect.poll(screen, patience).toContain('Answer to a person.');
      model.script(done('gwen'), say('Finished.'));
      const asked = model.asked.length;
      const back = await room.call('agents.handBack', { agentName: 'gwen', message: 'Now finish.' });
      if (!back.ok) throw new Error(back.error.message);
      const finished = await stage.until('gwen', (agent) => agent.status === 'done', 'done');
      expect(finished.conversationId).toBe(rested.conversationId);
      expect(model.asked[asked]?.body).toContain('Answer to a person.');
    });
  }

  test('asked the scripted model for nothing it does not know', () => expect(stage.model.strange).toEqual([]));
}
