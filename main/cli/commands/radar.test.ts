import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RadarView } from '../../../contract/radar.ts';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { topicUntil } from '../../core/testEngine.ts';

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

describe('ov radar', { timeout: 180_000 }, () => {
  it('tells predicted collisions of uncommitted work and the order to merge, and asks for attention once', async () => {
    const empty = await project.ov(['radar']);
    expect(empty).toMatchObject({ code: 0, stdout: 'No worktrees.\n' });

    for (const [name, task] of [
      ['ann', 'T-1'],
      ['ben', 'T-2'],
    ] as const) {
      const spec = '# Task\n\n```rehearsal\nstart:\n  - say: begun\n```\n';
      await writeFile(join(project.root, '.overstory', 'specs', `${task}.md`), spec);
      const slung = await project.ov(['sling', task, '--name', name, '--json']);
      expect(JSON.parse(slung.stdout)).toMatchObject({ success: true });
    }
    const client = await project.client();
    await topicUntil(
      client,
      'agents',
      ({ byId }) => ['ann', 'ben'].every((name) => byId[name]?.state === 'between_turns'),
      60_000,
    );
    for (const name of ['ann', 'ben']) {
      await writeFile(join(project.root, '.overstory', 'worktrees', name, 'plan.txt'), `plan of ${name}\n`);
    }

    const answer = JSON.parse((await project.ov(['radar', '--json'])).stdout) as RadarView & { success: boolean };
    expect(answer).toMatchObject({ success: true, target: 'main' });
    expect(answer.pairs.map(({ one, other, conflicts }) => [[one, other].sort(), conflicts])).toEqual([
      [['ann', 'ben'], [{ path: 'plan.txt', kind: 'added' }]],
    ]);
    expect(answer.order.map(({ clean, conflictsWith }) => [clean, conflictsWith.length])).toEqual([
      [true, 0],
      [false, 1],
    ]);
    await topicUntil(client, 'attention', ({ byId }) => byId['collision:ann+ben'] !== undefined);
    await topicUntil(client, 'radar', ({ value }) => value?.pairs.length === 1);

    const { stdout } = await project.ov(['radar']);
    expect(stdout).toContain('plan.txt (added)');
    expect(stdout).toMatch(/Suggested order:\n1\. {2}\w+ {2}cleanly\n2\. {2}\w+ {2}conflicts with/);

    const planned = await client.call('radar.planned', { files: ['plan.txt'] });
    expect(planned.ok && planned.value.collisions.map(({ agentName, why }) => [agentName, why]).sort()).toEqual([
      ['ann', 'changed'],
      ['ben', 'changed'],
    ]);

    const preflight = await client.call('agents.preflight', { taskId: 'T-3', files: ['plan.txt'] });
    expect(preflight.ok && preflight.value.collisions?.map(({ agentName }) => agentName).sort()).toEqual([
      'ann',
      'ben',
    ]);

    // What the radar made for its trials lies in a folder of its own that goes with the engine.
    const refs = await readFile(join(project.root, '.git', 'packed-refs'), 'utf8').catch(() => '');
    expect(refs).not.toContain('radar');
  });
});
