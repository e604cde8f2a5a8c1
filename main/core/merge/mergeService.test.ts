import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MergePrediction, MergeResult } from '../../../contract/merges.ts';
import { systemClock } from '../../platform/clock.ts';
import { type ControlStore, openControl } from '../control/controlStore.ts';
import { pathExists } from '../util/files.ts';
import type { MergeEvent } from './mergeEvents.ts';
import { mergeLockPath } from './mergeLock.ts';
import { type MergeQueueStore, openMergeQueue } from './mergeQueueStore.ts';
import { createMergeService, type MergeChange, type MergeService, type MergeServiceOptions } from './mergeService.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';

interface Bench {
  readonly repo: SampleRepository;
  readonly queue: MergeQueueStore;
  readonly control: ControlStore;
  readonly service: MergeService;
  readonly events: MergeEvent[];
  readonly changes: MergeChange[];
}

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) {
    bench.queue.close();
    bench.control.close();
    await bench.repo.remove();
  }
});

async function bench(
  files?: Readonly<Record<string, string>>,
  options: Partial<MergeServiceOptions> = {},
): Promise<Bench> {
  const repo = await sampleRepository(files);
  const queue = openMergeQueue(join(repo.overstory, 'merge-queue.db'));
  const control = openControl(join(repo.overstory, 'control-room.db'));
  if (!queue.ok || !control.ok) throw new Error('the stores do not open');
  const events: MergeEvent[] = [];
  const changes: MergeChange[] = [];
  const service = createMergeService({
    site: repo.site,
    queue: queue.value,
    outcomes: control.value,
    clock: systemClock,
    canonicalBranch: () => 'main',
    record: (event) => events.push(event),
    onChange: (change) => changes.push(change),
    lockWaitMs: 0,
    ...options,
  });
  const made = { repo, queue: queue.value, control: control.value, service, events, changes };
  benches.push(made);
  return made;
}

async function run(one: Bench, request: { branch?: string; all?: boolean; into?: string }): Promise<MergeResult[]> {
  const answer = await one.service.run({ all: false, ...request });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.results.map((result) => MergeResult.parse(result));
}

/** Two branches; the second conflicts with what is on main. */
async function cleanAndContested(): Promise<Bench> {
  const one = await bench({ 'a.txt': 'one\ntwo\nthree\n' });
  await one.repo.branch('overstory/my-builder/bead-xyz', { 'new.txt': 'x\n' });
  await one.repo.branch('overstory/other/t2', { 'a.txt': 'one\nbranch\nthree\n' });
  await one.repo.commit({ 'a.txt': 'one\ntarget\nthree\n' });
  return one;
}

describe('what is asked for', () => {
  it('neither a branch nor everything is an error that names both flags', async () => {
    const one = await bench();
    for (const answer of [await one.service.run({ all: false }), await one.service.predict({ all: false })]) {
      expect(answer).toMatchObject({ ok: false, error: { tag: 'validation', field: 'branch|all' } });
      expect(answer.ok ? '' : answer.error.message).toMatch(/--branch.*--all/);
    }
  });

  it.each(['ghost', 'a-tag'])('%s is not a local branch', async (branch) => {
    const one = await bench();
    await one.repo.run('tag', 'a-tag');
    const answer = await one.service.run({ branch, all: false });
    expect(answer).toMatchObject({ ok: false, error: { tag: 'validation', field: 'branch' } });
    expect(answer.ok ? '' : answer.error.message).toMatch(new RegExp(`${branch} not found`));
    expect(one.queue.list()).toEqual([]);
  });

  it('a branch into itself, into nothing, and into a branch that is not there are errors', async () => {
    const one = await bench();
    expect(await one.service.run({ branch: 'main', all: false })).toMatchObject({
      ok: false,
      error: { tag: 'validation' },
    });
    expect(await one.service.run({ all: true, into: '' })).toMatchObject({ ok: false, error: { field: 'into' } });
    const answer = await one.service.run({ all: true, into: 'nonexistent-branch' });
    expect(answer).toMatchObject({
      ok: false,
      error: { tag: 'merge', message: expect.stringContaining('nonexistent-branch') },
    });
  });

  it('everything, when nothing is pending, merges nothing', async () => {
    expect(await run(await bench(), { all: true })).toEqual([]);
  });
});

