import { afterEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { must } from '../db/testing/folder.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

const TIER2 = 'watchdog:\n  tier2Enabled: true\n  tier0IntervalMs: 200\n';
let project: TestProject;
let client: RoomClient;
afterEach(() => project.dispose());

async function open(settings: string, clock?: { now: () => number }): Promise<void> {
  project = await createTestProject(undefined, settings);
  ({ client } = await project.start(clock === undefined ? {} : { clock }));
}

const rested = (turns: number) =>
  topicUntil(
    client,
    'agents',
    ({ byId }) =>
      byId.monitor?.state === 'between_turns' && byId.monitor.turn === null && byId.monitor.turnCount >= turns,
  );
const patrols = async (): Promise<readonly string[]> => {
  const mails = must(await client.call('mail.list', { to: 'monitor', limit: 100 }));
  return mails.messages.filter((mail) => mail.from === 'watchdog').map((mail) => mail.subject);
};

describe('tier 2, the monitor', () => {
  it('CT72: is refused while tier 2 is off, and does not start by itself', async () => {
    await open('');
    expect(await client.call('monitor.start', {})).toMatchObject({
      ok: false,
      error: { message: 'the monitor is disabled: set watchdog.tier2Enabled to true in config.yaml' },
    });
    expect(await client.call('monitor.stop', {})).toMatchObject({
      ok: false,
      error: { message: 'No active monitor: start one with "ov monitor start"' },
    });
    expect(must(await client.call('monitor.status', {}))).toMatchObject({ running: false, turns: 0 });
  });

  it('starts with the engine, takes stock once, and rests; it is one, and stays stopped once it was stopped', async () => {
    await open(TIER2);
    const { byId } = await rested(1);
    expect(byId.monitor).toMatchObject({ capability: 'monitor', taskId: '', runId: null, worktree: project.root });
    expect(await client.call('monitor.start', {})).toMatchObject({
      ok: false,
      error: { tag: 'conflict', message: expect.stringMatching(/^the monitor runs already \(between_turns\)/) },
    });
    const status = must(await client.call('monitor.status', {}));
    expect(status).toMatchObject({ running: true, state: 'between_turns', turns: 1 });
    expect(status.inputTokens + status.outputTokens).toBeGreaterThan(0);
    const costs = must(await client.call('costs.list', {}));
    expect(costs.sessions.find((one) => one.agentName === 'monitor')).toMatchObject({ capability: 'monitor' });

    must(await client.call('monitor.stop', {}));
    await project.stopEngine();
    ({ client } = await project.start());
    expect(must(await client.call('monitor.status', {}))).toMatchObject({ running: false, state: 'completed' });
    must(await client.call('monitor.start', {}));
    await rested(2);
  });

  it('is told of a changed verdict by one mail, which is one turn, and of nothing else', async () => {
    let ahead = 0;
    await open(
      `${TIER2}  staleThresholdMs: 1000\n  zombieThresholdMs: 600000\n  nudgeIntervalMs: 600000\ncontrolRoom:\n  watchdog:\n    refreshMs: 200\n`,
      {
        now: () => Date.now() + ahead,
      },
    );
    await rested(1);
    // Two minutes lie between two patrols at the least.
    ahead = 130_000;
    must(
      await client.call('tasks.writeSpec', {
        id: 'T-1',
        body: '# T\n\n```rehearsal\nstart:\n  - say: works\n  - hang:\n```\n',
      }),
    );
    must(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' }));
    await topicUntil(client, 'evidence', ({ byId }) => byId.ann?.verdict === 'stalled');
    await rested(2);
    expect(await patrols()).toEqual(['Patrol: ann changed']);

    // The engine of tomorrow knows what was told.
    await project.stopEngine();
    ({ client } = await project.start({ clock: { now: () => Date.now() + ahead } }));
    await topicUntil(client, 'evidence', ({ byId }) => byId.ann?.verdict === 'stalled');
    expect(await patrols()).toEqual(['Patrol: ann changed']);

    ahead = 300_000;
    must(await client.call('agents.stop', { agentName: 'ann' }));
    await rested(3);
    expect((await patrols()).length).toBe(2);
  });
});
