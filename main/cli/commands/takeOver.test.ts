import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { must } from '../../core/db/testing/folder.ts';
import { openStores } from '../../core/stores.ts';
import { topicUntil } from '../../core/testEngine.ts';
import { openAgentHolds } from '../../core/turns/agentHolds.ts';

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

const script = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

interface Answer {
  readonly success: boolean;
  readonly error?: string;
  readonly offers?: readonly { readonly name: string }[];
  readonly resumed?: readonly string[];
}

async function ov(...args: string[]): Promise<Answer> {
  const end = await project.ov([...args, '--json']);
  return JSON.parse(end.stdout.trim()) as Answer;
}

/** Waits for a state as the room tells it. */
async function until(name: string, state: string): Promise<void> {
  await topicUntil(await project.client(), 'agents', (agents) => agents.byId[name]?.state === state);
}

describe('ov takeover, handback, resume', { timeout: 180_000 }, () => {
  it('opens a conversation, gives it back with words, and the agent goes on with them', async () => {
    const spec = join(project.root, '.overstory', 'specs', 'T-1.md');
    await writeFile(spec, script('start:\n  - say: begun\non:\n  any:\n    - taskDone: "{{mail.body}}"'));
    expect(await ov('sling', 'T-1', '--name', 'ann')).toMatchObject({ success: true });
    await until('ann', 'between_turns');
    expect(await ov('takeover', 'ann')).toMatchObject({ success: true, agentName: 'ann', terminalId: 'agent:ann' });
    expect(await ov('takeover', 'ann')).toMatchObject({
      success: false,
      error: 'ann is taken over already: type in its terminal, or hand it back',
    });
    expect(await ov('handback', 'ann', 'well', 'done')).toMatchObject({ success: true });
    await until('ann', 'completed');
    expect(await ov('handback', 'ann')).toMatchObject({
      success: false,
      error: 'ann is not taken over: nothing to hand back',
    });
  });

  it('lists and resumes who was cut off by a restart, and nobody else', async () => {
    expect(await ov('resume')).toMatchObject({ success: true, offers: [] });
    const spec = join(project.root, '.overstory', 'specs', 'T-2.md');
    await writeFile(spec, script('start:\n  - say: begun'));
    await ov('sling', 'T-2', '--name', 'ben');
    await until('ben', 'between_turns');
    await project.killEngine();
    const stores = must(await openStores(join(project.root, '.overstory')));
    openAgentHolds(stores.control, () => {}).put('ben', {
      kind: 'resumeOffer',
      since: new Date().toISOString(),
      until: null,
      reason: 'cut off by a restart of the machine: resume it (ov resume ben) or stop it',
      runtime: null,
      takeOver: null,
    });
    stores.close();
    expect((await ov('resume')).offers).toMatchObject([{ name: 'ben' }]);
    expect(await ov('resume', '--all')).toMatchObject({ success: true, resumed: ['ben'] });
    expect((await ov('resume')).offers).toEqual([]);
  });
});