describe('one branch', () => {
  it('is queued with its owner and files, merged, stored and announced step by step', async () => {
    const one = await cleanAndContested();
    const branch = 'overstory/my-builder/bead-xyz';
    const [result] = await run(one, { branch });
    expect(result).toMatchObject({ success: true, tier: 'clean-merge', errorMessage: null, warnings: [] });
    expect(result?.entry).toMatchObject({
      branchName: branch,
      agentName: 'my-builder',
      taskId: 'bead-xyz',
      filesModified: ['new.txt'],
      status: 'merged',
      resolvedTier: 'clean-merge',
      target: 'main',
    });
    expect(await one.repo.read('new.txt')).toBe('x\n');
    expect(one.queue.list()).toMatchObject([{ status: 'merged', resolvedTier: 'clean-merge' }]);
    expect(one.service.list()).toEqual([result?.entry]);
    expect(one.events.map((event) => event.phase)).toEqual(['queued', 'started', 'merged']);
    expect(one.events[2]).toMatchObject({
      agentName: 'my-builder',
      target: 'main',
      summary: `merged ${branch} into main (clean-merge)`,
    });
    const told = one.changes.map((change) =>
      change.kind === 'put' ? `${change.view.status} ${change.view.progress?.stage ?? ''}`.trim() : 'gone',
    );
    expect(told).toEqual(['pending', 'merging', 'merging merging', 'merging moving', 'merged']);
    expect(await pathExists(mergeLockPath(one.repo.overstory, 'main'))).toBe(false);
  });

  it('that conflicts is stored as a conflict with the tier and the files, and can be tried again', async () => {
    const one = await cleanAndContested();
    const branch = 'overstory/other/t2';
    const [result] = await run(one, { branch });
    expect(result).toMatchObject({ success: false, tier: 'auto-resolve', conflictFiles: ['a.txt'] });
    expect(result?.entry).toMatchObject({
      status: 'conflict',
      resolvedTier: 'auto-resolve',
      conflictFiles: ['a.txt'],
      errorMessage: expect.stringContaining('auto-resolve'),
      finishedAt: expect.stringMatching(/Z$/),
    });
    expect(one.events.at(-1)).toMatchObject({ phase: 'conflict', level: 'warn' });
    // The person does what the error says.
    await one.repo.run('checkout', '--quiet', branch);
    await one.repo.git(['merge', '--quiet', 'main']);
    await one.repo.commit({ 'a.txt': 'one\nboth\nthree\n' });
    await one.repo.run('checkout', '--quiet', 'main');
    const [again] = await run(one, { branch });
    expect(again).toMatchObject({ success: true, entry: { status: 'merged', conflictFiles: [], errorMessage: null } });
    expect(one.queue.list()).toHaveLength(1);
    expect(await one.repo.read('a.txt')).toBe('one\nboth\nthree\n');
  });

  it('that git was not even asked to merge is stored as failed', async () => {
    const one = await cleanAndContested();
    await one.repo.write('new.txt', 'mine\n');
    const [result] = await run(one, { branch: 'overstory/my-builder/bead-xyz' });
    expect(result).toMatchObject({
      success: false,
      entry: { status: 'failed', errorMessage: expect.stringContaining('new.txt') },
    });
    expect(await one.repo.read('new.txt')).toBe('mine\n');
  });

  it('merged already is clean, keeps what the first merge said, and may be gone', async () => {
    const one = await cleanAndContested();
    const branch = 'overstory/my-builder/bead-xyz';
    const [first] = await run(one, { branch });
    const [again] = await run(one, { branch });
    expect(again).toMatchObject({ success: true, tier: 'clean-merge', entry: first?.entry ?? {} });
    expect(again?.warnings).toEqual([expect.stringContaining('nothing that main does not have already')]);
    await one.repo.run('branch', '-D', branch);
    expect(await run(one, { branch })).toMatchObject([{ success: true }]);
    expect(one.queue.list()).toHaveLength(1);
  });

  it('wins over everything when both are asked for', async () => {
    const one = await cleanAndContested();
    one.queue.enqueue({ branchName: 'overstory/other/t2', taskId: 't2', agentName: 'other', filesModified: [] });
    expect(await run(one, { branch: 'overstory/my-builder/bead-xyz', all: true })).toHaveLength(1);
    expect(one.queue.list('pending')).toHaveLength(1);
  });

  it('of another name belongs to nobody known', async () => {
    const one = await bench();
    await one.repo.branch('feature', { 'new.txt': 'x\n' });
    expect(await run(one, { branch: 'feature' })).toMatchObject([
      { entry: { agentName: 'unknown', taskId: 'unknown' } },
    ]);
  });
});

