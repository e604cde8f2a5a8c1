import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestVault, makeWork, stateOf, type TestVault } from './testVault.ts';

let test: TestVault;
beforeEach(async () => {
  test = await createTestVault();
});
afterEach(() => test.dispose());

/** Takes a snapshot that must succeed. */
async function keep(agentName: string | null) {
  const taken = await test.vault.snapshot(agentName, 'by hand');
  if (!taken.ok) throw new Error(taken.error.message);
  return taken.value;
}

async function restore(id: string, more: { into?: 'same' | 'new'; moveHead?: boolean; folder?: string } = {}) {
  const restored = await test.vault.restore({ into: 'same', moveHead: false, id, ...more });
  if (!restored.ok) throw new Error(restored.error.message);
  return restored.value;
}

describe('a snapshot', () => {
  it('brings index and files of every kind back byte for byte, into the same worktree', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    expect(await stateOf(worktree)).toEqual(before);
    await test.gitIn(worktree, 'reset', '-q', '--hard');
    await test.gitIn(worktree, 'clean', '-qfd');
    await writeFile(join(worktree, 'other.txt'), 'made since\n');
    await restore(snapshot.id);
    expect(await stateOf(worktree)).toEqual(before);
  });

  it('brings it back into a new worktree', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    const made = await restore(snapshot.id, { into: 'new' });
    expect(made.worktree).toBe(join(test.root, '.overstory/worktrees/builder-restored'));
    const after = await stateOf(made.worktree);
    expect({ ...after, '(status)': '' }).toEqual({ ...before, '(status)': '' });
    expect(await stateOf(worktree)).toEqual(before);
  });

  it('never touches index, HEAD, stash or files', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const { readFile, stat } = await import('node:fs/promises');
    const index = (await test.gitIn(worktree, 'rev-parse', '--absolute-git-dir')).trim();
    const bytes = await readFile(join(index, 'index'));
    const { mtimeNs } = await stat(join(index, 'index'), { bigint: true });
    await keep('builder');
    expect((await readFile(join(index, 'index'))).equals(bytes)).toBe(true);
    expect((await stat(join(index, 'index'), { bigint: true })).mtimeNs).toBe(mtimeNs);
    expect(await test.git('stash', 'list')).toBe('');
    expect(await test.git('branch', '--list')).toContain('overstory/builder/T-1');
  });
});
