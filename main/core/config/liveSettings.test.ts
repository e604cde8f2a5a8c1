import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject();
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const file = (): string => join(project.root, '.overstory', 'config.yaml');

it('a written cap is in force without a restart, and every face is told', async () => {
  const read = await client.call('config.read', {});
  if (!read.ok) throw new Error(read.error.message);
  const done = await client.call('config.write', {
    version: read.value.version,
    file: 'project',
    changes: [{ key: 'controlRoom.budgets.day.turns', value: 7 }],
  });
  expect(done.ok).toBe(true);
  const status = await topicUntil(client, 'status', ({ value }) => (value?.governor.caps.length ?? 0) > 0);
  expect(status.value?.governor.caps).toMatchObject([{ scope: 'day', measure: 'turns', used: 0, limit: 7 }]);
  expect(status.value?.config?.version).not.toBe(read.value.version);
  const again = await client.call('config.write', {
    version: read.value.version,
    file: 'project',
    changes: [{ key: 'models.lead', value: 'opus' }],
  });
  expect(again).toMatchObject({ ok: false, error: { tag: 'conflict' } });
});

it('a change by hand is noticed, and one that cannot be used is told without losing what is in force', async () => {
  const good = await readFile(file(), 'utf8');
  await writeFile(file(), `${good}controlRoom:\n  budgets:\n    day:\n      turns: 9\n`);
  await topicUntil(client, 'status', ({ value }) => value?.governor.caps[0]?.limit === 9);
  await writeFile(file(), 'runtime: [\n');
  const broken = await topicUntil(client, 'status', ({ value }) => (value?.config?.problem ?? null) !== null);
  expect(broken.value?.config?.problem).toContain('config.yaml is not valid YAML');
  expect(broken.value?.governor.caps[0]?.limit).toBe(9);
  await writeFile(file(), good);
  await topicUntil(client, 'status', ({ value }) => value?.config?.problem === null);
});
