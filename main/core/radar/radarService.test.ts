import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RadarView } from '../../../contract/radar.ts';
import { timestamp } from '../../platform/clock.ts';
import type { Git } from '../git/git.ts';
import { type SampleRepository, sampleRepository } from '../merge/sampleRepository.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { plannedCollisions } from './plannedCollisions.ts';
import { createRadar, type Radar } from './radarService.ts';

const LINES = Array.from({ length: 9 }, (_, index) => `line ${index}\n`).join('');
const START = Date.parse('2026-03-01T10:00:00.000Z');

let repo: SampleRepository;
let radar: Radar;
let sessions: AgentSession[];
let now: number;
let spawned: number;
let published: RadarView[];
let announced: number;

beforeEach(async () => {
  repo = await sampleRepository({ 'a.txt': LINES, 'src/b.txt': LINES });
  sessions = [];
  now = START;
  spawned = 0;
  published = [];
  announced = 0;
  const git: Git = (args, how) => {
    spawned += 1;
    return repo.git(args, how);
  };
  radar = createRadar({
    projectRoot: repo.root,
    overstoryDirectory: repo.overstory,
    git,
    clock: { now: () => now },
    log: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
    settings: () => ({ enabled: true, seconds: 15 }),
    limits: () => ({ maxFileBytes: 1_000_000, maxUntrackedBytes: 1_000_000 }),
    sessions: () => sessions,
    scopeOf: (agentName) => (agentName === 'bob' ? ['docs/**'] : []),
    target: () => 'main',
    publish: (view) => published.push(RadarView.parse(view)),
    onCollisions: () => {
      announced += 1;
    },
  });
});
afterEach(async () => {
  await radar.stop();
  await repo.remove();
});

/** A session with a worktree of its own, made `second` seconds after the start. */
async function agent(agentName: string, second: number): Promise<string> {
  const worktreePath = join(repo.overstory, 'worktrees', agentName);
  await repo.run('worktree', 'add', '--quiet', '-b', `overstory/${agentName}/T-1`, worktreePath, 'main');
  sessions.push({
    id: `session-1-${agentName}`,
    agentName,
    capability: 'builder',
    worktreePath,
    branchName: `overstory/${agentName}/T-1`,
    taskId: 'T-1',
    tmuxSession: '',
    state: 'working',
    pid: null,
    parentAgent: null,
    depth: 1,
    runId: null,
    startedAt: timestamp(START + second * 1_000),
    lastActivity: timestamp(START + second * 1_000),
    escalationLevel: 0,
    stalledSince: null,
    transcriptPath: null,
  });
  return worktreePath;
}

function change(agentName: string, what: Partial<AgentSession>): void {
  sessions = sessions.map((session) => (session.agentName === agentName ? { ...session, ...what } : session));
}

