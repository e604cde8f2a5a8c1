import { readFile } from 'node:fs/promises';
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

describe('ov supervisor (spec 03 §4.5)', { timeout: 180_000 }, () => {
  it('starts on an open task only, in the project itself, and shows in the lists', async () => {
    expect(await json('supervisor', 'status')).toMatchObject({ supervisors: [] });
    await project.ov(['task', 'create', 'Old', '--id', 'T-9']);
    await project.ov(['task', 'close', 'T-9']);
    expect(await project.ov(['supervisor', 'start', '--task', 'T-9', '--name', 'sue'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('task T-9 is not workable'),
    });
    await project.ov(['spec', 'write', 'T-1', '--body', specOf('start:\n  - say: at work\n')]);
    const spec = join(project.root, '.overstory/specs/T-1.md');
    expect(
      await json('supervisor', 'start', '--task', 'T-1', '--name', 'sue', '--spec', spec, '--depth', '1'),
    ).toMatchObject({
      command: 'supervisor start',
      agentName: 'sue',
      capability: 'supervisor',
      taskId: 'T-1',
      parent: 'coordinator',
      depth: 1,
      tmuxSession: '',
      pid: null,
      projectRoot: project.root,
    });
    await until(async () => {
      const { state } = await json('supervisor', 'status', '--name', 'sue');
      return state === 'between_turns' ? state : null;
    }, 'sue never rested');
    expect(await json('supervisor', 'status', '--name', 'sue')).toMatchObject({
      running: true,
      agentName: 'sue',
      taskId: 'T-1',
      parentAgent: 'coordinator',
      depth: 1,
    });
    expect((await project.ov(['supervisor', 'status'])).stdout).toMatch(/^sue +between_turns +T-1 +coordinator\n$/);
    // Its role is in a file of its own: the project's own instructions are a person's.
    expect(await readFile(join(project.root, '.overstory/agents/sue/instructions.md'), 'utf8')).toContain(
      '# Supervisor',
    );
    expect(await project.ov(['sling', 'T-1'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already being worked by agent sue'),
    });
  });

  it('CT51, CT52, CT69: runs and lists show it in the documented shapes', async () => {
    expect(await json('run')).toEqual({ success: true, command: 'run', run: null, message: 'No active run' });
    expect(await json('run', 'list')).toEqual({ success: true, command: 'run list', runs: [] });
    expect(await project.ov(['run', 'complete', '--json'])).toMatchObject({ code: 1 });
    await project.ov(['spec', 'write', 'T-2', '--body', specOf('start:\n  - hang:\n')]);
    await project.ov(['sling', 'T-2', '--name', 'bob', '--files', 'src/a.ts,src/b.ts']);
    const { run, duration } = (await json('run')) as { run: { id: string; status: string }; duration: string };
    expect([run.status, duration]).toEqual(['active', expect.stringMatching(/^\d+(s|m( \d+s)?)$/)]);
    expect(await json('run', 'show', run.id)).toMatchObject({
      command: 'run show',
      run: { id: run.id },
      duration: expect.any(String),
      agents: [{ name: 'bob' }],
    });
    expect(await json('run', 'list')).toMatchObject({ runs: [{ id: run.id, duration: expect.any(String) }] });

    const names = async (...more: string[]): Promise<readonly string[]> => {
      const { agents } = (await json('agents', 'discover', ...more)) as { agents: { agentName: string }[] };
      return agents.map((agent) => agent.agentName);
    };
    expect(await names()).toEqual(['sue', 'bob']);
    expect(await names('--capability', 'builder')).toEqual(['bob']);
    expect(await names('--capability', 'merger')).toEqual([]);
    const { agents } = await json('agents', 'discover', '--capability', 'builder');
    expect(agents).toEqual([
      {
        agentName: 'bob',
        capability: 'builder',
        state: expect.any(String),
        taskId: 'T-2',
        branchName: 'overstory/bob/T-2',
        parentAgent: null,
        depth: 0,
        fileScope: ['src/a.ts', 'src/b.ts'],
        startedAt: expect.any(String),
        lastActivity: expect.any(String),
      },
    ]);
    expect((await project.ov(['agents', 'discover', '--capability', 'scout'])).stdout).toBe('No agents found.\n');
    await project.ov(['stop', 'bob']);
    expect(await names()).toEqual(['sue']);
    expect(await names('--all')).toEqual(['sue', 'bob']);
  });

  it('CT70: refuses unknown roles and subcommands in one line, and shows its help', async () => {
    expect(await project.ov(['agents', 'discover', '--capability', 'wizard'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error \[VALIDATION_ERROR\]: Invalid capability "wizard": use scout, [^\n]*\n$/),
    });
    expect(await project.ov(['agents', 'bogus'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: unknown command 'bogus'/),
    });
    const help = await project.ov(['agents']);
    expect(help.stdout + help.stderr).toContain('discover');
    expect((await project.ov(['run', 'bogus'])).stderr).toContain('unknown subcommand "bogus"');
  });

  it('is stopped by its name; another name is no supervisor', async () => {
    for (const name of ['nobody', 'bob'])
      expect(await project.ov(['supervisor', 'stop', '--name', name])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`No active supervisor ${name} found`),
      });
    expect(await json('supervisor', 'stop', '--name', 'sue')).toEqual({
      success: true,
      command: 'supervisor stop',
      stopped: true,
      sessionId: expect.stringContaining('sue'),
    });
    expect(await json('supervisor', 'status', '--name', 'sue')).toMatchObject({ running: false });
  });
});
