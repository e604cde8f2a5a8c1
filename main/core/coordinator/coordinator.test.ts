import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../contract/result.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

/** Coordinators, their runs and the groups they watch, with a real engine (spec 03 §4, spec 02 §4.4). */
const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;
const TRIGGERS = 'coordinator:\n  exitTriggers:\n    allAgentsDone: true\n    onShutdownSignal: true\n';

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject({ 'README.md': '# sample\n' }, TRIGGERS);
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const value = <Value>(result: Result<Value>): Value => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const rests = (name: string): Promise<unknown> =>
  topicUntil(client, 'agents', (agents) => agents.byId[name]?.state === 'between_turns');

describe('coordinator', () => {
  it('is started with a run of its own, is not started twice, and completes its run when it is stopped', async () => {
    const started = value(await client.call('coordinator.start', { objective: 'Look around.' }));
    expect(started.agentName).toBe('coordinator');
    const currentRun = join(project.root, '.overstory', 'current-run.txt');
    expect((await readFile(currentRun, 'utf8')).trim()).toBe(started.runId);
    await rests('coordinator');
    expect(value(await client.call('coordinator.status', { agentName: 'coordinator' }))).toMatchObject({
      running: true,
      state: 'between_turns',
      sessionId: expect.stringMatching(/^session-\d+-coordinator$/),
    });
    expect(await client.call('coordinator.start', {})).toMatchObject({
      ok: false,
      error: { tag: 'conflict', message: expect.stringContaining('coordinator runs already (between_turns)') },
    });
    expect(value(await client.call('coordinator.stop', { agentName: 'coordinator' }))).toMatchObject({
      runCompleted: true,
    });
    await expect(readFile(currentRun)).rejects.toThrow();
    expect(value(await client.call('coordinator.status', { agentName: 'coordinator' }))).toMatchObject({
      running: false,
      state: null,
    });
    expect(await client.call('coordinator.stop', { agentName: 'coordinator' })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('No active coordinator session found') },
    });
  });

  it('an orchestrator has no run, and stopping it leaves the coordinator’s run alone', async () => {
    const { runId } = value(await client.call('coordinator.start', {}));
    const started = value(await client.call('coordinator.start', { capability: 'orchestrator' }));
    expect(started).toEqual({ agentName: 'orchestrator', runId: null });
    await rests('orchestrator');
    expect(value(await client.call('coordinator.stop', { agentName: 'orchestrator' })).runCompleted).toBe(false);
    const runs = await topicUntil(client, 'runs', (state) => Object.keys(state.byId).length === 1);
    expect(Object.values(runs.byId)).toMatchObject([{ id: runId, status: 'active', current: true }]);
  });

  it('completes its own run, also when another coordinator leads the current one', async () => {
    const first = value(await client.call('coordinator.start', {}));
    const second = value(await client.call('coordinator.start', { name: 'other' }));
    await rests('other');
    expect(value(await client.call('coordinator.stop', { agentName: 'coordinator' })).runCompleted).toBe(true);
    const runs = await topicUntil(client, 'runs', (state) => state.byId[first.runId ?? '']?.status === 'completed');
    expect(runs.byId[second.runId ?? '']).toMatchObject({ status: 'active', current: true });
  });

  it('may stop once its agents have ended and a shutdown was asked for, also when that mail was read', async () => {
    value(await client.call('coordinator.start', {}));
    await rests('coordinator');
    const before = value(await client.call('coordinator.checkComplete', {}));
    expect(before.triggers.allAgentsDone.detail).toBe('No agents have been slung yet');
    value(await client.call('tasks.writeSpec', { id: 'T-1', body: fence('start:\n  - taskDone: over') }));
    value(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' }));
    await topicUntil(client, 'agents', (agents) => agents.byId.ann?.state === 'completed');
    value(
      await client.call('mail.send', { to: 'coordinator', from: 'operator', subject: 'Shutdown, please', body: 'b' }),
    );
    await topicUntil(client, 'mail', (mail) =>
      Object.values(mail.byId).some((message) => message.subject === 'Shutdown, please' && message.read),
    );
    const after = value(await client.call('coordinator.checkComplete', {}));
    expect(after).toMatchObject({
      complete: true,
      triggers: { onShutdownSignal: { met: true, detail: 'Shutdown signal from operator: Shutdown, please' } },
    });
  });

  it('learns what a stopped lead leaves behind', async () => {
    value(await client.call('coordinator.start', {}));
    await rests('coordinator');
    value(await client.call('tasks.writeSpec', { id: 'T-1', body: fence('start:\n  - say: led') }));
    value(await client.call('agents.sling', { taskId: 'T-1', name: 'liz', capability: 'lead' }));
    await rests('liz');
    const payload = JSON.stringify({ branch: 'overstory/ann/T-2', taskId: 'T-2', agentName: 'ann', filesModified: [] });
    value(
      await client.call('mail.send', {
        to: 'coordinator',
        from: 'liz',
        subject: 'merge_ready: T-2',
        body: 'b',
        type: 'merge_ready',
        payload,
      }),
    );
    value(await client.call('agents.stop', { agentName: 'liz' }));
    const told = value(await client.call('mail.list', { to: 'coordinator', from: 'system' })).messages;
    expect(told).toMatchObject([{ subject: 'Lead liz exited: sent merge_ready for branch overstory/ann/T-2' }]);
  });
});

describe('task groups', () => {
  it('CT44: check their members, count by the board and close by themselves, once', async () => {
    for (const id of ['A-1', 'A-2']) value(await client.call('tasks.create', { id, title: id }));
    expect(await client.call('groups.create', { name: 'both', issueIds: ['A-1', 'nobody'] })).toMatchObject({
      ok: false,
      error: { tag: 'group', message: expect.stringContaining('there is no task nobody') },
    });
    const group = value(await client.call('groups.create', { name: 'both', issueIds: ['A-1'] }));
    expect(group.id).toMatch(/^group-[0-9a-f]{8}$/);
    value(await client.call('groups.add', { group: 'both', issueIds: ['A-2'] }));
    value(await client.call('tasks.update', { id: 'A-1', column: 'done' }));
    expect(value(await client.call('groups.progress', {})).groups).toMatchObject([
      { total: 2, completed: 1, open: 1, group: { status: 'active' } },
    ]);
    value(await client.call('tasks.update', { id: 'A-2', column: 'done' }));
    await topicUntil(client, 'mail', (mail) =>
      Object.values(mail.byId).some((message) => message.subject === 'Group auto-closed: both'),
    );
    expect(value(await client.call('groups.list', {})).groups).toMatchObject([{ status: 'completed' }]);
    expect(value(await client.call('groups.progress', { group: 'both' })).groups).toMatchObject([{ completed: 2 }]);
    const told = value(await client.call('mail.list', { from: 'system' })).messages;
    expect(told).toHaveLength(1);
  });
});
