import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestProject, type TestProject, topicUntil } from '../core/testEngine.ts';

const AGENT = join(import.meta.dirname, 'rehearsalAgent.testProcess.ts');

let project: TestProject | null = null;
afterEach(async () => {
  await project?.dispose();
  project = null;
});

describe('an agent of the engine that speaks the Agent Client Protocol', () => {
  it('is slung by its name, rests, and is woken by mail in the same conversation', async () => {
    const command = JSON.stringify([process.execPath, '--disable-warning=ExperimentalWarning', AGENT]);
    project = await createTestProject(undefined, `controlRoom:\n  acpAgents:\n    mine: ${command}\n`);
    const { client } = await project.start();
    const slung = await client.call('agents.sling', {
      taskId: 'task-1',
      name: 'ada',
      runtime: 'acp:mine',
      capability: 'builder',
      files: [],
      siblings: [],
      depth: 0,
    });
    expect(slung.ok, JSON.stringify(slung)).toBe(true);
    const resting = (turns: number) =>
      topicUntil(client, 'agents', (state) => {
        const ada = state.byId.ada;
        return ada !== undefined && ada.turn === null && ada.turnCount === turns && ada.state === 'between_turns';
      });
    const first = (await resting(1)).byId.ada;
    expect(first).toMatchObject({ conversationId: 'conversation-1', runtime: 'acp:mine', reason: null });
    const sent = await client.call('mail.send', {
      from: 'operator',
      to: 'ada',
      subject: 'Do it',
      body: 'remember\nsay hello again',
      type: 'status',
      priority: 'normal',
    });
    expect(sent.ok, JSON.stringify(sent)).toBe(true);
    await resting(2);
    const page = await client.call('timeline.page', { agent: 'ada', limit: 50 });
    if (!page.ok) throw new Error(page.error.message);
    // It remembers the first turn's prompt: the conversation was loaded, not begun anew.
    const words = page.value.items.filter((item) => item.kind === 'text').map((item) => item.summary);
    expect(words).toEqual([expect.stringMatching(/^\[MAIL\] From: .*hello again$/)]);
  });
});
