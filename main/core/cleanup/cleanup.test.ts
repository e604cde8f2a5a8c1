import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CleanAgentReply, CleanReply, CleanTarget, CleanWorktreesReply } from '../../../contract/cleanup.ts';
import type { Result } from '../../../contract/result.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { openDatabase } from '../db/openDatabase.ts';
import { openEvents } from '../events/eventStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { testSession } from '../sessions/testSession.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

/** Clean-up with real agents, worktrees, branches and databases (spec 02 §4.3, §4.6, §4.9). */
const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;
const finishes = (name: string): string =>
  `start:\n  - write: { path: ${name}.txt, content: made by ${name} }\n  - commit: done\n  - taskDone: over`;
const WAITS = 'start:\n  - write: { path: draft.txt, content: nobody has committed this }\n  - say: at work\n  - hang:';

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject({ 'README.md': '# sample\n' });
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const state = (...parts: string[]): string => join(project.root, '.overstory', ...parts);
const value = <Value>(result: Result<Value>): Value => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const clean = async (...targets: CleanTarget[]): Promise<CleanReply> =>
  value(await client.call('cleanup.run', { targets }));
const cleanWorktrees = async (options = {}): Promise<CleanWorktreesReply> =>
  value(await client.call('worktrees.clean', options));
