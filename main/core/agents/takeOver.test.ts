import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentView } from '../../../contract/agents.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

/** Runs a long tool in its first turn; what a person types lands in a file; mail after that finishes the task. */
const SCRIPT = fence(`start:
  - write: { path: begun.txt, content: begun }
  - run: "test -e begun-once || { touch begun-once; sleep 600; }"
on:
  - type: nudge
    steps:
      - write: { path: typed.txt, content: "{{mail.body}}" }
      - remember: { word: "{{mail.body}}" }
      - say: "heard {{mail.body}}"
  - type: status
    steps:
      - write: { path: back.txt, content: "{{fact.word}} in turn {{turn}}" }
      - taskDone: back at work`);

/** The same without the long tool call. */
const QUICK = SCRIPT.replace(/ {2}- run: .*\n/, '');

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject();
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const agent = async (condition: (view: AgentView) => boolean, from = client): Promise<AgentView | undefined> => {
  const met = (view: AgentView | undefined): boolean => view !== undefined && condition(view);
  return (await topicUntil(from, 'agents', (state) => met(state.byId.ann))).byId.ann;
};

async function sling(script = SCRIPT): Promise<void> {
  await client.call('tasks.writeSpec', { id: 'T-1', body: script });
  expect(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' })).toMatchObject({ ok: true });
}

/** Types a line and waits until the file it leads to says so. */
async function type(line: string, from = client): Promise<void> {
  expect(await from.call('terminals.write', { terminalId: 'agent:ann', data: `${line}\r` })).toMatchObject({
    ok: true,
  });
}

async function fileOf(name: string, content: string): Promise<void> {
  const worktree = (await agent(() => true))?.worktree ?? '';
  await expect.poll(() => readFile(join(worktree, name), 'utf8').catch(() => ''), { message: name }).toBe(content);
}

describe('take over and hand back', () => {
  it('stops the turn cleanly, opens the same conversation, and goes on headless with what was typed', async () => {
    await sling();
    await agent((ann) => ann.activity.startsWith('Bash'));
    const before = await agent((ann) => ann.conversationId !== null);
    expect(await client.call('agents.takeOver', { agentName: 'ann' })).toEqual({
      ok: true,
      value: { terminalId: 'agent:ann' },
    });
    const taken = await agent((ann) => ann.hold?.kind === 'takenOver' && ann.state === 'working');
    expect(taken).toMatchObject({ turn: null, status: 'working', conversationId: before?.conversationId });
    await type('hello');
    await fileOf('typed.txt', 'hello');

    // Mail waits as long as a person types.
    await client.call('mail.send', { to: 'ann', from: 'operator', subject: 'Go on', body: 'please' });
    expect(await agent((ann) => ann.unreadMail >= 2)).toMatchObject({ turn: null, turnCount: 1 });

    expect(await client.call('agents.handBack', { agentName: 'ann' })).toEqual({ ok: true, value: {} });
    const done = await agent((ann) => ann.state === 'completed');
    expect(done).toMatchObject({ turnCount: 2, conversationId: before?.conversationId, hold: null });
    await fileOf('back.txt', 'hello in turn 3');
    const page = await client.call('timeline.page', { agent: 'ann' });
    const told = page.ok ? page.value.items.map((item) => item.summary) : [];
    expect(told).toContain('ann taken over by the operator');
    expect(told).toContain('ann handed back: by the operator');
  });

  it('an agent that rests is opened at once, and a message at the hand back wakes it', async () => {
    await sling(QUICK);
    await agent((ann) => ann.state === 'between_turns');
    expect(await client.call('agents.takeOver', { agentName: 'ann' })).toMatchObject({ ok: true });
    await type('quietly');
    await fileOf('typed.txt', 'quietly');
    await client.call('agents.handBack', { agentName: 'ann', message: 'finish it' });
    expect(await agent((ann) => ann.state === 'completed')).toMatchObject({ turnCount: 2 });
  });

  it('a program the person leaves is handed back by itself', async () => {
    await sling(QUICK);
    await agent((ann) => ann.state === 'between_turns');
    await client.call('agents.takeOver', { agentName: 'ann' });
    await agent((ann) => ann.hold?.kind === 'takenOver');
    await type('/exit');
    expect(await agent((ann) => ann.hold === null)).toMatchObject({ state: 'between_turns' });
    expect(await client.call('agents.handBack', { agentName: 'ann' })).toMatchObject({
      ok: false,
      error: { tag: 'invalidState', message: 'ann is not taken over: nothing to hand back' },
    });
  });

  it('survives a restart of the engine: the program goes on, nobody starts a turn, handing back still works', async () => {
    await sling();
    await agent((ann) => ann.activity.startsWith('Bash'));
    await client.call('agents.takeOver', { agentName: 'ann' });
    await agent((ann) => ann.hold?.kind === 'takenOver');
    await project.stopEngine();
    const next = (await project.start()).client;
    client = next;
    await client.call('mail.send', { to: 'ann', from: 'operator', subject: 'Go on', body: 'please' });
    expect(await agent((ann) => ann.unreadMail >= 2)).toMatchObject({ turn: null, hold: { kind: 'takenOver' } });
    await type('still here');
    await fileOf('typed.txt', 'still here');
    await client.call('agents.handBack', { agentName: 'ann' });
    expect(await agent((ann) => ann.state === 'completed')).toMatchObject({ turnCount: 2 });
  });

  it('two at once: one opens it, the other is told; both of a stop and a take-over leave nothing running', async () => {
    await sling();
    await agent((ann) => ann.activity.startsWith('Bash'));
    const both = await Promise.all([
      client.call('agents.takeOver', { agentName: 'ann' }),
      client.call('agents.takeOver', { agentName: 'ann' }),
    ]);
    expect(both.map((result) => result.ok).sort()).toEqual([false, true]);
    expect(await client.call('agents.retry', { agentName: 'ann' })).toMatchObject({
      ok: false,
      error: { message: 'ann is taken over: hand it back first (ov handback ann)' },
    });
    expect(await client.call('agents.stop', { agentName: 'ann' })).toMatchObject({ ok: true });
    expect(await agent((ann) => ann.state === 'completed')).toMatchObject({ hold: null });
    const terminals = await topicUntil(client, 'terminals', (state) => state.byId['agent:ann']?.running === false);
    expect(terminals.byId['agent:ann']?.running).toBe(false);
  });

  it.each([
    ['nobody', 'there is no agent nobody: see "ov status" for the names'],
    ['ann', 'ann is completed: there is nothing to take over'],
  ])('refuses %s in one line', async (agentName, message) => {
    await sling(fence('start:\n  - taskDone: done'));
    await agent((ann) => ann.state === 'completed');
    expect(await client.call('agents.takeOver', { agentName })).toMatchObject({ ok: false, error: { message } });
  });
});
