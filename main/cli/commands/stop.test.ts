import { writeFile } from 'node:fs/promises';
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

describe('ov stop', { timeout: 180_000 }, () => {
  const hangs = specOf('start:\n  - write: { path: draft.txt, content: nobody has committed this }\n  - hang:');
  const drafted = async (name: string): Promise<void> => {
    await until(async () => {
      const { agents } = (await json('status')) as { agents: { name: string; state: string }[] };
      return agents.find((agent) => agent.name === name)?.state === 'in_turn' ? true : null;
    }, `${name} never worked`);
  };

  it('CT9, CT10, CT11: answers with every key; a worktree that stays is a remark, not a failure', async () => {
    await project.ov(['spec', 'write', 'S-1', '--body', hangs]);
    expect((await project.ov(['sling', 'S-1', '--name', 'sam'])).code).toBe(0);
    await drafted('sam');
    const mine = join(project.root, '.overstory/worktrees/sam/mine.txt');
    await writeFile(mine, 'mine');
    const kept = await project.ov(['stop', 'sam', '--clean-worktree', '--json']);
    expect(kept).toMatchObject({ code: 0, stderr: expect.stringContaining('the worktree stays: ') });
    expect(JSON.parse(kept.stdout)).toEqual({
      success: true,
      command: 'stop',
      stopped: true,
      agentName: 'sam',
      sessionId: expect.stringContaining('sam'),
      capability: 'builder',
      tmuxKilled: false,
      pidKilled: true,
      worktreeRemoved: false,
      branchDeleted: false,
      force: false,
      wasZombie: false,
      wasCompleted: false,
    });
    expect(await json('stop', 'sam', '--clean-worktree', '--force')).toMatchObject({
      stopped: true,
      pidKilled: false,
      worktreeRemoved: true,
      branchDeleted: true,
      force: true,
      wasCompleted: true,
    });
  });

  it('CT1, CT2, CT3: refuses a blank name, one nobody has, and one that has ended', async () => {
    const slips: readonly (readonly [readonly string[], RegExp])[] = [
      [['stop', ''], /^Error \[VALIDATION_ERROR\]: [^\n]+\n$/],
      [['stop', 'nobody'], /^Error \[AGENT_ERROR\]: agent "nobody" not found: [^\n]+\n$/],
      [['stop', 'sam'], /^Error \[AGENT_ERROR\]: sam is already completed; .*--clean-worktree[^\n]*\n$/],
    ];
    for (const [call, line] of slips)
      expect(await project.ov(call)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
    // A person is told of a nudge that failed; a program reads the answer (spec 02 §4.2).
    expect(await project.ov(['nudge', 'sam', 'wake', 'up'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nudge failed: No active session of sam (state: completed)'),
    });
    expect(await project.ov(['nudge', 'sam', '--json'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"delivered":false'),
    });
  });
});

describe('ov group', { timeout: 180_000 }, () => {
  it('CT45, CT46: prints active and completed groups, and answers in one envelope', async () => {
    expect(await json('group', 'list')).toEqual({ success: true, command: 'group list', groups: [] });
    for (const id of ['G-1', 'G-2']) await project.ov(['task', 'create', id, '--id', id]);
    expect(await project.ov(['group', 'create', 'both', 'G-1', 'nobody'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error \[GROUP_ERROR\]: [^\n]*nobody[^\n]*\n$/),
    });
    expect(await json('group', 'create', 'both', 'G-1', 'G-2')).toMatchObject({ memberIssueIds: ['G-1', 'G-2'] });
    await project.ov(['task', 'close', 'G-1']);
    expect((await project.ov(['group', 'status', 'both'])).stdout).toMatch(/both.*active.*1.*2/s);
    await project.ov(['task', 'close', 'G-2']);
    const done = await until(async () => {
      const { stdout } = await project.ov(['group', 'status', 'both']);
      return stdout.includes('completed') ? stdout : null;
    }, 'the group was never completed');
    expect(done).toMatch(/both.*completed.*2.*2/s);
  });
});
