import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { roomContract } from '../../../contract/room.ts';
import { PRODUCT_VERSION } from '../../../contract/version.ts';
import { connectClient } from '../../../contract/wire/client.ts';
import type { Scope } from '../../../contract/wire/definition.ts';
import { createMemoryPair } from '../../../contract/wire/memoryChannel.ts';
import { projectKey } from '../../platform/projectSockets.ts';
import { nodeScheduler } from '../../platform/scheduler.ts';
import { removeTestFolder, testFolder } from '../../platform/testFolders.ts';
import { value } from '../../pty-host/testHost.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { joinProject } from './joinProject.ts';
import { openProjectRegistry, type ProjectRegistry } from './projectRegistry.ts';

let folder: string;
let registry: ProjectRegistry;
let here: TestProject;
let there: TestProject;
beforeEach(async () => {
  folder = await testFolder('projects');
  registry = openProjectRegistry(join(folder, 'list'));
  [here, there] = [await createTestProject(), await createTestProject()];
});
afterEach(async () => {
  await here.dispose();
  await there.dispose();
  await removeTestFolder(folder);
});

describe('an engine among the projects of the machine', () => {
  it('lists its own project first, and what waits in another one that runs', async () => {
    const { client } = await here.start({ registry });
    const other = await there.start({ registry });
    await other.client.call('mail.send', {
      to: 'operator',
      from: 'lead-a',
      subject: 'Which?',
      body: 'This or that?',
      type: 'decision_gate',
      payload: JSON.stringify({ options: ['this', 'that'] }),
    });
    await topicUntil(other.client, 'attention', ({ byId }) => Object.keys(byId).length === 1);
    const listed = async () => value(await client.call('projects.list', {})).projects;
    await expect.poll(async () => (await listed())[1]?.attention).toBe(1);
    const [own, second] = await listed();
    expect(own).toMatchObject({ root: here.root, live: true, current: true, attention: 0, working: 0 });
    expect(second).toMatchObject({ root: there.root, live: true, current: false, working: 0 });
    await there.stopEngine();
    expect((await listed())[1]).toMatchObject({ live: false, attention: null, working: null });
  });

  it('opens a project of the list, by its folder or one inside it, and no other folder', async () => {
    const { client } = await here.start({ registry });
    await there.start({ registry });
    await mkdir(join(there.root, 'src'));
    const opened = value(await client.call('projects.open', { path: join(there.root, 'src') }));
    expect(opened).toMatchObject({ id: projectKey(there.root), root: there.root });
    value(await client.call('projects.forget', { id: opened.id }));
    // One line for all: an answer tells nothing of what is on the disk.
    for (const path of [there.root, folder, join(folder, 'absent'), 'src']) {
      const refused = await client.call('projects.open', { path });
      expect(refused.ok ? null : refused.error.message).toMatch(/is no project of this machine yet/);
    }
    const own = await client.call('projects.forget', { id: projectKey(here.root) });
    expect(own.ok).toBe(false);
  });
});

describe('a page that looks at another project', () => {
  /** A page of this project's room whose token earns a scope, asking for the other project. */
  async function page(scope: Scope | null, id = projectKey(there.root)) {
    const { engine } = await there.start({ registry });
    const [face, served] = createMemoryPair();
    joinProject(served, id, {
      registry,
      scheduler: nodeScheduler,
      authorize: (hello) => (hello.token === 'session' ? scope : null),
      async connect(root) {
        expect(root).toBe(there.root);
        const [left, right] = createMemoryPair();
        engine.connect(right, () => 'admin');
        return { ok: true, value: left };
      },
    });
    return connectClient({
      contract: roomContract,
      channel: face,
      hello: { build: PRODUCT_VERSION, token: 'session' },
      scheduler: nodeScheduler,
    });
  }
  const rootOf = async (client: RoomClient) => value(await client.snapshot('status')).value?.project.root;

  it('is joined to its engine', async () => {
    const client = value(await page('admin'));
    expect(await rootOf(client)).toBe(there.root);
    client.close();
  });

  it.each([
    ['is not signed in', null, 'not signed in'],
    ['may only watch', 'read', 'one project only'],
    ['may not administer', 'control', 'one project only'],
  ] as const)('is refused when it %s', async (_what, scope, reason) => {
    const refused = await page(scope);
    expect(refused.ok ? null : refused.error.message).toContain(reason);
  });

  it('is told of a project that is on no list', async () => {
    const refused = await page('admin', '0'.repeat(16));
    expect(refused.ok ? null : refused.error.message).toContain('not on the list');
  });
});
