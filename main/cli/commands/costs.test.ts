import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionCost } from '../../../contract/governor.ts';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { must } from '../../core/db/testing/folder.ts';
import { openMetrics } from '../../core/metrics/metricsStore.ts';
import { openSessions } from '../../core/sessions/sessionStore.ts';
import { testSession } from '../../core/sessions/testSession.ts';
import { openTurns } from '../../core/turns/turnStore.ts';

import { capLines, duration } from '../costsText.ts';
import { metricsLines } from './metrics.ts';

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

/** A home folder of its own, in which only this test's conversations are. */
const HOME = (): string => join(project.root, '.overstory', 'home');
const asMyself = (args: readonly string[]) => project.ov(args, { env: { HOME: HOME() } });

describe('ov costs, cases of spec 03 §2.5', () => {
  it('--last 0, -1 and abc are refused', async () => {
    for (const value of ['0', '-1', 'abc']) {
      const { code, stderr } = await project.ov(['costs', `--last=${value}`]);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'Error [VALIDATION_ERROR]: --last must be a positive integer\n',
      });
    }
  });

  it('precedence: self before live before sessions', async () => {
    const folder = join(HOME(), '.claude', 'projects', project.root.replaceAll('/', '-'));
    await mkdir(folder, { recursive: true });
    await writeFile(`${project.root}/.overstory/config.local.yaml`, 'runtime:\n  default: claude\n');
    const usage = { input_tokens: 1_000_000, output_tokens: 0, cache_read_input_tokens: 10 };
    const line = JSON.stringify({ type: 'assistant', message: { id: 'm', model: 'claude-opus-4', usage } });
    await writeFile(join(folder, 'old.jsonl'), '');
    await writeFile(join(folder, 'new.jsonl'), `${line}\n${line}\n`);
    await utimes(join(folder, 'old.jsonl'), new Date(1), new Date(1));
    const asked = await asMyself(['costs', '--self', '--live', '--agent', 'csv-writer', '--json']);
    expect(JSON.parse(asked.stdout)).toMatchObject({
      success: true,
      source: 'self',
      transcriptPath: join(folder, 'new.jsonl'),
      model: 'claude-opus-4',
      inputTokens: 1_000_000,
      cacheReadTokens: 10,
      estimatedCostUsd: expect.closeTo(15, 3),
    });
    expect((await asMyself(['costs', '--self'])).stdout).toContain('1,000,000 in');
    const live = JSON.parse((await project.ov(['costs', '--live', '--task', 'OV-1', '--json'])).stdout);
    expect(live).not.toHaveProperty('sessions');
  });

  it('--self without a transcript says so, also as JSON', async () => {
    await rm(join(HOME(), '.claude'), { recursive: true, force: true });
    const { code, stdout } = await asMyself(['costs', '--self', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      success: false,
      error: "No transcript found for runtime 'claude'",
    });
  });

  it('--live without anything says so; with snapshots it lists living agents, and one by its name', async () => {
    expect((await project.ov(['costs', '--live'])).stdout).toBe('No live data available\n');
    const none = JSON.parse((await project.ov(['costs', '--live', '--json'])).stdout);
    expect(none).toMatchObject({ agents: [], totals: { costUsd: 0, burnRatePerMin: 0, tokensPerMin: 0 } });
    const sessions = must(openSessions(`${project.root}/.overstory/sessions.db`));
    const metrics = must(openMetrics(`${project.root}/.overstory/metrics.db`));
    const startedAt = new Date(Date.now() - 60_000).toISOString();
    for (const [agentName, state] of [
      ['living', 'working'],
      ['silent', 'working'],
      ['gone', 'completed'],
    ] as const) {
      sessions.upsert(testSession(agentName, { state, startedAt, runId: 'run-1' }));
      const snapshot = { agentName, inputTokens: 600, outputTokens: 60, cacheReadTokens: 6, cacheCreationTokens: 0 };
      if (agentName !== 'silent')
        metrics.recordSnapshot({ ...snapshot, estimatedCostUsd: 0.5, modelUsed: 'sonnet', runId: 'run-1' });
    }
    sessions.close();
    metrics.close();
    const live = JSON.parse((await project.ov(['costs', '--live', '--json'])).stdout);
    expect(live.agents).toMatchObject([
      { agentName: 'living', inputTokens: 600, estimatedCostUsd: 0.5, sessionStartedAt: startedAt },
    ]);
    expect(live.totals).toMatchObject({ inputTokens: 600, outputTokens: 60, cacheTokens: 6, costUsd: 0.5 });
    expect(live.totals.burnRatePerMin).toBeGreaterThan(0.1);
    expect(live.totals.burnRatePerMin).toBeLessThanOrEqual(0.5);
    expect((await project.ov(['costs', '--live'])).stdout).toMatch(/living +builder .* \$0\.50 +sonnet\n/);
    const other = JSON.parse((await project.ov(['costs', '--live', '--agent', 'gone', '--json'])).stdout);
    expect(other.agents).toEqual([]);
  });

  it('a missing metrics.db is no error, in text and JSON', async () => {
    const bare = await createChaosProject();
    try {
      await rm(`${bare.root}/.overstory/metrics.db`, { force: true });
      expect(await bare.ov(['costs'])).toMatchObject({ code: 0, stdout: 'No session data found\n' });
      await rm(`${bare.root}/.overstory/metrics.db`, { force: true });
      expect(JSON.parse((await bare.ov(['costs', '--json'])).stdout)).toMatchObject({ success: true, sessions: [] });
      expect(await bare.ov(['metrics'])).toMatchObject({ code: 0, stdout: 'No session data found\n' });
    } finally {
      await bare.dispose();
    }
  });
});

