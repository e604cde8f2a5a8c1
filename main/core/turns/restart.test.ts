import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentView } from '../../../contract/agents.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestClock } from '../db/testing/folder.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { noteBoot } from './resumeOffers.ts';

const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

/** A tool call of its first life that never ends; the second time it is done at once. */
const LONG = 'run: "test -e begun-once || { touch begun-once; sleep 600; }"';

let project: TestProject;
beforeEach(async () => {
  project = await createTestProject();
});
afterEach(() => project.dispose());

const agent = async (
  client: RoomClient,
  name: string,
  condition: (view: AgentView) => boolean,
): Promise<AgentView | undefined> => {
  const met = (view: AgentView | undefined): boolean => view !== undefined && condition(view);
  return (await topicUntil(client, 'agents', (state) => met(state.byId[name]))).byId[name];
};

describe('restart of the machine', () => {
  it('turns of before are over, each agent is offered for resuming, and nothing starts by itself', async () => {
    const before = (await project.start({ bootId: async () => 'boot-1' })).client;
    for (const name of ['ann', 'ben']) {
      await before.call('tasks.writeSpec', {
        id: `T-${name}`,
        body: fence(`start:\n  - say: begun\n  - ${LONG}\n  - taskDone: done`),
      });
      await before.call('agents.sling', { taskId: `T-${name}`, name });
      await agent(before, name, (view) => view.activity.startsWith('Bash'));
    }
    const conversation = (await agent(before, 'ann', (view) => view.conversationId !== null))?.conversationId;
    await project.stopEngine();
    await project.killHost();

    const { client } = await project.start({ bootId: async () => 'boot-2' });
    for (const name of ['ann', 'ben'])
      expect(
        await agent(client, name, (view) => view.hold?.kind === 'resumeOffer' && view.turn === null),
      ).toMatchObject({
        status: 'needsYou',
        turnCount: 1,
        unreadMail: 1,
      });
    const attention = await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length === 2);
    const offers = Object.values(attention.byId).sort((one, other) => one.title.localeCompare(other.title));
    expect(offers).toMatchObject([
      { kind: 'resume', title: 'ann was cut off by a restart' },
      { kind: 'resume', title: 'ben was cut off by a restart' },
    ]);

    await client.call('agents.retry', { agentName: 'ann' });
    expect(await agent(client, 'ann', (view) => view.state === 'completed')).toMatchObject({
      turnCount: 2,
      conversationId: conversation,
      hold: null,
    });
    expect(await agent(client, 'ben', () => true)).toMatchObject({ turnCount: 1, hold: { kind: 'resumeOffer' } });
    await client.call('agents.stop', { agentName: 'ben' });
    await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length === 0);
  });

  it('an agent in a person’s hands is handed back and offered; one that rests without mail is left alone', async () => {
    const before = (await project.start({ bootId: async () => 'boot-1' })).client;
    for (const name of ['ann', 'ben']) {
      await before.call('tasks.writeSpec', { id: `T-${name}`, body: fence('start:\n  - say: begun') });
      await before.call('agents.sling', { taskId: `T-${name}`, name });
      await agent(before, name, (view) => view.state === 'between_turns');
    }
    await before.call('agents.takeOver', { agentName: 'ann' });
    await before.call('mail.send', { to: 'ann', from: 'operator', subject: 'Go on', body: 'please' });
    await project.stopEngine();
    await project.killHost();
    const { client } = await project.start({ bootId: async () => 'boot-2' });
    expect(await agent(client, 'ann', (view) => view.hold?.kind === 'resumeOffer')).toMatchObject({
      state: 'between_turns',
    });
    expect(await agent(client, 'ben', () => true)).toMatchObject({ state: 'between_turns', status: 'resting' });
  });

  it('concludes a restart from nothing but another id', () => {
    const kept = new Map<string, unknown>();
    const control = {
      getSetting: (key: string) => kept.get(key),
      putSetting: (key: string, value: unknown) => void kept.set(key, value),
    };
    expect(noteBoot(control, 'a')).toBe(false);
    expect(noteBoot(control, 'a')).toBe(false);
    expect(noteBoot(control, null)).toBe(false);
    expect(noteBoot(control, 'b')).toBe(true);
    expect(noteBoot(control, 'b')).toBe(false);
  });
});

describe('sleep of the machine', () => {
  it.each([
    ['wakes up eight hours later', 8 * 3_600_000],
    ['has its clock set back by an hour', -3_600_000],
  ])('an agent in mid-turn on a machine that %s goes on undisturbed', async (_name, jump) => {
    const clock = createTestClock(Date.now());
    const { client } = await project.start({ clock });
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: fence(
        'start:\n  - say: before\n  - run: "until test -e go; do sleep 0.05; done"\n  - say: after\n  - taskDone: done',
      ),
    });
    await client.call('agents.sling', { taskId: 'T-1', name: 'ann' });
    const view = await agent(client, 'ann', (ann) => ann.activity.startsWith('Bash'));
    clock.advance(jump);
    // Whatever looks at the clock has looked: mail is dispatched, verdicts are made anew.
    await client.call('mail.send', { to: 'ann', from: 'operator', subject: 'Are you there?', body: '' });
    await project.write(`${view?.worktree}/go`, '');
    expect(await agent(client, 'ann', (ann) => ann.state === 'completed')).toMatchObject({ turnCount: 1, hold: null });
  });
});
