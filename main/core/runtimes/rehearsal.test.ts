import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from './adapter.ts';
import { createRehearsalAdapter } from './rehearsal.ts';

let project = '';
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'ocr-runtime-'));
});
afterEach(async () => {
  await rm(project, { recursive: true, force: true });
});

/** Starts one turn exactly as planned and gives its events. */
async function turn(specPath: string, resumeId: string | null): Promise<{ code: number; events: AgentEvent[] }> {
  const adapter = createRehearsalAdapter({ pace: '0' });
  const plan = adapter.planTurn({
    agentName: 'builder-a',
    capability: 'builder',
    taskId: 'task-1',
    worktree: project,
    projectRoot: project,
    agentDirectory: join(project, '.overstory/agents/builder-a'),
    specPath,
    prompt: 'go on',
    model: 'sonnet',
    resumeId,
    parent: 'lead-1',
    depth: 2,
  });
  const [command = '', ...args] = plan.argv;
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((done) => {
    const env = { PATH: process.env.PATH, ...plan.env };
    const child = execFile(command, args, { cwd: project, env }, (error, stdout) =>
      done({ code: error === null ? 0 : Number(error.code), stdout }),
    );
    child.stdin?.end(plan.stdin);
  });
  const parser = adapter.createParser();
  return { code, events: [...stdout.split('\n').flatMap((line) => parser.push(line)), ...parser.end()] };
}

describe('the rehearsal runtime', () => {
  it('runs as planned, and its parser reads every event of a turn and of its resumption', async () => {
    const specPath = join(project, 'spec.md');
    await mkdir(join(project, '.overstory'), { recursive: true });
    await writeFile(
      specPath,
      '```rehearsal\nstart:\n  - say: I am {{agent}} for {{parent}}\n  - run: echo out\n  - fail: no luck\n  - say: again\n```\n',
    );
    const first = await turn(specPath, null);
    expect(first.code).toBe(1);
    const status = first.events[0];
    expect(status).toMatchObject({ type: 'status', subtype: 'init', model: 'rehearsal' });
    expect(first.events.slice(1)).toMatchObject([
      { type: 'assistant_message', text: 'I am builder-a for lead-1', model: 'rehearsal' },
      { type: 'tool_use', name: 'Bash', input: { command: 'echo out' } },
      { type: 'tool_result', content: 'out', isError: false },
      { type: 'assistant_message', text: 'no luck' },
      { type: 'result', isError: true, result: 'no luck', apiErrorStatus: null, errors: [] },
    ]);
    const sessionId = status?.type === 'status' ? status.sessionId : null;
    const second = await turn(specPath, sessionId);
    expect(second.code).toBe(0);
    expect(second.events).toMatchObject([
      { type: 'status', sessionId },
      { type: 'assistant_message', text: 'again' },
      { type: 'result', sessionId, isError: false, result: 'again', costUsd: expect.any(Number) },
    ]);
  });

  it('answers the resumption of an unknown conversation with nothing but a failed result', async () => {
    const id = '99999999-2222-4333-8444-555555555555';
    const { code, events } = await turn('', id);
    expect(code).toBe(1);
    expect(events).toMatchObject([
      { type: 'result', isError: true, sessionId: id, errors: [`No conversation found with session ID: ${id}`] },
    ]);
  });
});
