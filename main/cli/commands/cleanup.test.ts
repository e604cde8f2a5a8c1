import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject, specOf, until } from '../../core/chaos/chaosProject.ts';

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

const json = async (...call: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await project.ov([...call, '--json'])).stdout) as Record<string, unknown>;

describe('ov clean and ov worktree clean', { timeout: 180_000 }, () => {
  it('CT28, CT29, CT39: refuse in one line what cannot be meant', async () => {
    expect(await project.ov(['clean'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Error \[VALIDATION_ERROR\]: No cleanup targets specified: name one or more of --all, /,
      ),
    });
    expect(await project.ov(['clean', '--all', '--agent', 'ann'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--agent and --all are mutually exclusive'),
    });
    expect(await project.ov(['clean', '--agent', 'nobody'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('agent "nobody" not found'),
    });
  });

  it('CT35, CT36, CT38, CT54, CT64: say that there is nothing, and leave every key in the JSON', async () => {
    expect((await project.ov(['clean', '--mail', '--worktrees'])).stdout).toBe('Nothing to clean.\n');
    expect((await project.ov(['worktree', 'clean'])).stdout).toBe('No worktrees to clean.\n');
    expect(Object.keys(await json('clean', '--metrics'))).toEqual([
      'success',
      'command',
      'sessionEndEventsLogged',
      'agentsStopped',
      'worktreesCleaned',
      'branchesDeleted',
      'mailWiped',
      'sessionsCleared',
      'mergeQueueCleared',
      'metricsWiped',
      'logsCleared',
      'agentsCleared',
      'specsCleared',
      'nudgeStateCleared',
      'currentRunCleared',
      'kept',
      'mulchHealth',
    ]);
    expect(await json('worktree', 'clean')).toEqual({
      success: true,
      command: 'worktree clean',
      cleaned: [],
      failed: [],
      skipped: [],
      blockedByChildren: [],
      pruned: 0,
      seedsPreserved: [],
      reasons: {},
      mailPurged: 0,
    });
  });

  it('CT30, CT53, CT61: tell what went and what stays, and why', async () => {
    await project.ov([
      'spec',
      'write',
      'T-1',
      '--body',
      specOf('start:\n  - write: { path: a.txt, content: a }\n  - commit: a\n  - taskDone: a'),
    ]);
    expect((await project.ov(['sling', 'T-1', '--name', 'ann'])).code).toBe(0);
    await until(async () => {
      const { agents } = (await json('status', '--all')) as {
        agents: { name: string; state: string; turn: unknown }[];
      };
      const ann = agents.find((agent) => agent.name === 'ann');
      return ann?.state === 'completed' && ann.turn === null ? ann : null;
    }, 'ann has not ended');
    expect((await project.ov(['worktree', 'list'])).stdout).toMatch(/^ann +completed +T-1 +overstory\/ann\/T-1 /);
    expect((await project.ov(['worktree', 'clean'])).stdout).toBe(
      'kept overstory/ann/T-1: its branch is not merged: merge it first, or pass --force\n',
    );
    await project.git('merge', '-q', '--no-edit', 'overstory/ann/T-1');
    expect((await project.ov(['worktree', 'clean'])).stdout).toBe(
      'removed overstory/ann/T-1\n1 ended agents forgotten\n',
    );
    await project.git(
      'worktree',
      'add',
      '-q',
      '-b',
      'overstory/old/T-9',
      join(project.root, '.overstory/worktrees/old'),
    );
    expect((await project.ov(['worktree', 'list'])).stdout).toMatch(/^\? +/);
    expect(await json('worktree', 'list')).toMatchObject({
      worktrees: [{ branch: 'overstory/old/T-9', agentName: null, state: null, taskId: null }],
    });
    await project.git('worktree', 'remove', '--force', join(project.root, '.overstory/worktrees/old'));
    expect(await json('worktree', 'list')).toEqual({ success: true, command: 'worktree list', worktrees: [] });
    expect((await project.ov(['clean', '--mail', '--specs'])).stdout).toBe('wiped mail\ncleared specs\n');
    const all = (await project.ov(['clean', '--all'])).stdout;
    expect(all).toMatch(/cleared logs/);
    expect(all).toMatch(/cleared sessions and runs/);
  });
});
