import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { openControl } from '../control/controlStore.ts';
import { pathExists } from '../util/files.ts';
import { readJournals, writeJournal } from './journal.ts';
import type { MergeEvent } from './mergeEvents.ts';
import { type MergeQueueStore, openMergeQueue } from './mergeQueueStore.ts';
import { createMergeService, type MergeService } from './mergeService.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';

const cleanup: Array<() => unknown> = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

const BRANCH = 'overstory/builder/t1';

/** Git calls of a merge in tier 2 at which it is killed: some of the many that only read, all of those that write. */
const KILLED_AT = [2, 6, 10, 13, 15, 17, 19, 20, 21, 22, 23, 24, 25, 26];

/** A branch that resolves in tier 2, uncommitted work beside it, and an untracked file the branch brings as it is. */
async function repositoryInUse(): Promise<SampleRepository> {
  const repo = await sampleRepository({ 'a.txt': '1\n2\n3\n', 'mine.txt': 'mine\n' });
  cleanup.push(() => repo.remove());
  await repo.branch(BRANCH, { 'a.txt': '1\nnew\n3\n', 'same.txt': 'same\n', 'fresh.txt': 'fresh\n' });
  await repo.commit({ 'a.txt': '1\n3\n' });
  await repo.write('mine.txt', 'edited\n');
  await repo.write('same.txt', 'same\n');
  return repo;
}

function serviceOn(repo: SampleRepository, events: MergeEvent[] = []): MergeService {
  const queue = openMergeQueue(join(repo.overstory, 'merge-queue.db'));
  const control = openControl(join(repo.overstory, 'control-room.db'));
  if (!queue.ok || !control.ok) throw new Error('the stores do not open');
  cleanup.push(
    () => queue.value.close(),
    () => control.value.close(),
  );
  return createMergeService({
    site: repo.site,
    queue: queue.value,
    outcomes: control.value,
    clock: systemClock,
    canonicalBranch: () => 'main',
    record: (event) => events.push(event),
    onChange: () => undefined,
    lockWaitMs: 5_000,
    orphanWaitMs: 20_000,
  });
}

/** Another process that merges the branch; its own process group, so that its git can be killed with it. */
function startEngine(repo: SampleRepository, dieAtCall = 0): ChildProcess {
  const module = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `
    const { createGit } = await import(${module('../git/git.ts')});
    const { openMergeQueue } = await import(${module('mergeQueueStore.ts')});
    const { openControl } = await import(${module('../control/controlStore.ts')});
    const { createMergeService } = await import(${module('mergeService.ts')});
    const root = ${JSON.stringify(repo.root)};
    const overstory = ${JSON.stringify(repo.overstory)};
    const plain = createGit(root);
    let calls = 0;
    const git = (args, options) => {
      calls += 1;
      // Dies together with the git of this call, some time after it was started.
      if (calls === ${dieAtCall}) setTimeout(() => process.kill(-process.pid, 'SIGKILL'), ${dieAtCall} % 5);
      return plain(args, options);
    };
    const service = createMergeService({
      site: { git, root, overstory },
      queue: openMergeQueue(overstory + '/merge-queue.db').value,
      outcomes: openControl(overstory + '/control-room.db').value,
      clock: { now: () => Date.now() },
      canonicalBranch: () => 'main', record() {}, onChange() {},
    });
    await service.run({ branch: ${JSON.stringify(BRANCH)}, all: false });
  `;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanup.push(() => kill(child));
  return child;
}

/** Ends the child; `group` ends its git as well. */
async function kill(child: ChildProcess, group = true): Promise<void> {
  const gone = child.exitCode !== null || child.signalCode !== null;
  const ended = gone ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
  try {
    process.kill(group ? -(child.pid ?? 0) : (child.pid ?? 0), 'SIGKILL');
  } catch {
    // Ended by itself already.
  }
  await ended;
}

async function expectUserWorkIsThere(repo: SampleRepository): Promise<void> {
  expect(await repo.read('mine.txt')).toBe('edited\n');
  expect(await repo.read('same.txt')).toBe('same\n');
  expect(await repo.run('stash', 'list')).toBe('');
  expect(await pathExists(join(repo.root, '.git', 'MERGE_HEAD'))).toBe(false);
  expect(await readJournals(repo.overstory)).toEqual([]);
}

/** A hook that says it is running and waits until it is let go. */
function waitingHook(repo: SampleRepository, before = ''): string {
  const git = join(repo.root, '.git');
  return `${before}\ntouch ${git}/in-hook; while [ ! -e ${git}/go ]; do sleep 0.02; done`;
}

async function inHook(repo: SampleRepository): Promise<void> {
  await expect.poll(() => pathExists(join(repo.root, '.git', 'in-hook')), { timeout: 60_000, interval: 10 }).toBe(true);
}

/** Holds the fast-forward when the branch is about to move; the hook runs several times for one merge. */
const ONLY_MAIN = '[ "$1" = prepared ] || exit 0\ngrep -q refs/heads/main || exit 0';

