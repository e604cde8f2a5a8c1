import { mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { must } from '../db/testing/folder.ts';
import { createTestProject, type TestProject } from '../testEngine.ts';
import { answerHook } from './guardAnswer.ts';

/** Spec 01 §3.6, R8: what a claude agent gets before its first turn, with guards in a settings file of the launch. */
let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject();
  ({ client } = await project.start());
  // No turn is to start: claude need not be there.
  must(await client.call('fleet.pause', { paused: true }));
});
afterEach(() => project.dispose());

const state = (...path: string[]): string => join(project.root, '.overstory', ...path);
const worktree = (name: string): string => state('worktrees', name);
const settingsOf = async (name: string): Promise<{ hooks: object; permissions: { deny: string[] } }> =>
  JSON.parse(await readFile(state('agents', name, 'settings.json'), 'utf8'));
const sling = async (name: string, capability: 'builder' | 'scout'): Promise<unknown> =>
  must(await client.call('agents.sling', { taskId: `T-${name}`, name, capability, runtime: 'claude' }));
async function allows(name: string, tool: string, input: object): Promise<boolean> {
  const cwd = worktree(name);
  const machine = { environment: {}, temporaryFolder: await realpath(tmpdir()), realpath: (path: string) => path };
  const call = JSON.stringify({ tool_name: tool, tool_input: input, cwd });
  return (await answerHook(state(), name, call, machine as never, cwd)).allow;
}

describe('R8: deployConfig', () => {
  it('SP84: writes the overlay into the worktree, and settings whose only hook is PreToolUse', async () => {
    await sling('ann', 'builder');
    const overlay = await readFile(join(worktree('ann'), '.claude', 'CLAUDE.md'), 'utf8');
    for (const word of ['ann', 'T-ann', 'overstory/ann/T-ann']) expect(overlay).toContain(word);
    expect(Object.keys((await settingsOf('ann')).hooks)).toEqual(['PreToolUse']);
    await expect(stat(join(worktree('ann'), '.claude', 'settings.local.json'))).rejects.toThrow('ENOENT');
  });

  it('guards pushes, resets and paths outside of the worktree', async () => {
    await sling('ann', 'builder');
    const inside = join(worktree('ann'), 'a.txt');
    expect(await allows('ann', 'Write', { file_path: inside, content: '' })).toBe(true);
    expect(await allows('ann', 'Write', { file_path: join(project.root, 'a.txt'), content: '' })).toBe(false);
    expect(await allows('ann', 'Bash', { command: 'git push origin main' })).toBe(false);
    expect(await allows('ann', 'Bash', { command: 'git reset --hard HEAD~1' })).toBe(false);
  });

  it('SP84: gives the same again to a second agent of that kind, and a person’s own settings stay as they are', async () => {
    const own = '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"mov x"}]}]},"model":"opus"}';
    await mkdir(join(project.root, '.claude'));
    await writeFile(join(project.root, '.claude', 'settings.local.json'), own);
    await sling('ann', 'builder');
    await sling('bob', 'builder');
    const [ann, bob] = [await settingsOf('ann'), await settingsOf('bob')];
    expect(JSON.stringify(bob).replaceAll('bob', 'ann')).toBe(JSON.stringify(ann));
    expect(await readFile(join(project.root, '.claude', 'settings.local.json'), 'utf8')).toBe(own);
  });

  it('takes the project’s own role file, whatever stands in it, and refuses one that is gone', async () => {
    const hostile = '# Our builder\n\n$& $1 `rm -rf x` {{TASK_ID}} {{NOBODY}} look with {{TRACKER_CLI}} <!-- --> $HOME';
    await writeFile(state('agent-defs', 'builder.md'), hostile);
    await sling('ann', 'builder');
    const overlay = await readFile(join(worktree('ann'), '.claude', 'CLAUDE.md'), 'utf8');
    expect(overlay).toContain(hostile.replace('{{TRACKER_CLI}}', 'ov task'));
    expect(overlay).not.toContain('You turn one spec into working');
    await rm(state('agent-defs', 'builder.md'));
    expect(await client.call('agents.sling', { taskId: 'T-bob', name: 'bob' })).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/role file .*builder\.md does not exist; "ov init --force"/) },
    });
    expect(await project.git('branch', '--list', 'overstory/bob/*')).toBe('');
  });

  it('gives a scout other settings than a builder', async () => {
    await sling('ann', 'builder');
    await sling('sue', 'scout');
    const [builder, scout] = [await settingsOf('ann'), await settingsOf('sue')];
    expect(scout.permissions.deny).toEqual(expect.arrayContaining(['Write', 'Edit']));
    expect(builder.permissions.deny).not.toContain('Write');
    expect(await allows('sue', 'Write', { file_path: join(worktree('sue'), 'a.txt'), content: '' })).toBe(false);
  });

  it('gives an agent of the project root settings alone: the user’s own instruction file is never written', async () => {
    must(await client.call('coordinator.start', { runtime: 'claude' }));
    expect(Object.keys((await settingsOf('coordinator')).hooks)).toEqual(['PreToolUse']);
    const instructions = await readFile(state('agents', 'coordinator', 'instructions.md'), 'utf8');
    expect(instructions).toContain('.overstory/agents/coordinator/instructions.md');
    expect(instructions).toContain('**Parent:** operator');
    expect(instructions).not.toMatch(/CLAUDE\.md|WORKTREE ISOLATION/);
    await expect(stat(join(project.root, '.claude'))).rejects.toThrow('ENOENT');
  });
});
