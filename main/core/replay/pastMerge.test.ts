import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

let project: TestProject;
beforeEach(async () => {
  project = await createTestProject();
});
afterEach(() => project.dispose());

it('a merge at a moment is what its screen showed then: nothing, then its tiers and its commit', async () => {
  const { client } = await project.start();
  const began = new Date().toISOString();
  const body =
    '# Task\n\n```rehearsal\nstart:\n  - write: { path: a.txt, content: a }\n  - commit: A\n  - taskDone: done\n```\n';
  const written = await client.call('tasks.writeSpec', { id: 'T-1', body });
  expect(written.ok).toBe(true);
  const slung = await client.call('agents.sling', { taskId: 'T-1', name: 'ann' });
  expect(slung.ok).toBe(true);
  await topicUntil(client, 'agents', (state) => state.byId.ann?.state === 'completed');
  const merged = await client.call('merges.run', { branch: 'overstory/ann/T-1' });
  const id = merged.ok ? (merged.value.results[0]?.entry.id ?? 0) : 0;
  const now = await client.call('merges.detail', { id });
  if (!now.ok) throw new Error(now.error.message);
  expect(now.value.trace?.steps.map((step) => step.kind)).toContain('tier');
  const at = new Date().toISOString();
  const { worktree: _worktree, ...told } = now.value;
  expect(await client.call('replay.merge', { id, at })).toEqual({ ok: true, value: { ...told, worktree: null } });
  expect(await client.call('replay.merge', { id, at: began })).toMatchObject({
    ok: false,
    error: { tag: 'notFound' },
  });
}, 180_000);
