import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject, specOf, until } from '../../core/chaos/chaosProject.ts';

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

const spec = (id: string, script: string): Promise<unknown> =>
  project.ov(['spec', 'write', id, '--body', specOf(script)]);
const preflight = async (...call: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await project.ov(['sling', ...call, '--dry-run', '--json'])).stdout) as Record<string, unknown>;

describe('ov sling', () => {
  it('as a dry run says what it would meet, and starts nobody', async () => {
    await spec('T-1', 'start:\n  - write: { path: shared.txt, content: mine }\n  - say: at work\n  - hang:');
    const dry = await project.ov(['sling', 'T-1', '--name', 'ann', '--dry-run']);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toMatch(
      /^ann would start on T-1\nroom {8}0 of 25 agents\nruntime {5}rehearsal: .+\nguards {6}\w+: .+\ncollisions/,
    );
    expect(dry.stdout).toContain(
      'collisions  none predicted\ncost        no agent of this role has cost anything yet\n',
    );
    expect((await project.ov(['status'])).stdout).toBe('No agents are active.\n');

    expect((await project.ov(['sling', 'T-1', '--name', 'ann', '--files', 'shared.txt,src/'])).code).toBe(0);
    const met = await until(async () => {
      const answer = await preflight('T-2', '--files', 'src/a.ts');
      return Array.isArray(answer.collisions) && answer.collisions.length > 0 ? answer : null;
    }, 'no collision was predicted');
    expect(met).toMatchObject({ allowed: true, collisions: [{ agentName: 'ann', why: 'planned', files: ['src/'] }] });

    expect(await preflight('T-1')).toMatchObject({
      allowed: false,
      refusal: expect.stringContaining('task T-1 is already being worked by agent ann'),
    });
    expect((await project.ov(['sling', 'T-1', '--dry-run'])).code).toBe(1);
    await project.ov(['stop', 'ann']);
  });

  it('refuses a task that is done unless told to, and says which switch', async () => {
    await project.ov(['task', 'create', 'Old', '--id', 'T-3']);
    await project.ov(['task', 'close', 'T-3']);
    expect(await project.ov(['sling', 'T-3'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('task T-3 is not workable: it is done; pass --recover'),
    });
    expect(await preflight('T-3', '--recover')).toMatchObject({
      allowed: true,
      warnings: ['task T-3 is done already: it is worked on again'],
    });
  });

  it('puts a profile between role and assignment, and refuses one nobody has written', async () => {
    await spec('T-4', 'start:\n  - taskDone: over');
    expect(await project.ov(['sling', 'T-4', '--name', 'pat', '--profile', 'careful'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('agent-defs/careful.md does not exist'),
    });
    expect(await project.git('branch', '--list', 'overstory/pat/*')).toBe('');
    await writeFile(
      join(project.root, '.overstory', 'agent-defs', 'careful.md'),
      'Think twice about $& and {{TASK_ID}}.',
    );
    expect((await project.ov(['sling', 'T-4', '--name', 'pat', '--profile', 'careful'])).code).toBe(0);
    const overlay = await readFile(join(project.root, '.overstory/worktrees/pat/.claude/CLAUDE.md'), 'utf8');
    expect(overlay).toContain('Think twice about $& and {{TASK_ID}}.');
    expect(overlay.indexOf('Think twice')).toBeLessThan(overlay.indexOf('Your Assignment'));
  });

  it('knows --no-headless, and says what to do instead', async () => {
    expect(await project.ov(['sling', 'T-5', '--no-headless'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"ov takeover <agent>" opens its conversation'),
    });
  });
});
