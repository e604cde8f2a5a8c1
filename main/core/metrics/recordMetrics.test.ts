import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { openUsage, type UsageStore } from '../governor/usageStore.ts';
import { openSessions, type SessionStore } from '../sessions/sessionStore.ts';
import { testSession } from '../sessions/testSession.ts';
import { openTurns, type TurnStore } from '../turns/turnStore.ts';
import { type MetricsStore, openMetrics } from './metricsStore.ts';
import { catchUpMetrics, recordMetrics } from './recordMetrics.ts';

let folder: TestFolder;
let turns: TurnStore;
let usage: UsageStore;
let sessions: SessionStore;
let metrics: MetricsStore;
beforeEach(async () => {
  folder = await createTestFolder();
  turns = folder.keep(must(openTurns(folder.file('events.db'))));
  usage = folder.keep(must(openUsage(folder.file('events.db'))));
  sessions = folder.keep(must(openSessions(folder.file('sessions.db'))));
  metrics = folder.keep(must(openMetrics(folder.file('metrics.db'))));
});
afterEach(() => folder.dispose());

const at = (minute: number): string => `2026-11-23T10:${String(minute).padStart(2, '0')}:00.000Z`;

function turn(id: string, minute: number, costUsd: number | null, taskId = 'T-1'): void {
  const facts = { prompt: '', logDirectory: '/l', resumeId: null, sessionId: 's-1', runId: 'run-1', model: 'opus' };
  must(turns.start({ ...facts, turnId: id, agentName: 'a', taskId, capability: 'builder', startedAt: at(minute) }));
  const end = { endedAt: at(minute + 2), exitCode: 0, signal: null, outcome: 'rest', reason: null };
  must(
    turns.end(id, {
      ...end,
      inputTokens: 100,
      outputTokens: 10,
      costUsd,
      costSource: costUsd === null ? null : 'runtime',
    }),
  );
}

describe('metrics of an agent', () => {
  it('are totals over its turns on that task, the same however often they are written', () => {
    sessions.upsert(testSession('a', { taskId: 'T-1', parentAgent: 'lead' }));
    turn('t1', 0, 0.5);
    turn('t2', 5, 0.25);
    turn('t3', 10, 9, 'T-other');
    const sources = { metrics, usage, sessions };
    recordMetrics(sources, { agentName: 'a', taskId: 'T-1', endedAt: at(7) });
    recordMetrics(sources, { agentName: 'a', taskId: 'T-1', endedAt: at(7) });
    expect(metrics.getByTask('T-1')).toMatchObject([
      {
        agentName: 'a',
        capability: 'builder',
        startedAt: at(0),
        completedAt: null,
        durationMs: 240_000,
        parentAgent: 'lead',
        inputTokens: 200,
        outputTokens: 20,
        estimatedCostUsd: 0.75,
        modelUsed: 'opus',
        runId: 'run-1',
      },
    ]);
    expect(metrics.getLatestSnapshots()).toMatchObject([{ agentName: 'a', inputTokens: 200, createdAt: at(7) }]);
    expect(metrics.purgeSnapshots({ all: true })).toBe(1);
  });

  it('that an engine did not get to write are made up for at the next start', () => {
    turn('t1', 0, null);
    catchUpMetrics({ metrics, usage, sessions }, turns);
    catchUpMetrics({ metrics, usage, sessions }, turns);
    expect(metrics.getByAgent('a')).toMatchObject([{ estimatedCostUsd: null, completedAt: at(2) }]);
    expect(metrics.purgeSnapshots({ all: true })).toBe(1);
  });
});