describe('ov costs --caps', () => {
  it('tells each cap in the words of the room', () => {
    const cap = { measure: 'usd', limit: 10, level: 'ok', minutesLeft: null } as const;
    expect(capLines([])).toEqual(['No caps are set; controlRoom.budgets in .overstory/config.yaml sets them']);
    const [, ...rows] = capLines([
      { ...cap, scope: 'day', id: '2026-11-23', used: 4 },
      { ...cap, scope: 'agent', id: 'csv-writer', used: 8, level: 'soft', minutesLeft: 16 },
      { ...cap, scope: 'task', id: 'OV-1', measure: 'turns', used: 12, level: 'over' },
    ]);
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['today', '$4.00 of $10.00'],
      ['agent csv-writer', '$8.00 of $10.00', 'reached in 16 min at this rate'],
      ['task OV-1', '12 of 10 turns', 'reached: no further turn begins'],
    ]);
  });

  it('is counted by a running engine, and looking starts none', async () => {
    const refused = await project.ov(['costs', '--caps']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('No engine runs here');
  });
});

describe('ov metrics', () => {
  it('tells numbers, averages and the newest sessions, for people and programs', async () => {
    const { stdout } = await project.ov(['metrics', '--last', '2']);
    expect(stdout).toMatch(/^3 sessions, 3 completed, 5m on average\n/);
    expect(stdout).not.toContain('merged:');
    expect(stdout).toMatch(/\nbuilder +1 +5m\n/);
    const { sessions } = JSON.parse((await project.ov(['metrics', '--last', '2', '--json'])).stdout);
    expect(sessions).toHaveLength(2);
    expect((await project.ov(['metrics', '--last', '0'])).stderr).toContain('--last must be a positive integer');
  });

  it.each([
    [0, '0s'],
    [45_000, '45s'],
    [90_000, '1m 30s'],
    [3_720_000, '1h 2m'],
    [3_600_000, '1h'],
  ])('spec 03 §2.5: %d ms is shown as %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text));

  it('tells how branches were merged, most often first', () => {
    const row = (mergeResult: string | null): SessionCost => ({
      agentName: 'a',
      taskId: 't',
      capability: 'builder',
      startedAt: '2026-11-20T10:00:00.000Z',
      completedAt: null,
      durationMs: 0,
      exitCode: null,
      mergeResult,
      parentAgent: null,
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheCreationTokens: 0,
      estimatedCostUsd: null,
      modelUsed: null,
      runId: null,
      estimated: false,
      turns: 1,
    });
    const lines = metricsLines([row('auto-resolve'), row('clean-merge'), row('clean-merge'), row(null)], 1);
    expect(lines.slice(0, 2)).toEqual([
      '4 sessions, 0 completed, 0s on average',
      'merged: clean-merge 2, auto-resolve 1',
    ]);
  });
});

describe('ov pause, ov resume', () => {
  it('pause the fleet in one call and resume it, for people and programs', async () => {
    expect((await project.ov(['pause'])).stdout).toBe('fleet paused: running turns end by themselves\n');
    expect(JSON.parse((await project.ov(['status', '--json'])).stdout)).toMatchObject({ status: { paused: true } });
    expect(JSON.parse((await project.ov(['resume', '--json'])).stdout)).toMatchObject({ wasPaused: true, offers: [] });
    expect((await project.ov(['resume'])).stdout).toBe('the fleet was not paused\n');
    // Pausing began an engine, so caps are counted.
    expect(JSON.parse((await project.ov(['costs', '--caps', '--json'])).stdout)).toMatchObject({ caps: [] });
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
