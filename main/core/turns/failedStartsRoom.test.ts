import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { must } from '../db/testing/folder.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

let project: TestProject;
afterEach(() => project.dispose());

it('an agent whose turn cannot be written down calls a person, and goes on by itself once that is put right', async () => {
  project = await createTestProject();
  const { client } = await project.start();
  const logs = join(project.root, '.overstory', 'logs');
  await mkdir(logs, { recursive: true });
  await writeFile(join(logs, 'ann'), 'in the way');
  must(
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: '# T\n\n```rehearsal\nstart:\n  - taskDone: done\n```\n',
    }),
  );
  must(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' }));
  const { byId } = await topicUntil(client, 'attention', (items) =>
    Object.values(items.byId).some((item) => item.title === 'ann cannot begin its turn'),
  );
  expect(Object.values(byId)).toMatchObject([
    { kind: 'error', agent: 'ann', detail: expect.stringMatching(/needs a file or a folder .*: move it away\./) },
  ]);
  const shown = await topicUntil(client, 'agents', (agents) => agents.byId.ann?.retry !== null);
  expect(shown.byId.ann).toMatchObject({
    state: 'booting',
    turnCount: 0,
    activity: expect.stringContaining('move it away'),
  });

  await rm(join(logs, 'ann'));
  await topicUntil(client, 'agents', (agents) => agents.byId.ann?.state === 'completed');
  await topicUntil(client, 'attention', (items) => Object.keys(items.byId).length === 0);
});