describe('everything', () => {
  it('is merged in queue order, and one failure does not stop the rest', async () => {
    const one = await cleanAndContested();
    for (const [agentName, taskId] of [
      ['other', 't2'],
      ['gone', 't3'],
      ['my-builder', 'bead-xyz'],
    ] as const) {
      one.queue.enqueue({ branchName: `overstory/${agentName}/${taskId}`, taskId, agentName, filesModified: [] });
    }
    const results = await run(one, { all: true });
    expect(results.map((result) => [result.entry.agentName, result.success, result.entry.status])).toEqual([
      ['other', false, 'conflict'],
      ['gone', false, 'failed'],
      ['my-builder', true, 'merged'],
    ]);
    expect(await run(one, { all: true })).toEqual([]);
  });

  it('ten merges at once all succeed, one after the other', async () => {
    const one = await bench({ 'list.txt': 'start\n', '.gitattributes': 'list.txt merge=union\n' });
    const branches = Array.from({ length: 10 }, (_, index) => `overstory/agent-${index}/t${index}`);
    for (const [index, branch] of branches.entries()) {
      await one.repo.branch(branch, { [`file-${index}.txt`]: `${index}\n`, 'list.txt': `start\nline ${index}\n` });
    }
    const results = (await Promise.all(branches.map((branch) => run(one, { branch })))).flat();
    expect(results.map((result) => result.success)).toEqual(branches.map(() => true));
    expect((await one.repo.read('list.txt')).trim().split('\n').sort()).toEqual(
      ['start', ...branches.map((_, index) => `line ${index}`)].sort(),
    );
    expect(one.queue.list('merged')).toHaveLength(10);
    expect(await one.repo.run('status', '--porcelain')).toBe('');
    await one.service.drain();
  });

  it('the same branch asked for five times at once is merged once and queued once', async () => {
    const one = await cleanAndContested();
    const branch = 'overstory/my-builder/bead-xyz';
    const answers = await Promise.all(Array.from({ length: 5 }, () => run(one, { branch })));
    expect(answers.flat().every((result) => result.success)).toBe(true);
    expect(one.queue.list()).toHaveLength(1);
    expect((await one.repo.run('log', '--merges', '--oneline')).trim().split('\n')).toHaveLength(1);
  });
});

describe('the target', () => {
  it('asked for: it moves, the checkout stays where it is and the default branch is untouched', async () => {
    const one = await bench();
    await one.repo.run('branch', 'develop');
    await one.repo.branch('work', { 'new.txt': 'x\n' });
    const main = await one.repo.run('rev-parse', 'main');
    expect(await run(one, { branch: 'work', into: 'develop' })).toMatchObject([{ entry: { target: 'develop' } }]);
    expect(await one.repo.run('symbolic-ref', '--short', 'HEAD')).toBe('main\n');
    expect(await one.repo.run('rev-parse', 'main')).toBe(main);
    expect(await one.repo.run('show', 'develop:new.txt')).toBe('x\n');
  });

  it('comes from session-branch.txt when nothing is asked for, and asking overrides it', async () => {
    const one = await bench();
    await one.repo.run('branch', 'session');
    await one.repo.branch('work', { 'new.txt': 'x\n' });
    await one.repo.branch('more', { 'more.txt': 'x\n' });
    await writeFile(join(one.repo.overstory, 'session-branch.txt'), 'session\n');
    expect(await run(one, { branch: 'work' })).toMatchObject([{ entry: { target: 'session' } }]);
    expect(await run(one, { branch: 'more', into: 'main' })).toMatchObject([{ entry: { target: 'main' } }]);
  });
});