const branches = async (): Promise<readonly string[]> =>
  (await project.git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/overstory'))
    .split('\n')
    .filter((line) => line !== '');
const worktrees = (): Promise<readonly string[]> => readdir(state('worktrees'));

async function sling(name: string, script: string, options: Record<string, unknown> = {}): Promise<void> {
  const taskId = `T-${name}`;
  value(await client.call('tasks.writeSpec', { id: taskId, body: fence(script) }));
  value(await client.call('agents.sling', { taskId, name, ...options }));
}

const finished = (name: string): Promise<unknown> =>
  topicUntil(
    client,
    'agents',
    (agents) => agents.byId[name]?.state === 'completed' && agents.byId[name]?.turn === null,
  );
const atWork = (name: string): Promise<unknown> =>
  topicUntil(client, 'agents', (agents) => agents.byId[name]?.activity === 'at work');

const sessionEnds = async (): Promise<number> => {
  const page = value(await client.call('timeline.page', { limit: 200 }));
  return page.items.filter((item) => item.summary.endsWith('ended by a clean-up')).length;
};

describe('ov clean', () => {
  it('CT30, CT31, CT35: of everything ends the agents, keeps their work in the vault and leaves nothing behind', async () => {
    await sling('ann', finishes('ann'));
    await finished('ann');
    await sling('bob', WAITS);
    await atWork('bob');
    await project.git('branch', 'overstory/old/T-9', 'main');
    await mkdir(state('pending-nudges'), { recursive: true });
    await writeFile(state('pending-nudges', 'coordinator.json'), '{}');
    await writeFile(state('nudge-state.json'), '{}');

    const cleaned = await clean('all');
    expect(cleaned).toMatchObject({
      sessionEndEventsLogged: 1,
      agentsStopped: ['bob'],
      worktreesCleaned: 2,
      branchesDeleted: 3,
      mailWiped: true,
      sessionsCleared: true,
      logsCleared: true,
      agentsCleared: true,
      specsCleared: true,
      nudgeStateCleared: true,
      currentRunCleared: true,
      kept: [],
    });
    expect(await sessionEnds()).toBe(1);
    expect(await worktrees()).toEqual([]);
    expect(await branches()).toEqual([]);
    expect((await topicUntil(client, 'agents', (agents) => Object.keys(agents.byId).length === 0)).byId).toEqual({});
    expect(value(await client.call('mail.list', {})).messages).toEqual([]);
    expect(await readdir(state('specs'))).toEqual([]);
    // Bob's uncommitted file and Ann's unmerged commit are both in the vault.
    const kept = value(await client.call('vault.list', {})).snapshots;
    const bob = kept.find((snapshot) => snapshot.agentName === 'bob');
    const ann = kept.find((snapshot) => snapshot.agentName === 'ann');
    expect(bob?.untracked).toBeGreaterThan(0);
    expect(await project.git('show', `${ann?.head}:ann.txt`)).toBe('made by ann');

    expect(await clean('all')).toMatchObject({ worktreesCleaned: 0, sessionsCleared: false, mailWiped: false });
  });

  it('CT30, CT32, CT33, CT34, CT37: takes only what is named', async () => {
    await sling('ann', finishes('ann'));
    await finished('ann');
    expect(await clean('mail')).toMatchObject({ mailWiped: true, sessionsCleared: false, worktreesCleaned: 0 });
    expect(value(await client.call('mail.list', {})).messages).toEqual([]);
    expect(await branches()).toHaveLength(1);
    expect(await clean('logs')).toMatchObject({ logsCleared: true, specsCleared: false });
    expect(await readdir(state('specs'))).toEqual(['T-ann.md']);
    expect((await readdir(state('logs'))).filter((name) => !/^(engine|pty-host)\.log/.test(name))).toEqual([]);
    expect(await clean('sessions')).toMatchObject({
      sessionsCleared: true,
      specsCleared: false,
      sessionEndEventsLogged: 0,
    });
    expect(await readdir(state('specs'))).toEqual(['T-ann.md']);
    expect(await worktrees()).toEqual(['ann']);
    expect(await clean('metrics')).toMatchObject({ metricsWiped: true });
    expect(await clean('agents')).toMatchObject({ agentsCleared: true });
    expect(await clean('specs')).toMatchObject({ specsCleared: true });
    expect(await clean('worktrees')).toMatchObject({ worktreesCleaned: 1, branchesDeleted: 1 });
  });

  it('CT37: tells the end of each agent that had not ended, with its run and session, also for worktrees alone', async () => {
    value(await client.call('fleet.pause', { paused: true }));
    for (const name of ['ann', 'bob', 'eve']) await sling(name, WAITS);
    expect(await clean('worktrees')).toMatchObject({ sessionEndEventsLogged: 3, worktreesCleaned: 3 });
    const connection = openDatabase(state('events.db'));
    if (!connection.ok) throw new Error(connection.error.message);
    const rows = value(openEvents(connection.value)).tail({ limit: 50 });
    connection.value.close();
    const ends = rows.filter((row) => row.eventType === 'session_end');
    expect(ends.map((row) => row.agentName).sort()).toEqual(['ann', 'bob', 'eve']);
    for (const { runId, sessionId, data } of ends) {
      expect([runId, sessionId]).toEqual([expect.stringMatching(/^run-/), expect.stringMatching(/^session-/)]);
      expect(JSON.parse(data ?? '')).toMatchObject({ reason: 'clean', capability: 'builder' });
    }
    expect((await clean('worktrees')).sessionEndEventsLogged).toBe(0);
  });

  it('leaves the logs and the folder of an agent in mid-turn, and says so', async () => {
    await sling('bob', WAITS);
    await atWork('bob');
    expect((await clean('logs', 'agents')).kept).toEqual([
      'the logs of bob stay: it is in the middle of a turn',
      'the folder of bob stays: it has not ended',
    ]);
    expect(await readdir(state('logs'))).toContain('bob');
  });

  it('keeps the commits of a branch without a worktree before it goes', async () => {
    await project.git('branch', 'overstory/old/T-9', 'main');
    const tree = (await project.git('rev-parse', 'main^{tree}')).trim();
    const lone = (await project.git('commit-tree', tree, '-p', 'main', '-m', 'lone work')).trim();
    await project.git('update-ref', 'refs/heads/overstory/old/T-9', lone);
    expect(await clean('branches')).toMatchObject({ branchesDeleted: 1, kept: [] });
    const [snapshot] = value(await client.call('vault.list', { agentName: 'old' })).snapshots;
    expect(snapshot).toMatchObject({ head: lone, branch: 'overstory/old/T-9', reason: 'removal' });
    const restored = value(
      await client.call('vault.restore', { id: snapshot?.id ?? '', into: 'new', folder: 'old-again' }),
    );
    expect((await project.git('-C', restored.worktree, 'log', '-1', '--format=%s')).trim()).toBe('lone work');
  });

  it('CT39: of one agent takes what is its own and keeps its row', async () => {
    await sling('ann', finishes('ann'));
    await finished('ann');
    await sling('bob', WAITS);
    await atWork('bob');
    const cleaned: CleanAgentReply = value(await client.call('cleanup.agent', { agentName: 'bob' }));
    expect(cleaned).toEqual({
      agentName: 'bob',
      turnEnded: true,
      worktreeRemoved: true,
      branchDeleted: true,
      agentDirCleared: true,
      logsDirCleared: true,
      sessionEndEventLogged: true,
      markedCompleted: true,
      kept: [],
    });
    expect(await worktrees()).toEqual(['ann']);
    expect(await readdir(state('agents', 'bob'))).toEqual([]);
    expect(await readdir(state('logs', 'bob'))).toEqual([]);
    expect(await sessionEnds()).toBe(1);
    const again: CleanAgentReply = value(await client.call('cleanup.agent', { agentName: 'bob' }));
    expect(again).toMatchObject({ sessionEndEventLogged: false, markedCompleted: false, worktreeRemoved: false });
    expect(await client.call('cleanup.agent', { agentName: 'nobody' })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('"nobody" not found') },
    });
  });
});