describe('the collision radar', () => {
  it('starts no process while nothing happens, and looks again when an agent does something', async () => {
    const ada = await agent('ada', 0);
    const bob = await agent('bob', 1);
    now = START + 10_000;
    expect(await radar.tick()).toBe(true);
    const views = published.length;
    spawned = 0;
    for (let round = 0; round < 5; round += 1) {
      now += 15_000;
      expect(await radar.tick()).toBe(false);
    }
    expect(spawned).toBe(0);
    expect(published).toHaveLength(views);

    await writeFile(join(ada, 'a.txt'), LINES.replace('line 4', 'ada'));
    await writeFile(join(bob, 'a.txt'), LINES.replace('line 4', 'bob'));
    change('ada', { lastActivity: timestamp(now) });
    change('bob', { lastActivity: timestamp(now) });
    now += 15_000;
    expect(await radar.tick()).toBe(true);
    expect(published.at(-1)?.pairs).toEqual([
      { one: 'bob', other: 'ada', conflicts: [{ path: 'a.txt', kind: 'content' }], count: 1 },
    ]);
    expect(published.at(-1)?.cost.gitProcesses).toBeLessThan(12);
  });

  it('sees a commit, a moved target branch and a removed worktree by the files of git', async () => {
    const ada = await agent('ada', 0);
    await agent('bob', 1);
    now = START + 10_000;
    await radar.tick();
    await writeFile(join(ada, 'a.txt'), LINES.replace('line 4', 'ada'));
    await repo.run('-C', ada, 'commit', '--quiet', '-a', '-m', 'ada');
    expect(await radar.tick()).toBe(true);
    expect(radar.view().worktrees.find((one) => one.agentName === 'ada')?.changedFiles).toBe(1);

    await repo.commit({ 'a.txt': LINES.replace('line 4', 'main') });
    expect(await radar.tick()).toBe(true);
    expect(radar.view().worktrees.find((one) => one.agentName === 'ada')?.withTarget).toEqual([
      { path: 'a.txt', kind: 'content' },
    ]);
    expect(radar.view().order).toEqual([{ agentName: 'ada', clean: false, conflictsWith: [null] }]);

    await repo.run('worktree', 'remove', '--force', ada);
    expect(await radar.tick()).toBe(true);
    expect(radar.view().worktrees.map((one) => one.agentName)).toEqual(['bob']);
  });

  it('asked for, it looks at everything, so that an edit by hand is seen', async () => {
    const ada = await agent('ada', 0);
    now = START + 10_000;
    await radar.tick();
    await writeFile(join(ada, 'new.txt'), 'new\n');
    expect(await radar.tick()).toBe(false);
    const looked = await radar.look();
    expect(looked.ok && looked.value.worktrees[0]?.uncommittedFiles).toBe(1);
  });

  it('one item for two running agents, stable over new files; none when one of them has ended', async () => {
    const ada = await agent('ada', 0);
    const bob = await agent('bob', 1);
    for (const [path, text] of [
      [ada, 'ada'],
      [bob, 'bob'],
    ] as const) {
      await writeFile(join(path, 'a.txt'), LINES.replace('line 4', text));
    }
    now = START + 10_000;
    await radar.tick();
    expect(announced).toBe(1);
    const [item, ...others] = radar.collisions();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ id: 'collision:ada+bob', kind: 'collision', title: 'ada and bob would collide' });

    await writeFile(join(ada, 'new.txt'), 'ada\n');
    await writeFile(join(bob, 'new.txt'), 'bob\n');
    now += 60_000;
    await radar.look();
    expect(radar.collisions().map(({ id, at }) => [id, at])).toEqual([[item?.id, item?.at]]);

    change('bob', { state: 'completed' });
    await radar.tick();
    expect(radar.collisions()).toEqual([]);
    expect(radar.view().pairs).toHaveLength(1);
  });

  it('shows what two worktrees, or one and the target, conflict in, uncommitted lines included', async () => {
    const ada = await agent('ada', 0);
    const bob = await agent('bob', 1);
    await writeFile(join(ada, 'a.txt'), LINES.replace('line 4', 'of ada'));
    await writeFile(join(bob, 'a.txt'), LINES.replace('line 4', 'of bob'));
    await repo.commit({ 'a.txt': LINES.replace('line 4', 'of main') });
    expect(await radar.pair('ada', 'bob')).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    await radar.look();
    expect(await radar.pair('ada', 'bob')).toMatchObject({
      ok: true,
      value: { ours: 'ada', theirs: 'bob', count: 1, files: [{ path: 'a.txt', kind: 'content' }] },
    });
    expect(await radar.conflict('ada', 'bob', 'a.txt')).toMatchObject({
      ok: true,
      value: {
        hunks: [
          {
            ours: { lines: ['of ada'] },
            base: { lines: ['line 4'] },
            theirs: { lines: ['of bob'] },
            after: ['line 5', 'line 6', 'line 7'],
          },
        ],
      },
    });
    expect(await radar.conflict('bob', null, 'a.txt')).toMatchObject({
      ok: true,
      value: { hunks: [{ ours: { lines: ['of main'] }, theirs: { lines: ['of bob'] } }] },
    });
  });

  it('tells whom a planned task would collide with, agents nobody has looked at yet included', async () => {
    const ada = await agent('ada', 0);
    await agent('bob', 1);
    const bob = sessions.find((one) => one.agentName === 'bob')?.worktreePath ?? '';
    expect(radar.planned(['docs/plan.md'])).toEqual([{ agentName: 'bob', why: 'planned', files: ['docs/**'] }]);
    await writeFile(join(ada, 'src', 'b.txt'), 'ada\n');
    await writeFile(join(bob, 'bob.txt'), 'bob\n');
    await radar.look();
    expect(radar.planned(['src'])).toEqual([{ agentName: 'ada', why: 'changed', files: ['src/b.txt'] }]);
    expect(radar.planned(['docs/plan.md'])).toEqual([{ agentName: 'bob', why: 'planned', files: ['docs/**'] }]);
    expect(radar.planned(['other.txt'])).toEqual([]);
  });

  it('an index that is only refreshed costs one look and changes nothing', async () => {
    const ada = await agent('ada', 0);
    now = START + 10_000;
    await radar.tick();
    const index = (await repo.run('-C', ada, 'rev-parse', '--path-format=absolute', '--git-path', 'index')).trim();
    const { atime, mtimeMs } = await stat(index);
    await utimes(index, atime, new Date(mtimeMs + 5_000));
    expect(await radar.tick()).toBe(true);
    expect(radar.view().cost.mergedPairs).toBe(0);
    expect(await radar.tick()).toBe(false);
  });
});

describe('planned collisions', () => {
  const running = [
    { agentName: 'ada', changed: new Set(['src/a.ts', 'src/deep/b.ts']), scope: ['src/**'] },
    { agentName: 'bob', changed: new Set(['docs/x.md']), scope: ['docs', 'README.md'] },
  ];
  it.each<readonly [files: readonly string[], hits: readonly string[]]>([
    [['src/a.ts'], ['ada changed src/a.ts']],
    [['src/deep/'], ['ada changed src/deep/b.ts']],
    [['**/*.ts'], ['ada changed src/a.ts,src/deep/b.ts']],
    [['src/new.ts'], ['ada planned src/**']],
    [['README.md'], ['bob planned README.md']],
    [['docs/y.md'], ['bob planned docs']],
    [['srcs/a.ts'], []],
    [[], []],
  ])('%j', (files, hits) => {
    expect(
      plannedCollisions(files, running).map((one) => `${one.agentName} ${one.why} ${one.files.join(',')}`),
    ).toEqual(hits);
  });
});

it('a project that is no repository yet has an empty radar and says why when asked', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ocr-radar-'));
  try {
    const empty = createRadar({
      projectRoot: root,
      overstoryDirectory: root,
      git: async () => ({ code: 128, stdout: '', stderr: 'fatal: not a git repository' }),
      clock: { now: () => START },
      log: () => {},
      settings: () => ({ enabled: true, seconds: 15 }),
      limits: () => ({ maxFileBytes: 1, maxUntrackedBytes: 1 }),
      sessions: () => [],
      scopeOf: () => [],
      target: () => 'main',
      publish: () => {},
      onCollisions: () => {},
    });
    expect(await empty.tick()).toBe(false);
    const looked = await empty.look();
    expect(looked).toMatchObject({ ok: false, error: { message: expect.stringContaining('not a git repository') } });
    await empty.stop();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