describe('the lock', () => {
  it('of another live process blocks; the branch stays pending', async () => {
    const one = await cleanAndContested();
    const path = mergeLockPath(one.repo.overstory, 'main');
    await writeFile(path, JSON.stringify({ pid: 1, acquiredAt: '2026-01-01T00:00:00.000Z', targetBranch: 'main' }));
    const answer = await one.service.run({ branch: 'overstory/my-builder/bead-xyz', all: false });
    expect(answer).toMatchObject({ ok: false, error: { tag: 'merge', message: expect.stringContaining('pid 1') } });
    expect(one.queue.list()).toMatchObject([{ status: 'pending' }]);
    expect(await pathExists(path)).toBe(true);
    await rm(path);
    expect(await run(one, { all: true })).toMatchObject([{ success: true }]);
  });

  it('of a dead process is taken over', async () => {
    const one = await cleanAndContested();
    const path = mergeLockPath(one.repo.overstory, 'main');
    await writeFile(path, JSON.stringify({ pid: 2147483647, acquiredAt: 'x', targetBranch: 'main' }));
    expect(await run(one, { branch: 'overstory/my-builder/bead-xyz' })).toMatchObject([{ success: true }]);
    expect(await pathExists(path)).toBe(false);
  });
});

describe('prediction', () => {
  it('stores nothing and locks nothing, and reports every pending entry', async () => {
    const one = await cleanAndContested();
    for (const [agentName, taskId] of [
      ['my-builder', 'bead-xyz'],
      ['other', 't2'],
      ['gone', 't3'],
    ] as const) {
      one.queue.enqueue({ branchName: `overstory/${agentName}/${taskId}`, taskId, agentName, filesModified: [] });
    }
    await writeFile(mergeLockPath(one.repo.overstory, 'main'), JSON.stringify({ pid: 1 }));
    const answer = await one.service.predict({ all: true });
    const predictions = answer.ok ? answer.value.entries.map((entry) => MergePrediction.parse(entry.prediction)) : [];
    expect(predictions.map((prediction) => prediction.predictedTier)).toEqual([
      'clean-merge',
      'ai-resolve',
      'ai-resolve',
    ]);
    expect(predictions[2]?.reason).toContain('prediction-failed: ');
    expect(one.changes).toEqual([]);
  });

  it('of a branch that is not in the queue leaves it out of the queue', async () => {
    const one = await cleanAndContested();
    const answer = await one.service.predict({ branch: 'overstory/my-builder/bead-xyz', all: false });
    expect(answer).toMatchObject({
      ok: true,
      value: {
        entries: [
          {
            entry: { id: 0, agentName: 'my-builder', status: 'pending' },
            prediction: { predictedTier: 'clean-merge' },
          },
        ],
      },
    });
    expect(one.queue.list()).toEqual([]);
  });
});

describe('skipping', () => {
  it('takes an entry out of the queue and says so', async () => {
    const one = await cleanAndContested();
    await run(one, { branch: 'overstory/other/t2' });
    const id = one.queue.list()[0]?.id ?? -1;
    expect(one.service.skip(id)).toEqual({ ok: true, value: {} });
    expect(one.service.list()).toEqual([]);
    expect(one.control.getMergeOutcome(id)).toBeNull();
    expect(one.changes.at(-1)).toEqual({ kind: 'remove', id });
    expect(one.events.at(-1)).toMatchObject({ phase: 'skipped', taskId: 't2' });
    expect(one.service.skip(id)).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });

  it('is refused while and after merging', async () => {
    const one = await cleanAndContested();
    const running = run(one, { branch: 'overstory/my-builder/bead-xyz' });
    await expect.poll(() => one.queue.list()[0]?.status, { interval: 1 }).toBe('merging');
    const id = one.queue.list()[0]?.id ?? -1;
    expect(one.service.skip(id)).toMatchObject({ ok: false, error: { tag: 'invalidState' } });
    await running;
    expect(one.service.skip(id)).toMatchObject({ ok: false, error: { tag: 'invalidState' } });
  });

  it('reaches an entry that waits for its turn in the line', async () => {
    const one = await cleanAndContested();
    const first = run(one, { branch: 'overstory/my-builder/bead-xyz' });
    // Only then the other is surely behind it in the line.
    await expect.poll(() => one.queue.list()[0]?.status, { interval: 1 }).toBe('merging');
    const second = one.service.run({ branch: 'overstory/other/t2', all: false });
    await expect.poll(() => one.queue.list().length, { interval: 1 }).toBe(2);
    expect(one.service.skip(one.queue.list()[1]?.id ?? -1).ok).toBe(true);
    await first;
    expect(await second).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });
});
