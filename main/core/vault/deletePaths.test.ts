import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import type { SnapshotView } from '../../../contract/vault.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { pathExists } from '../util/files.ts';
import { createTestVault, makeWork, SAMPLE, stateOf, type TestVault } from './testVault.ts';

type State = Awaited<ReturnType<typeof stateOf>>;

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function newProject(): Promise<TestProject> {
  const project = await createTestProject({ 'README.md': SAMPLE['README.md'] });
  cleanUps.push(() => project.dispose());
  for (const [name, content] of Object.entries(SAMPLE)) {
    await mkdir(join(project.root, name, '..'), { recursive: true });
    await writeFile(join(project.root, name), content);
  }
  await project.git('add', ...Object.keys(SAMPLE));
  await project.git('commit', '-qm', 'sources');
  return project;
}

async function newVault(): Promise<TestVault> {
  const test = await createTestVault();
  cleanUps.push(() => test.dispose());
  return test;
}

const spec = (steps: string): string => `# Task\n\n\`\`\`rehearsal\nstart:\n${steps}\n\`\`\`\n`;

/** Slings an agent that is in the middle of a turn, and leaves work of every kind in its worktree. */
async function agentInTurn(client: RoomClient, name: string): Promise<{ worktree: string; before: State }> {
  await client.call('tasks.writeSpec', { id: name, body: spec('  - say: working\n  - hang:') });
  const slung = await client.call('agents.sling', { taskId: name, name });
  if (!slung.ok) throw new Error(slung.error.message);
  await topicUntil(client, 'agents', (state) => state.byId[name]?.state === 'in_turn');
  await makeWork(slung.value.worktree);
  return { worktree: slung.value.worktree, before: await stateOf(slung.value.worktree) };
}

async function newest(client: RoomClient, agentName: string): Promise<SnapshotView> {
  const listed = await client.call('vault.list', { agentName });
  const [first] = listed.ok ? listed.value.snapshots : [];
  if (first === undefined) throw new Error(`nothing is kept of ${agentName}`);
  return first;
}

async function bringBack(client: RoomClient, id: string): Promise<string> {
  const restored = await client.call('vault.restore', { id });
  if (!restored.ok) throw new Error(restored.error.message);
  return restored.value.worktree;
}

