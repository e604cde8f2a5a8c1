import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorCheck } from '../../../contract/doctor.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { pathExists } from '../util/files.ts';
import { createDoctor, type Doctor } from './doctor.ts';
import { atLeast, brokenLines, duplicateEntries, reviewGaps, staleEntries, versionIn } from './doctorRules.ts';

let project: TestProject;
let doctor: Doctor;
let client: RoomClient;
const overstory = (...path: string[]): string => join(project.root, '.overstory', ...path);

beforeEach(async () => {
  project = await createTestProject();
  doctor = createDoctor({
    projectRoot: project.root,
    environment: process.env,
    thorough: true,
    removeWorktree: null,
    lastTickAt: () => null,
  });
});
afterEach(() => project.dispose());

async function find(id: string, by: Pick<Doctor, 'run'> = doctor): Promise<DoctorCheck> {
  const { checks } = await by.run({});
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id} in ${checks.map((one) => one.id).join(', ')}`);
  return check;
}
async function expectMended(id: string): Promise<void> {
  expect((await find(id)).fix).not.toBeNull();
  const { fixed, notFixed, checks } = await doctor.fix({ ids: [id] });
  expect(notFixed).toEqual([]);
  expect(fixed).toHaveLength(1);
  expect(checks.find((one) => one.id === id)?.status ?? 'pass').toBe('pass');
}
const old = async (path: string): Promise<void> => {
  await writeFile(path, '');
  await utimes(path, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
};

describe('doctor', { timeout: 180_000 }, () => {
  it('a project that was just set up has no failure, with and without an engine', async () => {
    const before = await doctor.run({});
    expect(before.checks.filter((check) => check.status === 'fail')).toEqual([]);
    ({ client } = await project.start());
    const report = await client.call('doctor.run', {});
    if (!report.ok) throw new Error(report.error.message);
    expect(report.value.checks.filter((check) => check.status === 'fail')).toEqual([]);
    expect(report.value.summary.pass).toBeGreaterThan(30);
    expect(report.value.checks.find((check) => check.id === 'watchdog/watchdog')?.message).toMatch(
      /looked \d+ s ago|lives/,
    );
  });

  it('a config that cannot be read still yields a report, which says so', async () => {
    await writeFile(overstory('config.yaml'), 'watchdog:\n  staleThresholdMs: -4\n');
    const report = await doctor.run({});
    expect(report.checks.find((check) => check.id === 'config/config-valid')).toMatchObject({ status: 'fail' });
    expect(new Set(report.checks.map((check) => check.category)).size).toBe(13);
  });

  it('only the categories asked for are looked at', async () => {
    const { checks } = await doctor.run({ categories: ['logs', 'config'] });
    expect([...new Set(checks.map((check) => check.category))]).toEqual(['config', 'logs']);
  });

  it('makes missing folders, adds ignored files, deletes what was left over', async () => {
    await rm(overstory('specs'), { recursive: true });
    await rm(overstory('worktrees'), { recursive: true });
    await writeFile(overstory('.gitignore'), '*\n!mine');
    await old(overstory('x.tmp'));
    await old(overstory('x.lock'));
    await writeFile(overstory('young.lock'), '');
    await expectMended('structure/Required subdirectories');
    await expectMended('structure/.gitignore entries');
    expect(await readFile(overstory('.gitignore'), 'utf8')).toMatch(/^\*\n!mine\n!\.gitignore\n/);
    await expectMended('structure/Leftover temp files');
    await expectMended('structure/Stale lock files');
    expect([await pathExists(overstory('x.lock')), await pathExists(overstory('young.lock'))]).toEqual([false, true]);
  });

  it('deletes locks a killed git left, which stop every later one', async () => {
    await old(join(project.root, '.git', 'index.lock'));
    await expectMended('structure/Git locks');
    await project.git('commit', '-q', '--allow-empty', '-m', 'goes again');
  });

  it('tells a damaged database, one of another kind, and one without a write-ahead log', async () => {
    await writeFile(overstory('mail.db'), 'no database at all, and long enough to be looked at by SQLite');
    const metrics = new Database(overstory('metrics.db'));
    metrics.exec('CREATE TABLE sessions (a)');
    metrics.close();
    const events = new Database(overstory('events.db'));
    events.exec('CREATE TABLE other (a)');
    events.close();
    expect(await find('databases/mail.db integrity')).toMatchObject({ status: 'fail' });
    expect(await find('databases/events.db schema')).toMatchObject({ status: 'fail', details: ['events'] });
    await expectMended('databases/metrics.db WAL mode');
  });

  it('takes stale and double entries out of the merge queue', async () => {
    const { engine } = await project.start();
    await engine.close();
    const queue = new Database(overstory('merge-queue.db'));
    const add = queue.prepare(
      "INSERT INTO merge_queue (branch_name, task_id, agent_name, enqueued_at) VALUES (?, 'T', 'a', ?)",
    );
    add.run('old', '2026-01-01T00:00:00.000');
    const now = new Date().toISOString();
    add.run('twice', now);
    add.run('twice', now);
    queue.close();
    await expectMended('merge/staleness');
    await expectMended('merge/duplicates');
    const left = new Database(overstory('merge-queue.db'));
    expect(left.prepare('SELECT branch_name FROM merge_queue').pluck().all()).toEqual(['twice']);
    left.close();
  });

  it("removes overstory's own watchdog file when it means nothing", async () => {
    await writeFile(overstory('watchdog.pid'), 'not a number\n');
    expect(await find('watchdog/pid integrity')).toMatchObject({ status: 'fail' });
    await expectMended('watchdog/pid integrity');
  });

  it('an orphaned worktree goes through the vault, merged branches of nobody go, others stay', async () => {
    ({ client } = await project.start());
    await project.git('worktree', 'add', '-q', '-b', 'overstory/ghost/T-1', overstory('worktrees', 'ghost'));
    await writeFile(overstory('worktrees', 'ghost', 'unsaved.txt'), 'not committed');
    await project.git('branch', 'overstory/gone/T-2');
    await project.git('branch', 'overstory/work/T-3');
    await project.git('commit', '-q', '--allow-empty', '-m', 'on main');
    const tree = (await project.git('rev-parse', 'HEAD^{tree}')).trim();
    const work = (await project.git('commit-tree', '-p', 'HEAD', '-m', 'work', tree)).trim();
    await project.git('update-ref', 'refs/heads/overstory/work/T-3', work);
    // Without a vault nothing of it can be mended.
    expect((await find('consistency/orphaned-worktrees')).fix).toBeNull();
    const mended = await client.call('doctor.fix', { categories: ['consistency'] }, { timeoutMs: 60_000 });
    if (!mended.ok) throw new Error(mended.error.message);
    expect(mended.value.notFixed).toEqual([]);
    expect(await pathExists(overstory('worktrees', 'ghost'))).toBe(false);
    const kept = await client.call('vault.list', {});
    if (!kept.ok) throw new Error(kept.error.message);
    expect(kept.value.snapshots.map(({ agentName, reason }) => [agentName, reason])).toEqual([['ghost', 'removal']]);
    const branches = await project.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/overstory');
    expect(branches.trim().split('\n')).not.toContain('overstory/gone/T-2');
    expect(branches).toContain('overstory/work/T-3');
  });

  it('names an agent that lives without its worktree', async () => {
    ({ client } = await project.start());
    await client.call('tasks.writeSpec', { id: 'T-1', body: '# T\n\n```rehearsal\nstart: [{ say: hello }]\n```\n' });
    await client.call('agents.sling', { taskId: 'T-1', name: 'ann', capability: 'builder', runtime: 'rehearsal' });
    await topicUntil(client, 'agents', ({ byId }) => byId.ann?.state === 'between_turns');
    await rm(overstory('worktrees', 'ann'), { recursive: true });
    expect(await find('consistency/missing-worktrees')).toMatchObject({ status: 'warn' });
    expect(await find('consistency/prunable-worktrees')).toMatchObject({ status: 'warn' });
  });
});

describe('what the doctor concludes', () => {
  it.each([
    ['seeds version 2.3.4', [2, 3, 4]],
    ['v2.0', null],
    ['git version 2.39.5 (Apple)', [2, 39, 5]],
    ['', null],
  ])('%s is version %s', (text, version) => expect(versionIn(text)).toEqual(version));

  it.each([
    [[2, 38, 0], true],
    [[2, 37, 9], false],
    [[3, 0, 0], true],
    [[2, 38], true],
  ])('%s is at least 2.38.0: %s', (version, answer) => expect(atLeast(version, [2, 38, 0])).toBe(answer));

  it('leads with fewer reviewers than builders are named, each for itself', () => {
    const of = (parentAgent: string | null, capability: string) => ({ parentAgent, capability });
    expect(
      reviewGaps([
        of('l1', 'builder'),
        of('l1', 'builder'),
        of('l1', 'reviewer'),
        of('l2', 'builder'),
        of('l2', 'reviewer'),
        of(null, 'builder'),
      ]),
    ).toEqual(['l1: 2 builders, 1 reviewers']);
  });

  it('only waiting entries are stale or double; times without a zone are UTC', () => {
    const entry = (
      id: number,
      status: 'pending' | 'merged',
      branchName = 'b',
      enqueuedAt = '2026-11-22T10:00:00.000',
    ) => ({
      id,
      branchName,
      taskId: 'T',
      agentName: 'a',
      filesModified: [],
      enqueuedAt,
      status,
      resolvedTier: null,
    });
    const entries = [entry(1, 'pending'), entry(2, 'merged'), entry(3, 'pending'), entry(4, 'pending', 'c')];
    expect(duplicateEntries(entries).map(({ id }) => id)).toEqual([1]);
    expect(staleEntries(entries, Date.parse('2026-11-23T09:59:00Z'))).toEqual([]);
    expect(staleEntries(entries, Date.parse('2026-11-23T10:01:00Z')).map(({ id }) => id)).toEqual([1, 3, 4]);
  });

  it('broken lines are counted, the one being written is not', () => {
    expect(brokenLines('{"a":1}\nnot json\n3\n{"half":')).toBe(2);
  });
});
