import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestProject, type TestProject, topicUntil } from './testEngine.ts';

const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

let project: TestProject;
beforeEach(async () => {
  project = await createTestProject();
});
afterEach(() => project.dispose());

describe('engine', () => {
  it('carries one task from sling to a merged branch', async () => {
    const { client } = await project.start();
    const spec = await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence(
        'start:\n  - say: Writing it.\n  - write: { path: hello.txt, content: "hi\\n" }\n  - commit: Say hi\n  - taskDone: hi is there',
      ),
    });
    expect(spec.ok).toBe(true);
    const slung = await client.call('agents.sling', { taskId: 'T-1', name: 'greeter' });
    expect(slung).toMatchObject({ ok: true, value: { agentName: 'greeter', branch: 'overstory/greeter/T-1' } });
    const agents = await topicUntil(client, 'agents', (state) => state.byId.greeter?.state === 'completed');
    expect(agents.byId.greeter).toMatchObject({ status: 'done', turnCount: 1, runtime: 'rehearsal', unreadMail: 0 });
    const merged = await client.call('merges.run', { branch: 'overstory/greeter/T-1' });
    expect(merged).toMatchObject({ ok: true, value: { results: [{ success: true, tier: 'clean-merge' }] } });
    expect(await project.git('show', 'main:hello.txt')).toBe('hi\n');
  });

  it('stores every line of every turn log exactly once', async () => {
    const { client } = await project.start();
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence('start:\n  - say: one\n  - say: two\n  - run: echo three\n  - taskDone: four'),
    });
    await client.call('agents.sling', { taskId: 'T-1', name: 'a' });
    await topicUntil(client, 'agents', (state) => state.byId.a?.state === 'completed');
    const [turn] = await readdir(join(project.root, '.overstory', 'logs', 'a'));
    const log = await readFile(join(project.root, '.overstory', 'logs', 'a', turn ?? '', 'stdout.ndjson'));
    expect(log.length).toBeGreaterThan(100);
    const page = await client.call('timeline.page', { agent: 'a' });
    expect(page.ok && page.value.items.filter((item) => item.kind === 'text').map((item) => item.summary)).toEqual([
      'one',
      'two',
    ]);
  });

  it('a lead that ends its turn rests, and its worker’s mail wakes it (D-02)', async () => {
    const { client } = await project.start();
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence(
        'start:\n  - sling: { task: T-2, capability: builder, name: worker }\non:\n  worker_done:\n    - taskDone: all done',
      ),
    });
    await client.call('tasks.writeSpec', { id: 'T-2', body: fence('start:\n  - taskDone: part done') });
    await client.call('agents.sling', { taskId: 'T-1', capability: 'lead', name: 'boss' });
    const agents = await topicUntil(client, 'agents', (state) => state.byId.boss?.state === 'completed');
    expect(agents.byId.boss?.turnCount).toBe(2);
    expect(agents.byId.worker).toMatchObject({ state: 'completed', parent: 'boss', depth: 1 });
  }, 180_000);

  it('a question to the operator waits in the attention queue and is answered in place', async () => {
    const { client } = await project.start();
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence(
        'start:\n  - ask: { subject: Which way?, question: Left or right?, options: [left, right] }\n  - write: { path: way.txt, content: "{{answer}}" }\n  - commit: Choose\n  - taskDone: chosen',
      ),
    });
    await client.call('agents.sling', { taskId: 'T-1', name: 'asker' });
    const attention = await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length === 1);
    const [item] = Object.values(attention.byId);
    expect(item).toMatchObject({ kind: 'gate', agent: 'asker', options: ['left', 'right'] });
    await topicUntil(client, 'agents', (state) => state.byId.asker?.status === 'needsYou');
    expect(await client.call('attention.answer', { id: item?.id ?? '', answer: 'right' })).toEqual({
      ok: true,
      value: {},
    });
    await topicUntil(client, 'agents', (state) => state.byId.asker?.state === 'completed');
    expect(await project.git('show', 'overstory/asker/T-1:way.txt')).toBe('right');
    expect(
      Object.keys((await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length === 0)).byId),
    ).toEqual([]);
  });

  it('an agent that crashes is resumed on the same conversation and finishes', async () => {
    const { client } = await project.start();
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence(
        'start:\n  - say: before\n  - crash: { signal: SIGKILL, once: true }\n  - say: after\n  - taskDone: survived',
      ),
    });
    await client.call('agents.sling', { taskId: 'T-1', name: 'phoenix' });
    const agents = await topicUntil(client, 'agents', (state) => state.byId.phoenix?.state === 'completed');
    // On a busy machine an attempt more may fail, at a limit of its own; the conversation goes on all the same.
    expect(agents.byId.phoenix?.turnCount).toBeGreaterThanOrEqual(2);
    const page = await client.call('timeline.page', { agent: 'phoenix' });
    const said = page.ok ? page.value.items.filter((item) => item.kind === 'text').map((item) => item.summary) : [];
    expect([...new Set(said)]).toEqual(['before', 'after']);
    expect(said.filter((words) => words === 'before')).toHaveLength(1);
  });

  it('two slings of one name at once: one starts, the other is refused, nothing is left over', async () => {
    const { client } = await project.start();
    await client.call('tasks.writeSpec', { id: 'T-1', body: fence('start:\n  - taskDone: done') });
    await client.call('tasks.writeSpec', { id: 'T-2', body: fence('start:\n  - taskDone: done') });
    const both = await Promise.all([
      client.call('agents.sling', { taskId: 'T-1', name: 'twin' }),
      client.call('agents.sling', { taskId: 'T-2', name: 'twin' }),
    ]);
    expect(both.filter((result) => result.ok)).toHaveLength(1);
    expect(both.find((result) => !result.ok)).toMatchObject({
      error: { message: expect.stringContaining('already in use') },
    });
    await topicUntil(client, 'agents', (state) => state.byId.twin?.state === 'completed');
    expect((await project.git('branch', '--list', 'overstory/*')).trim().split('\n')).toHaveLength(1);
  });

  it('stopping an agent in mid-turn ends its whole process tree and keeps its worktree', async () => {
    const { client } = await project.start();
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence('start:\n  - write: { path: half.txt, content: half }\n  - hang:'),
    });
    await client.call('agents.sling', { taskId: 'T-1', name: 'stuck' });
    await topicUntil(
      client,
      'agents',
      (state) => state.byId.stuck?.state === 'in_turn' && state.byId.stuck.activity.startsWith('Write'),
    );
    expect(await client.call('agents.stop', { agentName: 'stuck' })).toMatchObject({
      ok: true,
      value: { turnEnded: true },
    });
    const agents = await topicUntil(client, 'agents', (state) => state.byId.stuck?.turn === null);
    expect(agents.byId.stuck?.state).toBe('completed');
    expect(await readFile(join(agents.byId.stuck?.worktree ?? '', 'half.txt'), 'utf8')).toBe('half');
  });
});
