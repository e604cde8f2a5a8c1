import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRunning, signal } from '../support/processes.ts';
import { useAgentStage } from './support/agentStage.ts';
import { done, numberIn } from './support/deeds.ts';
import { screenOf, type } from './support/screenOf.ts';
import { refuse, say, shell } from './support/scriptedModel.ts';

/** The arrow key. */
const DOWN = '\u001b[B';

describe('Codex', () => {
  const stage = useAgentStage('codex');
  const worktreeOf = (name: string): string => join(stage.repository.root, '.overstory', 'worktrees', name);

  test('is slung, mails, is woken by mail in the same thread, commits and reports', async () => {
    const { model, repository } = stage;
    model.script(
      shell('ov mail send --agent ada --to operator --type status --subject Hello --body "First turn."'),
      say('I wait for an answer.'),
    );
    await stage.sling('ada');
    const rested = await stage.until('ada', (agent) => agent.status === 'resting' && agent.turnCount === 1, 'rests');
    expect(rested.conversationId).toMatch(/^[0-9a-f-]{36}$/);
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
    expect(model.asked[before]?.model).toBe('gpt-5.5');
    expect(await repository.git('show', `${finished.branch}:hello.txt`)).toBe('hello\n');
  });

  test('survives two overloaded answers within one turn', async () => {
    const { model } = stage;
    const overloaded = refuse(529, 'overloaded_error', 'Overloaded');
    model.script(overloaded, overloaded, done('cleo'), say('Finished.'));
    await stage.sling('cleo');
    const finished = await stage.until('cleo', (agent) => agent.status === 'done', 'done');
    expect(finished.turnCount).toBe(1);
  });

  test('killed in mid-tool, leaves nothing running and goes on in the same thread', async () => {
    const { model, repository } = stage;
    const before = model.asked.length;
    model.script(shell('echo $$ > pid; sleep 77; echo late > late.txt'), done('dora'), say('Finished.'));
    await stage.sling('dora');
    const tool = await numberIn(join(worktreeOf('dora'), 'pid'));
    signal(await numberIn(join(repository.root, '.overstory', 'agents', 'dora', 'turn.pid')), 'SIGKILL');
    const finished = await stage.until('dora', (agent) => agent.status === 'done', 'done');
    expect(finished.turnCount).toBe(2);
    expect(await isRunning(tool)).toBe(false);
    expect(await readdir(worktreeOf('dora'))).not.toContain('late.txt');
    expect(model.asked.length - before).toBe(3);
  });

  test('begins anew when its thread is lost', async () => {
    const { model, home } = stage;
    model.script(say('I wait.'));
    await stage.sling('edna');
    const rested = await stage.until('edna', (agent) => agent.status === 'resting' && agent.turnCount === 1, 'rests');
    await rm(join(home, 'codex', 'sessions'), { recursive: true, force: true });
    model.script(done('edna'), say('Finished.'));
    await stage.mail('edna', 'Go on');
    const finished = await stage.until('edna', (agent) => agent.status === 'done', 'done');
    expect(finished.conversationId).not.toBe(rested.conversationId);
  });

  test('without an account waits for a login, and goes on when it is told to', async () => {
    const { model, room } = stage;
    model.always(refuse(401, 'invalid_request_error', 'Incorrect API key provided'));
    await stage.sling('fay');
    const held = await stage.until('fay', (agent) => agent.hold?.kind === 'needsLogin', 'needs a login');
    expect(held.state).not.toBe('zombie');
    model.script(done('fay'), say('Finished.'));
    expect((await room.call('agents.retry', { agentName: 'fay' })).ok).toBe(true);
    await stage.until('fay', (agent) => agent.status === 'done', 'done');
  });

  test('is taken over in mid-tool, typed to, and handed back', async () => {
    const { model, room } = stage;
    model.script(shell('echo $$ > pid; sleep 77; echo late > late.txt'));
    await stage.sling('gwen');
    const tool = await numberIn(join(worktreeOf('gwen'), 'pid'));
    const taken = await room.call('agents.takeOver', { agentName: 'gwen' });
    if (!taken.ok) throw new Error(taken.error.message);
    expect(await isRunning(tool)).toBe(false);
    const { terminalId } = taken.value;
    const screen = () => screenOf(room, terminalId);
    // A notice of a newer model comes first; both keys that close it choose that model, so the other line is taken.
    await expect.poll(screen, { timeout: 30_000, interval: 300 }).toMatch(/2\. Use existing model/);
    await type(room, terminalId, DOWN);
    await expect.poll(screen, { timeout: 30_000, interval: 300 }).toMatch(/› 2\./);
    await type(room, terminalId, '\r');
    await expect.poll(screen, { timeout: 30_000, interval: 300 }).not.toMatch(/Use existing model/);
    model.script(say('Answer to a person.'));
    await type(room, terminalId, 'Who are you?');
    await expect.poll(screen, { timeout: 30_000, interval: 300 }).toContain('Who are you?');
    await type(room, terminalId, '\r');
    await expect.poll(screen, { timeout: 30_000, interval: 300 }).toContain('Answer to a person.');
    model.script(done('gwen'), say('Finished.'));
    const asked = model.asked.length;
    const back = await room.call('agents.handBack', { agentName: 'gwen', message: 'Now finish.' });
    if (!back.ok) throw new Error(back.error.message);
    await stage.until('gwen', (agent) => agent.status === 'done', 'done');
    expect(model.asked[asked]?.body).toContain('Answer to a person.');
    expect(await readdir(worktreeOf('gwen'))).not.toContain('late.txt');
  });

  test('asked the scripted model for nothing it does not know', () => {
    expect(stage.model.strange).toEqual([]);
  });
});