describe('delete a worktree with uncommitted and untracked work through every path the product has, bring each back byte for byte', () => {
  it('stop, then removal with force: the commits of its branch come back too', async () => {
    const project = await newProject();
    const { client } = await project.start();
    const { worktree, before } = await agentInTurn(client, 'stopped');
    await writeFile(join(worktree, 'committed.txt'), 'in a commit of its own\n');
    expect(await client.call('worktrees.remove', { agentName: 'stopped', force: true })).toMatchObject({
      ok: false,
      error: { tag: 'invalidState', message: expect.stringContaining('ov stop stopped') },
    });
    expect(await client.call('agents.stop', { agentName: 'stopped' })).toMatchObject({ ok: true });
    expect(await newest(client, 'stopped')).toMatchObject({ reason: 'kill', detail: 'stop', staged: 4 });

    await rm(join(worktree, 'committed.txt'));
    expect(await client.call('worktrees.remove', { agentName: 'stopped' })).toMatchObject({
      ok: false,
      error: { tag: 'worktree', message: expect.stringContaining('uncommitted work') },
    });
    expect(await stateOf(worktree)).toEqual(before);

    const removed = await client.call('worktrees.remove', { agentName: 'stopped', force: true });
    expect(removed).toMatchObject({ ok: true, value: { branchDeleted: true } });
    expect(await pathExists(worktree)).toBe(false);
    expect(await project.git('branch', '--list', 'overstory/stopped/*')).toBe('');
    const kept = await newest(client, 'stopped');
    expect(kept.reason).toBe('removal');
    expect(await bringBack(client, kept.id)).toBe(worktree);
    expect(await stateOf(worktree)).toEqual(before);

    const page = await client.call('timeline.page', { agent: 'stopped' });
    const summaries = page.ok ? page.value.items.map((item) => item.summary) : [];
    expect(summaries.filter((line) => line.includes('(kill: stop)'))).toHaveLength(1);
    expect(summaries.filter((line) => line.includes('(removal: '))).toHaveLength(1);
    expect(summaries.filter((line) => line.includes('restored into'))).toHaveLength(1);
  }, 180_000);

  it('removal of a worktree whose branch has commits nobody merged', async () => {
    const test = await newVault();
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'done.txt'), 'done\n');
    await test.gitIn(worktree, 'add', '.');
    await test.gitIn(worktree, 'commit', '-qm', 'work nobody has merged');
    const before = await stateOf(worktree);
    const removed = await test.worktrees.remove(worktree, { force: true, forceBranch: true });
    expect(removed).toMatchObject({ ok: true, value: { branchDeleted: true } });
    await test.git('reflog', 'expire', '--expire=now', '--all');
    await test.git('gc', '--quiet', '--prune=now');
    const [kept] = await listOf(test);
    expect((await test.vault.restore({ id: kept?.id ?? '', into: 'same', moveHead: false })).ok).toBe(true);
    expect(await stateOf(worktree)).toEqual(before);
  });

  it('a worktree that is clean and merged leaves nothing behind: nothing of it could be lost', async () => {
    const test = await newVault();
    const worktree = await test.agent('builder');
    expect((await test.worktrees.remove(worktree)).ok).toBe(true);
    expect(await listOf(test)).toEqual([]);
  });

  it('a sling that is taken back', async () => {
    const test = await newVault();
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const before = await stateOf(worktree);
    await test.worktrees.rollback(worktree, 'overstory/builder/T-1');
    expect(await pathExists(worktree)).toBe(false);
    const [kept] = await listOf(test);
    expect((await test.vault.restore({ id: kept?.id ?? '', into: 'same', moveHead: false })).ok).toBe(true);
    expect(await stateOf(worktree)).toEqual(before);
  });

  it('a restore over it: what was there is kept first', async () => {
    const test = await newVault();
    const worktree = await test.agent('builder');
    const empty = await test.vault.snapshot('builder', 'before the work');
    await makeWork(worktree);
    const before = await stateOf(worktree);
    const id = empty.ok ? empty.value.snapshot.id : '';
    const restored = await test.vault.restore({ id, into: 'same', moveHead: false });
    expect(await stateOf(worktree)).not.toEqual(before);
    const back = restored.ok ? restored.value.before?.id : undefined;
    expect((await test.vault.restore({ id: back ?? '', into: 'same', moveHead: false })).ok).toBe(true);
    expect(await stateOf(worktree)).toEqual(before);
  });

  it('a merge into a checkout with work in it', async () => {
    const project = await newProject();
    const { client } = await project.start();
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: spec('  - write: { path: hello.txt, content: "hi" }\n  - commit: Say hi\n  - taskDone: done'),
    });
    await client.call('agents.sling', { taskId: 'T-1', name: 'greeter' });
    await topicUntil(client, 'agents', (state) => state.byId.greeter?.state === 'completed');
    await makeWork(project.root);
    // Git cannot put away a file that is only intended (git stash refuses), and so neither can a merge.
    await project.git('add', 'intended.txt');
    const before = await stateOf(project.root);
    const merged = await client.call('merges.run', { branch: 'overstory/greeter/T-1' });
    expect(merged).toMatchObject({ ok: true, value: { results: [{ errorMessage: null, success: true }] } });
    const listed = await client.call('vault.list', { checkout: true });
    const [kept] = listed.ok ? listed.value.snapshots : [];
    expect(kept).toMatchObject({
      agentName: null,
      reason: 'merge',
      detail: 'overstory/greeter/T-1 into main',
    });
    const restored = await client.call('vault.restore', { id: kept?.id ?? '', moveHead: true });
    expect(restored).toMatchObject({ ok: true, value: { warnings: [] } });
    expect(await stateOf(project.root)).toEqual(before);
  }, 180_000);

  it('a removal that no snapshot can make good is refused, and says what would be lost', async () => {
    const test = await newVault();
    const worktree = await test.agent('builder');
    await mkdir(join(worktree, 'lib'));
    await test.gitIn(join(worktree, 'lib'), 'init', '-q');
    await writeFile(join(worktree, 'lib', 'own.txt'), 'of its own\n');
    const refused = await test.worktrees.remove(worktree, { force: true });
    expect(refused).toMatchObject({
      ok: false,
      error: { tag: 'worktree', message: expect.stringContaining('no snapshot holds lib/ (a repository of its own)') },
    });
    expect(await pathExists(join(worktree, 'lib', 'own.txt'))).toBe(true);
    await expect(test.worktrees.rollback(worktree, 'overstory/builder/T-1')).rejects.toThrow('no snapshot holds lib/');
    expect((await test.worktrees.remove(worktree, { force: true, acceptLoss: true })).ok).toBe(true);
  });
});

async function listOf(test: TestVault): Promise<readonly SnapshotView[]> {
  const listed = await test.vault.list();
  if (!listed.ok) throw new Error(listed.error.message);
  return listed.value;
}
