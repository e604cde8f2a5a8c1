import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as check from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CostOverview, type CostOverviewInput } from '../../../contract/costs.ts';
import { must } from '../db/testing/folder.ts';
import { openStores, type Stores } from '../stores.ts';
import { costOverview, spendingByMinute } from './costOverview.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE = 60_000;
let folder: string;
let stores: Stores;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overview-'));
  const opened = await openStores(folder);
  if (!opened.ok) throw new Error(opened.error.message);
  stores = opened.value;
  const rows = [
    ['t1', 'ada', 'builder', 'claude', 'opus', 'OV-1', 'run-1', '2026-11-23T11:30:00.000Z', 2, 'runtime', 100],
    ['t2', 'ada', 'builder', 'claude', 'opus', 'OV-1', 'run-1', '2026-11-23T11:40:00.000Z', 1, 'estimate', 50],
    ['t3', 'ben', 'lead', 'codex', 'odd-model', 'OV-2', 'run-1', '2026-11-22T10:00:00.000Z', null, null, 70],
    ['t4', 'cyd', 'scout', 'gemini', null, 'OV-3', 'run-2', '2026-11-20T10:00:00.000Z', null, null, null],
  ] as const;
  for (const [
    turnId,
    agentName,
    capability,
    runtime,
    model,
    taskId,
    runId,
    startedAt,
    costUsd,
    costSource,
    inputTokens,
  ] of rows) {
    const start = { turnId, agentName, capability, runtime, model, taskId, runId, startedAt };
    must(stores.turns.start({ ...start, sessionId: agentName, prompt: '', logDirectory: '/l', resumeId: null }));
    const endedAt = new Date(Date.parse(startedAt) + 5 * MINUTE).toISOString();
    const end = { endedAt, exitCode: 0, signal: null, outcome: 'rest', reason: null, costUsd, costSource, inputTokens };
    must(stores.turns.end(turnId, end));
  }
  stores.metrics.recordSession({
    agentName: 'old-timer',
    taskId: 'bd-1',
    capability: 'builder',
    startedAt: '2026-11-01T10:00:00.000Z',
    completedAt: null,
    durationMs: 1,
    exitCode: null,
    mergeResult: null,
    parentAgent: null,
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 0,
    cacheCreationTokens: 0,
    estimatedCostUsd: 0.5,
    modelUsed: 'opus',
    runId: null,
  });
  const note = (summary: string, createdAt: string): void =>
    void stores.events.insert({
      agentName: 'operator',
      eventType: 'custom',
      level: 'warn',
      data: JSON.stringify({ type: 'budget', summary }),
      createdAt,
    });
  note('first', '2026-11-23T10:00:00.000Z');
  note('second', '2026-11-23T11:00:00.000Z');
  stores.events.insert({ agentName: 'ada', eventType: 'custom', data: JSON.stringify({ type: 'other' }) });
});
afterAll(async () => {
  stores.close();
  await rm(folder, { recursive: true, force: true });
});

function overview(input: Partial<CostOverviewInput> = {}) {
  const view = { burnUsdPerMinute: 0.1, estimated: false, unpricedTurns: 0, caps: [], pauses: [], breakers: [] };
  const triage = { asked: 1, failed: 0, charactersIn: 4, charactersOut: 4, tokensIn: 1, tokensOut: 1 };
  const governor = { view: () => view, caps: () => [] };
  const made = costOverview({ stores, governor, triage: () => triage }, { by: 'agent', ...input }, NOW);
  return CostOverview.parse(made);
}

describe('costs overview', () => {
  it('tells dollars that were reported from those that are estimates, and from those nobody knows', () => {
    const { totals, groups } = overview();
    expect(groups.map((group) => [group.key, group.usd])).toEqual([
      ['ada', 3],
      ['old-timer', 0.5],
      ['ben', null],
      ['cyd', null],
    ]);
    expect(groups[0]).toMatchObject({
      reportedUsd: 2,
      estimatedUsd: 1,
      turns: 2,
      capability: 'builder',
      model: 'opus',
      runtime: 'claude',
      taskId: 'OV-1',
    });
    expect(groups[2]).toMatchObject({ unpricedTurns: 1, silentTurns: 0, inputTokens: 70 });
    expect(groups[3]).toMatchObject({ unpricedTurns: 0, silentTurns: 1 });
    expect(totals).toMatchObject({
      usd: 3.5,
      reportedUsd: 2,
      estimatedUsd: 1.5,
      agents: 4,
      turns: 4,
      unpricedTurns: 1,
      silentTurns: 1,
      inputTokens: 230,
    });
  });

  it.each([
    ['capability', ['builder', 'lead', 'scout'], [3.5, null, null]],
    ['model', ['opus', 'odd-model', ''], [3.5, null, null]],
    ['runtime', ['claude', '', 'codex', 'gemini'], [3, 0.5, null, null]],
    ['run', ['run-1', '', 'run-2'], [3, 0.5, null]],
    ['task', ['OV-1', 'bd-1', 'OV-2', 'OV-3'], [3, 0.5, null, null]],
  ] as const)('sums up by %s', (by, keys, usd) => {
    const { groups } = overview({ by });
    expect(groups.map((group) => group.key)).toEqual(keys);
    expect(groups.map((group) => group.usd)).toEqual(usd);
  });

  it('takes one run, or what began since a moment', () => {
    expect(overview({ run: 'run-1' }).groups.map((group) => group.key)).toEqual(['ada', 'ben']);
    expect(overview({ from: '2026-11-22T00:00:00.000Z' }).totals).toMatchObject({ agents: 2, usd: 3 });
    expect(overview({ run: 'none' })).toMatchObject({ groups: [], totals: { usd: null, turns: 0, lastAt: null } });
  });

  it('has the last hour by the minute, and the newest notes first', () => {
    const { lastHour, notes } = overview();
    expect(lastHour).toHaveLength(60);
    expect(lastHour.slice(30, 35)).toEqual([0.4, 0.4, 0.4, 0.4, 0.4]);
    expect(notes.map((note) => note.summary)).toEqual(['second', 'first']);
  });
});

describe('spending by the minute', () => {
  const inside = check.record({
    from: check.integer({ min: NOW - 59 * MINUTE, max: NOW - 1 }),
    length: check.integer({ min: 0, max: 30 * MINUTE }),
    usd: check.double({ min: 0.01, max: 50, noNaN: true }),
  });

  it('never invents or loses a cent of turns within the hour', () => {
    check.assert(
      check.property(check.array(inside, { maxLength: 20 }), (turns) => {
        const paid = turns.map(({ from, length, usd }) => ({ from, to: Math.min(NOW, from + length), usd }));
        const spent = spendingByMinute(paid, NOW).reduce((sum, usd) => sum + usd, 0);
        expect(spent).toBeCloseTo(
          turns.reduce((sum, turn) => sum + turn.usd, 0),
          6,
        );
      }),
    );
  });

  it('takes only the part of a longer turn that lies in the hour', () => {
    const spent = spendingByMinute([{ from: NOW - 120 * MINUTE, to: NOW, usd: 12 }], NOW);
    expect(spent.reduce((sum, usd) => sum + usd, 0)).toBeCloseTo(6, 6);
  });
});