describe('an engine killed in the middle of a merge', () => {
  it('while its git moves the branch: the next engine waits for it and finds the branch merged', async () => {
    const repo = await repositoryInUse();
    await repo.hook('reference-transaction', waitingHook(repo, ONLY_MAIN));
    const child = startEngine(repo);
    await inHook(repo);
    await kill(child, false);
    const events: MergeEvent[] = [];
    const service = serviceOn(repo, events);
    expect(service.list()).toMatchObject([{ status: 'merging' }]);
    const recovering = service.recover();
    await writeFile(join(repo.root, '.git', 'go'), '');
    expect(await recovering).toEqual([]);
    expect(service.list()).toMatchObject([{ status: 'merged', resolvedTier: 'auto-resolve', target: 'main' }]);
    expect(events).toMatchObject([{ phase: 'recovered', branchName: BRANCH }]);
    expect(await repo.read('a.txt')).toBe('1\nnew\n3\n');
    await expectUserWorkIsThere(repo);
    expect(await repo.run('status', '--porcelain')).toBe(' M mine.txt\n');
  });

  it('whose git hangs: nothing is touched, every new merge says why, and it goes on once git has ended', async () => {
    const repo = await repositoryInUse();
    await repo.hook('reference-transaction', `${waitingHook(repo, ONLY_MAIN)}; exit 1`);
    const child = startEngine(repo);
    await inHook(repo);
    await kill(child, false);
    const service = createImpatient(repo);
    expect(await service.recover()).toEqual([expect.stringMatching(/still runs \(pid \d+/)]);
    expect(await service.run({ branch: BRANCH, all: false })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('still runs') },
    });
    await writeFile(join(repo.root, '.git', 'go'), '');
    await rm(join(repo.root, '.git', 'hooks', 'reference-transaction'));
    const patient = serviceOn(repo);
    expect(await patient.recover()).toEqual([]);
    expect(patient.list()).toMatchObject([{ status: 'pending', resolvedTier: null }]);
    await expectUserWorkIsThere(repo);
    expect(await patient.run({ branch: BRANCH, all: false })).toMatchObject({
      ok: true,
      value: { results: [{ success: true }] },
    });
    await expectUserWorkIsThere(repo);
  });

  it('while a commit hook runs: the hook is ended, nobody commits, and the entry waits again', async () => {
    const repo = await repositoryInUse();
    await repo.hook('pre-commit', waitingHook(repo));
    const before = await repo.run('rev-parse', 'HEAD');
    const child = startEngine(repo);
    await inHook(repo);
    await kill(child, false);
    const service = serviceOn(repo);
    expect(await service.recover()).toEqual([]);
    expect(service.list()).toMatchObject([{ status: 'pending', resolvedTier: null }]);
    expect(await repo.run('rev-parse', 'HEAD')).toBe(before);
    await expectUserWorkIsThere(repo);
    await writeFile(join(repo.root, '.git', 'go'), '');
    expect(await service.run({ branch: BRANCH, all: false })).toMatchObject({
      ok: true,
      value: { results: [{ success: true }] },
    });
  });

  // The engine and its git die in the middle of the call named.
  it.each(KILLED_AT)('together with its git at call %i: no work is lost', async (call) => {
    const repo = await repositoryInUse();
    const before = await repo.run('rev-parse', 'HEAD');
    const child = startEngine(repo, call);
    await new Promise((resolve) => child.once('exit', resolve));
    expect(child.signalCode).toBe('SIGKILL');
    const service = serviceOn(repo);
    expect(await service.recover()).toEqual([]);
    await expectUserWorkIsThere(repo);
    const entry = service.list()[0];
    if (entry !== undefined && entry.status !== 'merged') {
      expect(entry.status).toBe('pending');
      expect(await repo.run('rev-parse', 'HEAD')).toBe(before);
      expect(await repo.read('a.txt')).toBe('1\n3\n');
      expect(await repo.run('status', '--porcelain')).toBe(' M mine.txt\n?? same.txt\n');
    }
    expect(await service.run({ branch: BRANCH, all: false })).toMatchObject({
      ok: true,
      value: { results: [{ success: true, entry: { status: 'merged' } }] },
    });
    expect(await repo.read('a.txt')).toBe('1\nnew\n3\n');
    await expectUserWorkIsThere(repo);
  });
});

