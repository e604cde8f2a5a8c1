import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../contract/runs.ts';
import { openDatabase } from '../db/openDatabase.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { testSession } from '../sessions/testSession.ts';
import { clearCurrentRun, currentRunPath, newRunId, readCurrentRun, writeCurrentRun } from './currentRun.ts';
import { type NewRun, openRuns, type RunStore } from './runStore.ts';

let folder: TestFolder;
let runs: RunStore;
const clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));

beforeEach(async () => {
  folder = await createTestFolder();
  runs = folder.keep(must(openRuns(folder.file('sessions.db'), { clock })));
});
afterEach(() => folder.dispose());

function run(id: string, overrides: Partial<NewRun> = {}): NewRun {
  return { id, startedAt: '2026-01-01T00:00:00.000Z', coordinatorSessionId: null, status: 'active', ...overrides };
}
const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;

describe('runs', () => {
  it('S34, CT48: the number of agents is counted from the sessions, whatever was stored', () => {
    const sessions = folder.keep(must(openSessions(folder.file('sessions.db'))));
    runs.createRun(run('run-1', { agentCount: 5 }));
    expect(runs.getRun('run-1')?.agentCount).toBe(0);
    sessions.upsert(testSession('a', { runId: 'run-1' }));
    sessions.upsert(testSession('b', { runId: 'run-1', state: 'completed' }));
    sessions.upsert(testSession('c', { runId: 'run-2' }));
    runs.incrementAgentCount('run-1');
    expect(runs.getRun('run-1')?.agentCount).toBe(2);
    sessions.remove('a');
    expect(runs.getRun('run-1')?.agentCount).toBe(1);
  });

  it('S35: a duplicate id and a bad status raise', () => {
    runs.createRun(run('run-1'));
    expect(() => runs.createRun(run('run-1'))).toThrow(/UNIQUE/);
    expect(() => runs.createRun(run('run-2', { status: 'invalid' as RunStatus }))).toThrow(/CHECK/);
  });

  it('S36: the active run is the newest active one', () => {
    expect(runs.getActiveRun()).toBeNull();
    runs.createRun(run('old', { startedAt: at(1) }));
    runs.createRun(run('new', { startedAt: at(2) }));
    runs.createRun(run('newer-but-done', { startedAt: at(3), status: 'completed' }));
    runs.createRun(run('newest-but-failed', { startedAt: at(4), status: 'failed' }));
    expect(runs.getActiveRun()?.id).toBe('new');
  });

  it('S37, CT49: the list is newest first, with status and limit', () => {
    for (const [index, status] of (['active', 'completed', 'active', 'completed'] as const).entries()) {
      runs.createRun(run(`run-${index}`, { startedAt: at(index), status }));
    }
    const ids = (filter?: Parameters<RunStore['listRuns']>[0]) => runs.listRuns(filter).map((entry) => entry.id);
    expect(ids()).toEqual(['run-3', 'run-2', 'run-1', 'run-0']);
    expect(ids({ status: 'active' })).toEqual(['run-2', 'run-0']);
    expect(ids({ limit: 2 })).toEqual(['run-3', 'run-2']);
    expect(ids({ status: 'completed', limit: 1 })).toEqual(['run-3']);
  });

  it('S38, CT50: completing sets status and time, again and again; nobody is ignored', () => {
    runs.completeRun('nobody', 'completed');
    runs.createRun(run('run-1'));
    runs.completeRun('run-1', 'completed');
    expect(runs.getRun('run-1')).toMatchObject({ status: 'completed', completedAt: '2026-04-01T10:00:00.000Z' });
    clock.advance(1_000);
    runs.completeRun('run-1', 'failed');
    expect(runs.getRun('run-1')).toMatchObject({ status: 'failed', completedAt: '2026-04-01T10:00:01.000Z' });
  });

  it('S39: the active run of a coordinator', () => {
    runs.createRun(run('a', { coordinatorName: 'north', startedAt: at(1) }));
    runs.createRun(run('b', { coordinatorName: 'north', startedAt: at(2) }));
    runs.createRun(run('c', { coordinatorName: 'south', startedAt: at(3), status: 'completed' }));
    expect(runs.getActiveRunForCoordinator('north')?.id).toBe('b');
    expect(runs.getActiveRunForCoordinator('south')).toBeNull();
    expect(runs.getActiveRunForCoordinator('east')).toBeNull();
  });

  it('S40: a run store that comes first makes the sessions table it counts in', () => {
    runs.createRun(run('run-1'));
    expect(runs.listRuns()).toHaveLength(1);
    const sessions = folder.keep(must(openSessions(folder.file('sessions.db'))));
    sessions.upsert(testSession('a', { runId: 'run-1' }));
    expect(runs.getActiveRun()?.agentCount).toBe(1);
  });

  it('shares a connection with the sessions, which outlives the store', () => {
    const connection = folder.keep(must(openDatabase(folder.file('shared.db'))));
    const shared = must(openRuns(connection));
    must(openSessions(connection)).upsert(testSession('a', { runId: 'run-1' }));
    shared.createRun(run('run-1'));
    shared.close();
    expect(must(openRuns(connection)).getRun('run-1')?.agentCount).toBe(1);
  });
});

describe('current-run.txt', () => {
  it.each([
    ['missing', null],
    ['empty', ''],
    ['white space', ' \n\t '],
  ])('S41, CT47: %s means no run', async (_name, text) => {
    if (text !== null) await writeFile(currentRunPath(folder.path), text);
    expect(await readCurrentRun(folder.path)).toBeNull();
  });

  it('is written without a line feed, read trimmed, and can be forgotten', async () => {
    const id = newRunId(Date.parse('2026-03-05T14:52:26.089Z'));
    expect(id).toBe('run-2026-03-05T14-52-26-089Z');
    await writeCurrentRun(folder.path, id);
    expect(await readCurrentRun(folder.path)).toBe(id);
    await writeFile(currentRunPath(folder.path), `${id}\n`);
    expect(await readCurrentRun(folder.path)).toBe(id);
    await clearCurrentRun(folder.path);
    await clearCurrentRun(folder.path);
    expect(await readCurrentRun(folder.path)).toBeNull();
  });

  it('a folder in its place is an error, not "no run"', async () => {
    await mkdir(currentRunPath(folder.path));
    await expect(readCurrentRun(folder.path)).rejects.toThrow();
  });
});
