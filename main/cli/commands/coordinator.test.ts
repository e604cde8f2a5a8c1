import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject, specOf, until } from '../../core/chaos/chaosProject.ts';

const ANSWERS = specOf('start:\n  - say: I am here.\non:\n  dispatch:\n    - reply: "I heard: {{mail.body}}"\n');

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
  await writeFile(join(project.root, 'objective.md'), ANSWERS);
});
afterAll(() => project.dispose());

const json = async (...call: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await project.ov([...call, '--json'])).stdout) as Record<string, unknown>;

describe('ov coordinator', () => {
  it('says what to do when nobody is there', async () => {
    expect((await project.ov(['coordinator', 'status'])).stdout).toBe(
      'no coordinator runs; start one with "ov coordinator start"\n',
    );
    for (const word of ['send', 'ask'])
      expect(await project.ov(['coordinator', word, '--body', 'x'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('start one with "ov coordinator start"'),
      });
  });

  it('is asked and answers, and shows what it did in the order it happened', async () => {
    expect((await project.ov(['coordinator', 'start', '--spec', join(project.root, 'objective.md')])).code).toBe(0);
    expect((await project.ov(['coordinator', 'ask', '--body', 'how far?', '--timeout', '60'])).stdout).toBe(
      'I heard: how far?\n',
    );
    expect(await json('coordinator', 'ask', '--body', 'and now?', '--timeout', '60')).toMatchObject({
      command: 'coordinator ask',
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      body: 'I heard: and now?',
    });
    await until(async () => (await json('coordinator', 'status')).state === 'between_turns', 'it never rested');
    const { content } = (await json('coordinator', 'output')) as { content: string };
    const [begun, first, second] = ['I am here.', 'I heard: how far?', 'I heard: and now?'].map((words) =>
      content.indexOf(words),
    );
    expect(begun).toBeGreaterThan(-1);
    expect(first).toBeGreaterThan(begun ?? 0);
    expect(second).toBeGreaterThan(first ?? 0);
    expect((await json('coordinator', 'output', '--lines', '1')).lines).toBe(1);
  });

  it('refuses times, lines and categories that cannot be meant', async () => {
    const slips: readonly (readonly [readonly string[], RegExp])[] = [
      [['coordinator', 'ask', '--body', 'x', '--timeout', '0'], /--timeout must be a whole number of seconds above 0/],
      [['coordinator', 'output', '--lines', '0'], /--lines must be a whole number from 1 to 200/],
      [['discover', '--skip', 'bogus'], /unknown category "bogus"; use architecture, /],
      [['discover', '--skip', 'architecture,dependencies,testing,apis,config,implicit'], /every category is skipped/],
    ];
    for (const [call, line] of slips)
      expect(await project.ov(call)).toMatchObject({ code: 1, stderr: expect.stringMatching(line) });
  });

  it('ends with its run', async () => {
    expect((await project.ov(['coordinator', 'stop'])).stdout).toBe('coordinator stopped; its run is completed\n');
    expect(await project.ov(['coordinator', 'stop'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No active coordinator session found'),
    });
  });
});