describe('what a merge that was cut short leaves', () => {
  it('files a killed git had half written are undone, edits made since stay', async () => {
    const repo = await repositoryInUse();
    const journal = await repo.journal(BRANCH);
    const from = (await repo.run('rev-parse', 'HEAD')).trim();
    const tree = await mergedTree(repo);
    const to = (await repo.run('commit-tree', tree, '-p', from, '-p', journal.commit, '-m', 'merge')).trim();
    await writeJournal(repo.overstory, {
      ...journal,
      tier: 'clean-merge',
      advance: { from, to, holder: repo.root, adopted: ['same.txt'] },
    });
    const wanted = await repo.run('cat-file', 'blob', `${tree}:a.txt`);
    await repo.write('a.txt', wanted.slice(0, 12));
    await repo.run('add', 'same.txt');
    await repo.write('fresh.txt', 'fre');
    await mkdir(join(repo.root, 'later'));
    await writeFile(join(repo.root, 'later', 'x.txt'), 'since\n');
    expect(await serviceOn(repo).recover()).toEqual([]);
    expect(await repo.read('a.txt')).toBe('1\n3\n');
    expect(await repo.read('later/x.txt')).toBe('since\n');
    expect(await repo.run('status', '--porcelain')).toBe(' M mine.txt\n?? later/\n?? same.txt\n');
    await expectUserWorkIsThere(repo);
  });

  it('locks of a killed git are removed, unless somebody works in the checkout', async () => {
    const repo = await repositoryInUse();
    const journal = await repo.journal(BRANCH);
    const from = (await repo.run('rev-parse', 'HEAD')).trim();
    await writeJournal(repo.overstory, {
      ...journal,
      tier: 'clean-merge',
      advance: { from, to: journal.commit, holder: repo.root, adopted: ['same.txt'] },
    });
    const lock = join(repo.root, '.git', 'index.lock');
    await writeFile(lock, '');
    const other = spawn('git', ['cat-file', '--batch'], { cwd: repo.root, stdio: ['pipe', 'ignore', 'ignore'] });
    cleanup.push(() => other.kill('SIGKILL'));
    const service = serviceOn(repo);
    expect(await service.recover()).toEqual([expect.stringContaining('index.lock')]);
    expect(await pathExists(lock)).toBe(true);
    const ended = new Promise((resolve) => other.once('exit', resolve));
    other.stdin.end();
    await ended;
    expect(await service.recover()).toEqual([]);
    expect(await pathExists(lock)).toBe(false);
    await expectUserWorkIsThere(repo);
  });

  it("a person's own merge is not aborted", async () => {
    const repo = await repositoryInUse();
    await repo.branch('other', { 'mine.txt': 'other\n' });
    const journal = await repo.journal(BRANCH);
    await writeJournal(repo.overstory, journal);
    await repo.run('checkout', '--', '.');
    await repo.run('merge', '--no-commit', '--no-ff', 'other');
    expect(await serviceOn(repo).recover()).toEqual([]);
    expect(await pathExists(join(repo.root, '.git', 'MERGE_HEAD'))).toBe(true);
  });

  it('an entry without a journal is merged or pending, as git says', async () => {
    const repo = await repositoryInUse();
    const service = serviceOn(repo);
    const queue = queueOf(repo);
    await repo.run('branch', 'overstory/done/t2', 'HEAD');
    for (const branchName of [BRANCH, 'overstory/done/t2']) {
      queue.enqueue({ branchName, taskId: 't', agentName: 'a', filesModified: [] });
      queue.updateStatus(branchName, 'merging');
    }
    expect(await service.recover()).toEqual([]);
    expect(service.list().map((entry) => entry.status)).toEqual(['pending', 'merged']);
  });

  it('a lease of a living process keeps its entry, one of a dead process does not', async () => {
    const repo = await repositoryInUse();
    const service = serviceOn(repo);
    const queue = queueOf(repo);
    await repo.branch('overstory/late/t3', { 'late.txt': 'late\n' });
    const living = queue.enqueue({ branchName: BRANCH, taskId: 't', agentName: 'a', filesModified: [] });
    const dead = queue.enqueue({ branchName: 'overstory/late/t3', taskId: 't3', agentName: 'late', filesModified: [] });
    for (const [entry, pid] of [
      [living, process.pid],
      [dead, 2147483647],
    ] as const) {
      queue.claim({ entryId: entry.id, pid, startTime: null, token: 'another engine' });
      queue.updateStatus(entry.branchName, 'merging');
    }
    expect(await service.recover()).toEqual([]);
    expect(service.list().map((entry) => entry.status)).toEqual(['merging', 'pending']);
    const [refused] = must(await service.run({ branch: BRANCH, all: false })).results;
    expect(refused).toMatchObject({ success: false, errorMessage: expect.stringContaining('another process') });
  });
});

function must<Value>(result: { ok: true; value: Value } | { ok: false; error: { message: string } }): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function queueOf(repo: SampleRepository): MergeQueueStore {
  const queue = openMergeQueue(join(repo.overstory, 'merge-queue.db'));
  if (!queue.ok) throw new Error(queue.error.message);
  cleanup.push(() => queue.value.close());
  return queue.value;
}

function createImpatient(repo: SampleRepository): MergeService {
  const queue = openMergeQueue(join(repo.overstory, 'merge-queue.db'));
  const control = openControl(join(repo.overstory, 'control-room.db'));
  if (!queue.ok || !control.ok) throw new Error('the stores do not open');
  cleanup.push(
    () => queue.value.close(),
    () => control.value.close(),
  );
  return createMergeService({
    site: repo.site,
    queue: queue.value,
    outcomes: control.value,
    clock: systemClock,
    canonicalBranch: () => 'main',
    record: () => undefined,
    onChange: () => undefined,
    orphanWaitMs: 0,
  });
}

async function mergedTree(repo: SampleRepository): Promise<string> {
  const output = await repo.git(['merge-tree', '--write-tree', 'HEAD', (await repo.run('rev-parse', BRANCH)).trim()]);
  return output.stdout.split('\n', 1)[0] ?? '';
}
