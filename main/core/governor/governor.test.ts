import { afterEach, describe, expect, it } from 'vitest';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;
const budgets = (lines: string): string => `controlRoom:\n  budgets:\n${lines}`;

let project: TestProject | null = null;
afterEach(async () => {
  await project?.dispose();
  project = null;
});

async function open(settings: string): Promise<{ readonly project: TestProject; readonly client: RoomClient }> {
  project = await createTestProject(undefined, settings);
  return { project, client: (await project.start()).client };
}

/** Ends the engine and starts another one on the same project, as a restart of the app does. */
async function restart(opened: TestProject, extra: Parameters<TestProject['start']>[0] = {}): Promise<RoomClient> {
  await opened.stopEngine();
  return (await opened.start(extra)).client;
}

async function must<Value>(
  answer: Promise<{ readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown }>,
): Promise<Value> {
  const result = await answer;
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const mailTo = (client: RoomClient, to: string) =>
  must(client.call('mail.send', { to, from: 'operator', subject: 'Go on', body: 'Once more.', type: 'status' }));

async function theGate(client: RoomClient, words = ''): Promise<AttentionItem> {
  const isGate = (item: AttentionItem): boolean => item.id.startsWith('gate:cap:') && item.title.includes(words);
  const state = await topicUntil(client, 'attention', ({ byId }) => Object.values(byId).some(isGate));
  const gate = Object.values(state.byId).find(isGate);
  if (gate === undefined) throw new Error('no gate');
  return gate;
}

const turnsOf = async (client: RoomClient): Promise<number> => (await must(client.call('costs.list', {}))).totals.turns;

describe('governor', () => {
  it('an agent at its cap is paused and asked about, also after a restart; a raise lets it go on; every turn is counted once', async () => {
    project = await createTestProject(undefined, budgets('    agent: { usd: 1 }\n'));
    const first = await project.start();
    let { client } = first;
    await must(
      client.call('tasks.writeSpec', {
        id: 'T-1',
        body: fence('start: [{ cost: 0.6 }, { say: one }]\non:\n  status: [{ cost: 0.6 }, { say: more }]'),
      }),
    );
    await must(client.call('agents.sling', { taskId: 'T-1', name: 'spender' }));
    await topicUntil(client, 'agents', ({ byId }) => byId.spender?.state === 'between_turns');
    const { caps } = await must(client.call('governor.caps', { agentName: 'spender' }));
    expect(caps).toMatchObject([{ scope: 'agent', id: 'spender', measure: 'usd', used: 0.6, limit: 1, level: 'ok' }]);
    expect(caps[0]?.minutesLeft).toBeGreaterThan(0);
    expect(await must(client.call('governor.caps', { agentName: 'nobody' }))).toEqual({ caps: [] });
    await mailTo(client, 'spender');
    await topicUntil(client, 'agents', ({ byId }) => byId.spender?.turnCount === 2 && byId.spender.turn === null);
    await mailTo(client, 'spender');

    const gate = await theGate(client);
    expect(gate).toMatchObject({
      kind: 'gate',
      agent: 'spender',
      title: 'spender has reached its cap of $1.00',
      options: ['Raise by $0.50', 'Keep paused', 'Stop the agent'],
    });
    const held = await topicUntil(client, 'agents', ({ byId }) => byId.spender?.hold?.kind === 'paused');
    expect(held.byId.spender).toMatchObject({ turnCount: 2, status: 'needsYou', unreadMail: 1 });

    client = await restart(project);
    expect((await theGate(client)).id).toBe(gate.id);
    expect(await client.call('attention.answer', { id: gate.id, answer: 'whatever' })).toMatchObject({
      ok: false,
      error: { tag: 'validation' },
    });
    expect(await turnsOf(client)).toBe(2);
    await must(client.call('attention.answer', { id: gate.id, answer: 'Raise by $0.50' }));
    await topicUntil(client, 'agents', ({ byId }) => byId.spender?.turnCount === 3 && byId.spender.turn === null);
    const status = await topicUntil(client, 'status', ({ value }) => (value?.governor.pauses.length ?? 1) === 0);
    expect(status.value?.governor.burnUsdPerMinute).toBeGreaterThan(0);

    const costs = await must(client.call('costs.list', { agent: 'spender' }));
    expect(costs.totals).toMatchObject({ turns: 3, estimated: false, unpricedTurns: 0 });
    expect(costs.totals.costUsd).toBeCloseTo(1.8, 9);
    expect(costs.sessions).toMatchObject([{ agentName: 'spender', taskId: 'T-1', capability: 'builder', turns: 3 }]);
  }, 180_000);

  it('“keep paused” asks no more, “stop” ends the agents, and neither ends a running turn by itself', async () => {
    const { client } = await open(budgets('    task: { turns: 1 }\n'));
    await must(client.call('tasks.writeSpec', { id: 'T-1', body: fence('start: [{ say: one }]') }));
    await must(client.call('agents.sling', { taskId: 'T-1', name: 'one' }));
    await topicUntil(client, 'agents', ({ byId }) => byId.one?.state === 'between_turns');
    await mailTo(client, 'one');
    const gate = await theGate(client);
    expect(gate).toMatchObject({ taskId: 'T-1', agent: null });
    await must(client.call('attention.answer', { id: gate.id, answer: 'Keep paused' }));
    await topicUntil(client, 'attention', ({ byId }) => Object.keys(byId).length === 0);
    const held = await topicUntil(client, 'agents', ({ byId }) => byId.one?.hold?.kind === 'paused');
    expect(held.byId.one).toMatchObject({ turnCount: 1, state: 'between_turns' });
    expect(await client.call('governor.raise', { scope: 'task', id: 'T-1', usd: 3 })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('controlRoom.budgets.task.usd') },
    });
    await must(client.call('governor.raise', { scope: 'task', id: 'T-1', turns: 1 }));
    await topicUntil(client, 'agents', ({ byId }) => byId.one?.turnCount === 2 && byId.one.turn === null);
    await mailTo(client, 'one');
    await must(client.call('attention.answer', { id: (await theGate(client)).id, answer: 'Stop its agents' }));
    const agents = await topicUntil(client, 'agents', ({ byId }) => byId.one?.state === 'completed');
    expect(agents.byId.one?.turnCount).toBe(2);
  }, 180_000);

  it('twenty agents at one run’s cap at once: not one turn more than it allows begins', async () => {
    const { client } = await open(`${budgets('    run: { turns: 3 }\n')}`);
    await must(client.call('fleet.pause', { paused: true }));
    const names = Array.from({ length: 20 }, (_, index) => `agent-${index + 1}`);
    for (const name of names) {
      await must(client.call('tasks.writeSpec', { id: name, body: fence('start: [{ say: hello }]') }));
      await must(client.call('agents.sling', { taskId: name, name }));
    }
    await must(client.call('fleet.pause', { paused: false }));
    const gate = await theGate(client);
    expect(gate.title).toMatch(/^Run run-.* has reached its cap of 3 turns$/);
    const settled = await topicUntil(
      client,
      'agents',
      ({ byId }) => names.filter((name) => byId[name]?.state === 'between_turns').length === 3,
    );
    expect(names.map((name) => settled.byId[name]?.turnCount).filter((count) => count === 1)).toHaveLength(3);
    expect(await turnsOf(client)).toBe(3);
    expect(await client.call('agents.sling', { taskId: 'T-late', name: 'late' })).toMatchObject({
      ok: false,
      error: { tag: 'capacity', message: expect.stringMatching(/^run run-.* has reached its cap of 3 turns/) },
    });
    // One question, however many wait for its answer.
    expect(Object.keys((await must(client.snapshot('attention'))).byId)).toEqual([gate.id]);
    await must(client.call('attention.answer', { id: gate.id, answer: '2' }));
    await theGate(client, 'cap of 5 turns');
    await topicUntil(
      client,
      'agents',
      ({ byId }) => names.filter((name) => byId[name]?.state === 'between_turns').length === 5,
    );
    expect(await turnsOf(client)).toBe(5);
  }, 180_000);

  it('a money cap reckons with what runs: many agents at once do not pass it together', async () => {
    const { client } = await open(budgets('    run: { usd: 1.5 }\n'));
    const script = fence('start: [{ cost: 0.5 }, { say: hello }]');
    await must(client.call('tasks.writeSpec', { id: 'first', body: script }));
    await must(client.call('agents.sling', { taskId: 'first', name: 'first' }));
    await topicUntil(client, 'agents', ({ byId }) => byId.first?.state === 'between_turns');
    await must(client.call('fleet.pause', { paused: true }));
    for (let index = 0; index < 8; index += 1) {
      await must(client.call('tasks.writeSpec', { id: `t-${index}`, body: script }));
      await must(client.call('agents.sling', { taskId: `t-${index}`, name: `a-${index}` }));
    }
    await must(client.call('fleet.pause', { paused: false }));
    await theGate(client);
    const costs = await must(client.call('costs.list', {}));
    expect(costs.totals.turns).toBe(3);
    expect(costs.totals.costUsd).toBeCloseTo(1.5, 9);
  }, 180_000);

  it('an exhausted account holds back its whole runtime until the announced time, over a restart; then one tries and all go on', async () => {
    project = await createTestProject();
    // The time comes when everything before it was seen, however long that takes.
    let ahead = 0;
    const clock = { now: () => Date.now() + ahead };
    const first = await project.start({ clock });
    let { client } = first;
    const until = Math.ceil(Date.now() / 1_000) + 600;
    await must(
      client.call('tasks.writeSpec', {
        id: 'T-1',
        body: fence(
          `start: [{ fail: { message: "usage limit reached|${until}", status: 429 } }, { taskDone: at last }]`,
        ),
      }),
    );
    await must(
      client.call('tasks.writeSpec', {
        id: 'T-2',
        body: fence('start: [{ say: hi }]\non:\n  status: [{ taskDone: done }]'),
      }),
    );
    await must(client.call('agents.sling', { taskId: 'T-2', name: 'bystander' }));
    await topicUntil(client, 'agents', ({ byId }) => byId.bystander?.state === 'between_turns');
    await must(client.call('agents.sling', { taskId: 'T-1', name: 'unlucky' }));
    const opened = await topicUntil(client, 'status', ({ value }) => value?.governor.breakers.length === 1);
    expect(opened.value?.governor.breakers).toMatchObject([
      { runtime: 'rehearsal', state: 'open', until: new Date(until * 1_000).toISOString() },
    ]);
    await mailTo(client, 'bystander');
    const held = await topicUntil(client, 'agents', ({ byId }) => byId.bystander?.hold?.kind === 'quotaExhausted');
    expect(held.byId.bystander?.turnCount).toBe(1);
    expect(await client.call('agents.sling', { taskId: 'T-3', name: 'third' })).toMatchObject({
      ok: false,
      error: { tag: 'capacity', message: expect.stringContaining('rehearsal is used up until') },
    });
    client = await restart(project, { clock });
    const kept = await topicUntil(client, 'status', ({ value }) => value !== null);
    expect(kept.value?.governor.breakers).toHaveLength(1);
    const reached = Date.now();
    ahead = 600_000;
    const done = await topicUntil(
      client,
      'agents',
      ({ byId }) => byId.unlucky?.state === 'completed' && byId.bystander?.state === 'completed',
    );
    expect([done.byId.unlucky?.turnCount, done.byId.bystander?.turnCount]).toEqual([2, 2]);
    await topicUntil(client, 'status', ({ value }) => value?.governor.breakers.length === 0);
    const page = await must(client.call('timeline.page', { agent: 'bystander' }));
    const starts = page.items.filter((item) => item.kind === 'turnStart').map((item) => Date.parse(item.at));
    expect(Math.max(...starts)).toBeGreaterThanOrEqual(reached);
  }, 180_000);

  it('an agent and a run can be paused by hand, over a restart, and resumed', async () => {
    project = await createTestProject();
    const first = await project.start();
    let { client } = first;
    await must(
      client.call('tasks.writeSpec', {
        id: 'T-1',
        body: fence('start: [{ say: hi }]\non:\n  status: [{ say: more }]'),
      }),
    );
    await must(client.call('agents.sling', { taskId: 'T-1', name: 'worker' }));
    await topicUntil(client, 'agents', ({ byId }) => byId.worker?.state === 'between_turns');
    await must(client.call('governor.pause', { scope: 'run', paused: true }));
    await must(client.call('governor.pause', { scope: 'agent', id: 'worker', paused: true }));
    await mailTo(client, 'worker');
    client = await restart(project);
    const held = await topicUntil(client, 'agents', ({ byId }) => byId.worker?.hold?.kind === 'paused');
    expect(held.byId.worker).toMatchObject({ turnCount: 1, hold: { reason: 'worker is paused (ov resume worker)' } });
    await must(client.call('governor.pause', { scope: 'agent', id: 'worker', paused: false }));
    const still = await topicUntil(client, 'agents', ({ byId }) =>
      (byId.worker?.hold?.reason ?? '').startsWith('run '),
    );
    expect(still.byId.worker?.turnCount).toBe(1);
    await must(client.call('governor.pause', { scope: 'run', paused: false }));
    await topicUntil(client, 'agents', ({ byId }) => byId.worker?.turnCount === 2);
    expect(await client.call('governor.pause', { scope: 'agent', id: 'nobody', paused: true })).toMatchObject({
      ok: false,
      error: { tag: 'notFound' },
    });
    expect(await client.call('governor.pause', { scope: 'task', id: 'T-9', paused: true })).toMatchObject({
      ok: false,
      error: { tag: 'notFound' },
    });
  }, 180_000);

  it('a turn that ends while no engine runs is paid once, and warns when its cap comes near', async () => {
    project = await createTestProject(undefined, budgets('    softFraction: 0.5\n    run: { usd: 1 }\n'));
    const first = await project.start();
    await must(
      first.client.call('tasks.writeSpec', {
        id: 'T-1',
        body: fence('start: [{ cost: 0.6 }, { say: begun }, { sleep: 1500 }, { taskDone: done }]'),
      }),
    );
    await must(first.client.call('agents.sling', { taskId: 'T-1', name: 'sleeper' }));
    await topicUntil(first.client, 'agents', ({ byId }) => byId.sleeper?.state === 'in_turn');
    const client = await restart(project);
    await topicUntil(client, 'agents', ({ byId }) => byId.sleeper?.state === 'completed');
    const costs = await must(client.call('costs.list', { task: 'T-1' }));
    expect(costs.totals).toMatchObject({ turns: 1, costUsd: 0.6 });
    expect(costs.sessions[0]?.completedAt).not.toBeNull();
    const page = await must(client.call('timeline.page', { agent: 'sleeper' }));
    expect(page.items.filter((item) => item.summary.includes('60 % used'))).toHaveLength(1);
    const status = await must(client.snapshot('status'));
    expect(status.value?.governor.caps).toMatchObject([
      { scope: 'run', measure: 'usd', used: 0.6, limit: 1, level: 'soft' },
    ]);
  }, 180_000);
});
