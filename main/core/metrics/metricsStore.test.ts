import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { type MetricsStore, openMetrics, type SessionMetrics } from './metricsStore.ts';

let folder: TestFolder;
let clock: ReturnType<typeof createTestClock>;
let metrics: MetricsStore;

beforeEach(async () => {
  folder = await createTestFolder();
  clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));
  metrics = folder.keep(must(openMetrics(folder.file('metrics.db'), { clock })));
});
afterEach(() => folder.dispose());

const session = (agentName: string, overrides: Partial<SessionMetrics> = {}): SessionMetrics => ({
  agentName,
  taskId: 't',
  capability: 'builder',
  startedAt: '2026-01-01T00:00:00.000Z',
  completedAt: null,
  durationMs: 0,
  exitCode: null,
  mergeResult: null,
  parentAgent: null,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  estimatedCostUsd: null,
  modelUsed: null,
  runId: null,
  ...overrides,
});
const snapshot = (agentName: string, runId: string | null, inputTokens: number) => ({
  agentName,
  runId,
  inputTokens,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  estimatedCostUsd: 0.5,
  modelUsed: 'opus',
});

describe('metrics', () => {
  it('keeps every field', () => {
    const full = session('a', {
      completedAt: '2026-01-01T00:01:00.000Z',
      durationMs: 60_000,
      exitCode: 0,
      mergeResult: 'clean-merge',
      parentAgent: 'lead-1',
      inputTokens: 1,
      outputTokens: 2,
      cacheReadTokens: 3,
      cacheCreationTokens: 4,
      estimatedCostUsd: 0.25,
      modelUsed: 'opus',
      runId: 'run-1',
    });
    metrics.recordSession(full);
    expect(metrics.getByAgent('a')).toEqual([full]);
    expect(metrics.getByRun('run-1')).toEqual([full]);
    expect(metrics.getByTask('t')).toEqual([full]);
    expect(metrics.getByRun('run-2')).toEqual([]);
  });

  it('a second record of an agent and task replaces the first', () => {
    metrics.recordSession(session('a'));
    metrics.recordSession(session('a', { durationMs: 7 }));
    metrics.recordSession(session('a', { taskId: 'other' }));
    expect(metrics.count()).toBe(2);
    expect(metrics.getByTask('t')[0]?.durationMs).toBe(7);
  });

  it('recent is newest first, 20 unless told', () => {
    for (let index = 10; index < 35; index += 1) {
      metrics.recordSession(session(`a${index}`, { startedAt: `2026-01-01T00:00:${index}.000Z` }));
    }
    expect(metrics.getRecent()).toHaveLength(20);
    expect(metrics.getRecent(2).map((row) => row.agentName)).toEqual(['a34', 'a33']);
  });

  it('the average is over completed sessions', () => {
    expect(metrics.averageDuration()).toBe(0);
    metrics.recordSession(session('a', { durationMs: 100, completedAt: 'x' }));
    metrics.recordSession(session('b', { durationMs: 300, completedAt: 'x', capability: 'scout' }));
    metrics.recordSession(session('c', { durationMs: 9_999 }));
    expect(metrics.averageDuration()).toBe(200);
    expect(metrics.averageDuration('scout')).toBe(300);
    expect(metrics.averageDuration('lead')).toBe(0);
  });

  it('the latest snapshot of each agent, also within a run', () => {
    expect(metrics.latestSnapshotAt('a')).toBeNull();
    metrics.recordSnapshot(snapshot('a', 'run-1', 1));
    metrics.recordSnapshot(snapshot('b', null, 5));
    clock.advance(1_000);
    metrics.recordSnapshot(snapshot('a', 'run-1', 2));
    clock.advance(1_000);
    metrics.recordSnapshot(snapshot('a', 'run-2', 3));
    expect(metrics.getLatestSnapshots().map((row) => [row.agentName, row.inputTokens])).toEqual([
      ['a', 3],
      ['b', 5],
    ]);
    expect(metrics.getLatestSnapshots('run-1')).toEqual([
      { ...snapshot('a', 'run-1', 2), createdAt: '2026-04-01T10:00:01.000Z' },
    ]);
    expect(metrics.latestSnapshotAt('a')).toBe('2026-04-01T10:00:02.000Z');
  });

  it('purges rows and snapshots by agent, age and all', () => {
    for (const agent of ['a', 'a2', 'b']) metrics.recordSession(session(agent));
    expect(metrics.purge({})).toBe(0);
    expect(metrics.purge({ agent: 'a' })).toBe(1);
    expect(metrics.purge({ all: true })).toBe(2);
    metrics.recordSnapshot(snapshot('a', null, 1));
    clock.advance(1_000);
    metrics.recordSnapshot(snapshot('a', null, 2));
    metrics.recordSnapshot(snapshot('b', null, 3));
    expect(metrics.purgeSnapshots({})).toBe(0);
    expect(metrics.purgeSnapshots({ olderThanMs: 500 })).toBe(1);
    expect(metrics.purgeSnapshots({ agent: 'b' })).toBe(1);
    expect(metrics.purgeSnapshots({ all: true })).toBe(1);
  });

  it('a file from before tokens, runs and the new task name is migrated, once', () => {
    const path = folder.file('old.db');
    const raw = new Database(path);
    raw.exec(`CREATE TABLE sessions (agent_name TEXT NOT NULL, bead_id TEXT NOT NULL, capability TEXT NOT NULL,
      started_at TEXT NOT NULL, completed_at TEXT, duration_ms INTEGER NOT NULL DEFAULT 0, exit_code INTEGER,
      merge_result TEXT, parent_agent TEXT, PRIMARY KEY (agent_name, bead_id));
      CREATE TABLE token_snapshots (id INTEGER PRIMARY KEY AUTOINCREMENT, agent_name TEXT NOT NULL,
      input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
      cache_read_tokens INTEGER NOT NULL DEFAULT 0, cache_creation_tokens INTEGER NOT NULL DEFAULT 0,
      estimated_cost_usd REAL, model_used TEXT, created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f','now')));
      INSERT INTO sessions (agent_name, bead_id, capability, started_at) VALUES ('a', 'task-1', 'builder', '2026-01-01T00:00:00.000Z')`);
    raw.close();
    must(openMetrics(path)).close();
    const migrated = folder.keep(must(openMetrics(path)));
    expect(migrated.getByTask('task-1')).toEqual([session('a', { taskId: 'task-1' })]);
    migrated.recordSnapshot(snapshot('a', 'run-1', 1));
    expect(migrated.getLatestSnapshots('run-1')).toHaveLength(1);
  });
});
