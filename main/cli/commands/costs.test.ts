import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { must } from '../../core/db/testing/folder.ts';
import { openTurns } from '../../core/turns/turnStore.ts';

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
  const turns = must(openTurns(`${project.root}/.overstory/events.db`));
  const facts = { prompt: '', logDirectory: '/l', resumeId: null, sessionId: 's-1', runId: 'run-1', model: 'sonnet' };
  const end = { endedAt: '2026-11-20T10:05:00.000Z', exitCode: 0, signal: null, outcome: 'rest', reason: null };
  for (const [turnId, agentName, capability, costUsd, costSource] of [
    ['t1', 'csv-writer', 'builder', 1.2, 'runtime'],
    ['t2', 'reviewer-1', 'reviewer', 0.3, 'estimate'],
    ['t3', 'strange', 'scout', null, null],
  ] as const) {
    must(
      turns.start({ ...facts, turnId, agentName, capability, taskId: 'OV-1', startedAt: '2026-11-20T10:00:00.000Z' }),
    );
    must(turns.end(turnId, { ...end, inputTokens: 1_234, costUsd, costSource }));
  }
  turns.close();
});
afterAll(() => project.dispose());

describe('ov costs', () => {
  it('shows sessions with a total without starting an engine, and marks estimates', async () => {
    const { code, stdout } = await project.ov(['costs', '--task', 'OV-1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/csv-writer +builder +OV-1 +1 +1,234 +0 +0 +\$1\.20\n/);
    expect(stdout).toMatch(/reviewer-1 .* ~\$0\.30\n/);
    expect(stdout).toMatch(/strange .* -\n/);
    expect(stdout).toMatch(/Total +3 +3,702 +0 +0 +~\$1\.50\n/);
    expect(stdout).toContain('1 ended turns used tokens of a model whose price is not known');
    const asked = await project.ov(['serve', '--stop', '--json']);
    expect(JSON.parse(asked.stdout)).toMatchObject({ stopped: false });
  });

  it('as JSON: sessions by the spec’s fields, totals, groups', async () => {
    const some = JSON.parse((await project.ov(['costs', '--agent', 'csv-writer', '--json'])).stdout);
    expect(some).toMatchObject({
      success: true,
      command: 'costs',
      sessions: [
        { agentName: 'csv-writer', runId: 'run-1', estimatedCostUsd: 1.2, estimated: false, durationMs: 300_000 },
      ],
      totals: { costUsd: 1.2, turns: 1, unpricedTurns: 0 },
    });
    const { grouped } = JSON.parse((await project.ov(['costs', '--by-capability', '--json'])).stdout);
    expect(Object.keys(grouped).sort()).toEqual(['builder', 'reviewer', 'scout']);
    expect(grouped.reviewer.totals).toEqual({ inputTokens: 1_234, outputTokens: 0, cacheTokens: 0, costUsd: 0.3 });
    const none = JSON.parse((await project.ov(['costs', '--run', 'run-9', '--json'])).stdout);
    expect(none).toMatchObject({ sessions: [], totals: { costUsd: null } });
    expect((await project.ov(['costs', '--day', '2026-11-01'])).stdout).toBe('No session data found\n');
  });

  it.each([
    [['costs', '--last', '0'], '--last must be a positive integer'],
    [['costs', '--last', 'abc'], '--last must be a positive integer'],
    [['costs', '--day', 'monday'], '2026-11-23'],
  ])('%j is refused in one line', async (args, words) => {
    const { code, stdout, stderr } = await project.ov(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Error \[VALIDATION_ERROR\]: [^\n]+\n$/);
    expect(stderr).toContain(words);
  });
});

describe('ov pause, ov resume', () => {
  it('pause the fleet in one call and resume it, for people and programs', async () => {
    expect((await project.ov(['pause'])).stdout).toBe('fleet paused: running turns end by themselves\n');
    expect(JSON.parse((await project.ov(['status', '--json'])).stdout)).toMatchObject({ status: { paused: true } });
    expect(JSON.parse((await project.ov(['resume', '--json'])).stdout)).toMatchObject({ wasPaused: true, offers: [] });
    expect((await project.ov(['resume'])).stdout).toBe('the fleet was not paused\n');
  });

  it.each([
    [['pause', 'nobody'], 'there is no agent nobody'],
    [['pause', '--run'], 'say which run: there is no current one'],
    [['pause', 'csv-writer', '--task', 'OV-1'], 'name one thing only'],
    [['resume', '--day'], 'say by how much'],
    [['resume', '--run', 'run-1', '--usd', 'much'], '--usd must be a number above 0'],
    [['resume', '--task', 'OV-1', '--usd', '5'], 'set controlRoom.budgets.task.usd in config.yaml first'],
    [['resume', '--usd', '5'], 'say whose cap'],
  ])('%j is refused in one line', async (args, words) => {
    const { code, stderr } = await project.ov(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error \[[A-Z_]+\]: [^\n]+\n$/);
    expect(stderr).toContain(words);
  });
});
