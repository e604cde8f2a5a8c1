import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { operatorHooks } from '../../core/config/operatorHooks.ts';
import { STATE_GITIGNORE } from '../../core/config/scaffold.ts';

/** What a person's own agent calls by its hooks: real calls, without an engine. */
let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

const state = (...path: string[]): string => join(project.root, '.overstory', ...path);
const json = async (...call: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await project.ov([...call, '--json'])).stdout) as Record<string, unknown>;

describe('hooks of a person’s own agent', { timeout: 180_000 }, () => {
  it('call nothing that is not there, and what they call succeeds with an empty project', async () => {
    const commands = Object.values(operatorHooks().hooks)
      .flat()
      .flatMap((entry) => (entry.hooks as readonly { command: string }[]).map((hook) => hook.command));
    expect(commands).toHaveLength(7);
    const input = JSON.stringify({ tool_name: 'Bash', tool_input: { command: 'ls' }, session_id: 'c-1' });
    for (const command of commands)
      expect([command, await project.ov(command.split(' ').slice(1), { input })]).toEqual([
        command,
        expect.objectContaining({ code: 0, stderr: '' }),
      ]);
  });

  it('CT74, CT75, CT76: are installed, shown and taken out by ov hooks', async () => {
    expect((await project.ov(['hooks', 'status'])).stdout).toContain('"ov hooks install" puts them in place.');
    expect(await json('hooks', 'install')).toMatchObject({ command: 'hooks install', installed: true });
    expect((await project.ov(['hooks', 'install'])).stdout).toMatch(/already present.*--force/);
    expect(await json('hooks', 'status')).toEqual({
      success: true,
      command: 'hooks status',
      sourceExists: true,
      installed: true,
    });
    expect((await project.ov(['hooks', 'uninstall'])).code).toBe(0);
    expect(await json('hooks', 'status')).toMatchObject({ installed: false });
    expect(await project.ov(['hooks', 'bogus'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/unknown (sub)?command/),
    });
  });
});

describe('ov prime', { timeout: 180_000 }, () => {
  it('tells of the project, heals .gitignore, and notes the branch that merges go to', async () => {
    await writeFile(state('.gitignore'), '# mine\n');
    await rm(state('session-branch.txt'), { force: true });
    await project.git('checkout', '-q', '-b', 'feature');
    try {
      const { stdout } = await project.ov(['prime']);
      expect(stdout).toMatch(/^## Project: /);
      expect(stdout).toContain('- Session branch: feature');
      expect(stdout).toContain('## Recent Activity\n\nNo recent sessions.');
      expect(await readFile(state('.gitignore'), 'utf8')).toBe(STATE_GITIGNORE);
      // The hooks name the person's own agent: the branch is noted all the same.
      expect(await readFile(state('session-branch.txt'), 'utf8')).toBe('feature\n');
    } finally {
      await project.git('checkout', '-q', 'main');
    }
    expect((await project.ov(['prime', '--agent', 'orchestrator', '--compact'])).stdout).not.toContain('Recent');
    expect(await readFile(state('session-branch.txt'), 'utf8')).toBe('main\n');
  });

  it('leaves a .gitignore with the same rules as it is', async () => {
    const text = `# by hand\n${STATE_GITIGNORE}`;
    await writeFile(state('.gitignore'), text);
    await project.ov(['prime']);
    expect(await readFile(state('.gitignore'), 'utf8')).toBe(text);
  });

  it('tells an agent nobody knows that it is new, and warns', async () => {
    const { context, ...rest } = await json('prime', '--agent', 'nobody');
    expect(rest).toEqual({ success: true, command: 'prime', agent: 'nobody', compact: false });
    expect(context).toMatch(/New agent - no prior sessions\.\nNobody called nobody/);
  });
});

describe('ov log', { timeout: 180_000 }, () => {
  it('reads input of any size, refuses other events in one line, and needs an agent', async () => {
    const input = JSON.stringify({ tool_name: 'Write', tool_input: { file_path: 'a', content: 'x'.repeat(200_000) } });
    expect(await project.ov(['log', 'tool-start', '--agent', 'orchestrator', '--stdin'], { input })).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(await project.ov(['log', 'bogus', '--agent', 'x'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error \[VALIDATION_ERROR\]: unknown event "bogus": say tool-start, [^\n]*\n$/),
    });
    expect((await project.ov(['log', 'tool-start'])).code).toBe(1);
  });
});

describe('ov checkpoint', { timeout: 180_000 }, () => {
  it('notes for an agent of the project only, and says whose is missing', async () => {
    expect(await project.ov(['checkpoint', 'show'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--agent <name>'),
    });
    expect((await project.ov(['checkpoint', 'show', '--agent', 'ann'])).stdout).toBe('ann has no checkpoint.\n');
    expect(
      await project.ov(['checkpoint', 'save', '--agent', 'ann', '--summary', 'a', '--pending', 'b']),
    ).toMatchObject({ code: 1, stderr: expect.stringMatching(/no agent ann|sessions\.db/) });
  });
});