describe('ov worktree clean', () => {
  it('CT54, CT55, CT56, CT58, CT61, CT62, CT63: removes merged worktrees of completed agents with branch and row, and says why others stay', async () => {
    await sling('ann', finishes('ann'));
    await sling('bob', finishes('bob'));
    await sling('eve', WAITS);
    await finished('ann');
    await finished('bob');
    await atWork('eve');
    await project.git('merge', '-q', '--no-edit', 'overstory/ann/T-ann');
    const cleaned = await cleanWorktrees();
    expect(cleaned).toEqual({
      cleaned: ['overstory/ann/T-ann'],
      failed: [],
      skipped: ['overstory/bob/T-bob'],
      blockedByChildren: [],
      pruned: 1,
      seedsPreserved: [],
      reasons: { 'overstory/bob/T-bob': 'its branch is not merged: merge it first, or pass --force' },
    });
    expect([...(await worktrees())].sort()).toEqual(['bob', 'eve']);
    await topicUntil(client, 'agents', (agents) => agents.byId.ann === undefined);

    const everybody = await cleanWorktrees({ all: true });
    expect(everybody.cleaned).toEqual([]);
    expect(everybody.reasons['overstory/eve/T-eve']).toMatch(/^its agent is (in_turn|working|booting): stop it first/);
    const forced = await cleanWorktrees({ all: true, force: true });
    expect([...forced.cleaned].sort()).toEqual(['overstory/bob/T-bob', 'overstory/eve/T-eve']);
    expect(await branches()).toEqual([]);
    const kept = value(await client.call('vault.list', {})).snapshots.map((snapshot) => snapshot.agentName);
    expect(kept).toEqual(expect.arrayContaining(['bob', 'eve']));
    expect(await cleanWorktrees()).toMatchObject({ cleaned: [], pruned: 0 });
  });

  it('accepts a branch that is merged into the branch people work on', async () => {
    await sling('ann', finishes('ann'));
    await finished('ann');
    await project.git('branch', 'feature', 'overstory/ann/T-ann');
    await writeFile(state('session-branch.txt'), 'feature\n');
    expect((await cleanWorktrees()).cleaned).toEqual(['overstory/ann/T-ann']);
  });

  it('CT57: forgets dead agents whose worktree is gone', async () => {
    await sling('ann', 'start:\n  - fail: { message: "cannot" }');
    await topicUntil(client, 'agents', (agents) => agents.byId.ann?.retry !== null);
    await client.call('agents.stop', { agentName: 'ann' });
    await finished('ann');
    const connection = openDatabase(state('sessions.db'));
    if (!connection.ok) throw new Error(connection.error.message);
    value(openSessions(connection.value)).updateState('ann', 'zombie');
    connection.value.close();
    await project.git('worktree', 'remove', '--force', state('worktrees', 'ann'));
    expect(await cleanWorktrees()).toMatchObject({ cleaned: [], pruned: 1 });
  });

  it('CT65: saves the tracker changes of a lead on the canonical branch, and keeps the worktree when it cannot', async () => {
    await sling('liz', finishes('liz'), { capability: 'lead' });
    await finished('liz');
    const tree = state('worktrees', 'liz');
    await mkdir(join(tree, '.seeds'), { recursive: true });
    await writeFile(join(tree, '.seeds', 'issues.jsonl'), '{"id":"x-1"}\n');
    await project.git('-C', tree, 'add', '.seeds');
    await project.git('-C', tree, 'commit', '-qm', 'issue');
    await writeFile(join(project.root, 'staged.txt'), 'not theirs to commit');
    await project.git('add', 'staged.txt');
    await project.git('checkout', '-q', '-b', 'elsewhere');
    expect((await cleanWorktrees()).reasons['overstory/liz/T-liz']).toContain('is not on main; check it out');
    expect(await worktrees()).toEqual(['liz']);
    await project.git('checkout', '-q', 'main');
    expect(await cleanWorktrees()).toMatchObject({
      cleaned: ['overstory/liz/T-liz'],
      seedsPreserved: ['overstory/liz/T-liz'],
    });
    expect(await readFile(join(project.root, '.seeds', 'issues.jsonl'), 'utf8')).toBe('{"id":"x-1"}\n');
    const committed = await project.git('show', '--name-only', '--format=%s', 'HEAD');
    expect(
      committed
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
    ).toEqual(['chore: preserve .seeds/ changes from lead liz', '.seeds/issues.jsonl']);
    expect(await project.git('diff', '--cached', '--name-only')).toBe('staged.txt\n');
  });

  it('CT66, CT67: is blocked by a live agent of a project inside the worktree, and not by a dead one', async () => {
    await sling('ann', finishes('ann'));
    await finished('ann');
    await project.git('merge', '-q', '--no-edit', 'overstory/ann/T-ann');
    const tree = state('worktrees', 'ann');
    const nested = spawn('sleep', ['100000'], { cwd: tree, stdio: 'ignore' });
    const ended = new Promise((resolve) => nested.once('exit', resolve));
    await mkdir(join(tree, '.overstory'), { recursive: true });
    const connection = openDatabase(join(tree, '.overstory', 'sessions.db'));
    if (!connection.ok) throw new Error(connection.error.message);
    value(openSessions(connection.value)).upsert(
      testSession('inner', { state: 'working', tmuxSession: 'x', pid: nested.pid ?? 0 }),
    );
    connection.value.close();
    expect(await cleanWorktrees()).toMatchObject({ cleaned: [], blockedByChildren: ['overstory/ann/T-ann'] });
    nested.kill('SIGKILL');
    await ended;
    expect((await cleanWorktrees()).cleaned).toEqual(['overstory/ann/T-ann']);
  });
});
