import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { processStartTime } from '../../platform/processes.ts';
import { pathExists } from '../util/files.ts';
import { type BenchOptions, type MergeBench, mergeBench } from './mergeBench.ts';
import { mergeWorktreePath } from './mergeWorktree.ts';

const benches: MergeBench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

const BRANCH = 'overstory/builder/task-1';

const gate = (command: string) => ({ name: 'Unit tests', command, description: 'all pass' });

/** A clean merge, checked by the given commands. */
async function checked(commands: readonly string[], options: BenchOptions = {}): Promise<MergeBench> {
  const rules = { gates: commands.map(gate), ...options.rules };
  const bench = await mergeBench({ 'a.txt': 'a\n', '.gitignore': 'built/\n' }, { ...options, rules });
  benches.push(bench);
  await bench.repo.branch(BRANCH, { 'new.txt': 'new\n' });
  await bench.repo.commit({ 'b.txt': 'b\n' });
  return bench;
}

const mainOf = (bench: MergeBench) => bench.repo.run('rev-parse', 'main');

describe('quality gates', () => {
  it('see the merged commit, checked out whole, in a worktree of its own', async () => {
    const bench = await checked([
      'test -f new.txt && test -f b.txt',
      'test -z "$(git status --porcelain)"',
      'test "$(git log -1 --format=%P | wc -w)" = 2',
      'test "$(basename "$PWD")" = merge-room',
    ]);
    expect(await bench.merge(BRANCH)).toMatchObject({ success: true });
  });

  it('that pass let the merge in; their output is kept', async () => {
    const bench = await checked(['test -f new.txt && echo all good', 'git rev-parse main']);
    const before = await mainOf(bench);
    expect(await bench.merge(BRANCH)).toMatchObject({ success: true, tier: 'clean-merge' });
    const logs = (await bench.repo.run('-C', bench.repo.overstory, 'ls-files', '--others', '--', 'logs/merge'))
      .trim()
      .split('\n');
    expect(logs).toHaveLength(2);
    expect(await readFile(join(bench.repo.overstory, logs[0] ?? ''), 'utf8')).toBe('all good\n');
    // The second gate saw the target where it was.
    expect(await readFile(join(bench.repo.overstory, logs[1] ?? ''), 'utf8')).toBe(before);
    expect(await bench.repo.read('new.txt')).toBe('new\n');
  });

  it('that fails holds the merge with its output; nothing has moved', async () => {
    const bench = await checked(['echo "2 tests failed" >&2; exit 7']);
    const before = await mainOf(bench);
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({
      success: false,
      entry: {
        status: 'failed',
        hold: { kind: 'gates', gate: { name: 'Unit tests', exitCode: 7, timedOut: false, tail: '2 tests failed\n' } },
      },
    });
    expect(result.errorMessage).toMatch(/held: the check "Unit tests" .* failed with 7 .*--accept-gates 1/);
    expect(await readFile(join(bench.repo.root, result.entry.hold?.gate?.log ?? ''), 'utf8')).toBe('2 tests failed\n');
    expect(await mainOf(bench)).toBe(before);
    expect(await bench.repo.run('status', '--porcelain')).toBe('');
  });

  it('that fails can be let in by a person, who is named in the commit', async () => {
    const bench = await checked(['exit 1']);
    const { entry } = await bench.merge(BRANCH);
    const accepted = await bench.service.accept(entry.id, 'gates', 'operator');
    expect(accepted).toMatchObject({ ok: true, value: { success: true, entry: { status: 'merged' } } });
    expect(await bench.repo.read('new.txt')).toBe('new\n');
    expect(await bench.repo.run('log', '-1', '--format=%(trailers)')).toContain(
      'Overstory-Merge-Decision: operator accepted that "Unit tests" fails',
    );
  });

  it('that was mended is passed by merging again, and the hold is gone', async () => {
    const bench = await checked(['test -f mended.txt']);
    expect((await bench.merge(BRANCH)).entry.hold?.kind).toBe('gates');
    await bench.repo.run('checkout', '--quiet', BRANCH);
    await bench.repo.commit({ 'mended.txt': 'x\n' });
    await bench.repo.run('checkout', '--quiet', 'main');
    const again = await bench.merge(BRANCH);
    expect(again).toMatchObject({ success: true });
    expect(again.entry.hold).toBeUndefined();
    expect(await bench.repo.run('for-each-ref', 'refs/overstory/merge')).toBe('');
  });

  it('that hangs is ended at its time, with everything it started', async () => {
    let pid = 0;
    // A busy machine may not get to the script's first line within a short time.
    for (let gateTimeoutMs = 1_000; pid === 0 && gateTimeoutMs <= 16_000; gateTimeoutMs *= 4) {
      const bench = await checked(['sleep 300 & echo $! ; wait'], {
        rules: { gates: [gate('sleep 300 & echo $!; wait')], gateTimeoutMs },
      });
      const result = await bench.merge(BRANCH);
      expect(result.entry.hold).toMatchObject({ gate: { timedOut: true } });
      pid = Number(result.entry.hold?.gate?.tail.trim());
    }
    expect(pid).toBeGreaterThan(0);
    // Gone, or ended and not collected yet.
    await expect.poll(() => processStartTime(pid)).toBeNull();
  });

  it('can be cancelled: the merge is over, nothing has changed', async () => {
    const bench = await checked(['touch ../gate-runs; sleep 300']);
    const before = await mainOf(bench);
    const merging = bench.merge(BRANCH);
    await expect.poll(() => pathExists(join(bench.repo.overstory, 'gate-runs'))).toBe(true);
    const id = bench.queue.list()[0]?.id ?? -1;
    expect(bench.service.cancel(id)).toEqual({ ok: true, value: {} });
    expect(await merging).toMatchObject({
      success: false,
      entry: { status: 'failed', errorMessage: expect.stringContaining('cancelled') },
    });
    expect(bench.service.cancel(id)).toMatchObject({ ok: false, error: { tag: 'invalidState' } });
    expect(await mainOf(bench)).toBe(before);
    expect(bench.queue.leases()).toEqual([]);
  });

  it('an engine that closes ends them and puts the merge back into the queue', async () => {
    const bench = await checked(['touch ../gate-runs; sleep 300']);
    const merging = bench.service.run({ branch: BRANCH, all: false });
    await expect.poll(() => pathExists(join(bench.repo.overstory, 'gate-runs'))).toBe(true);
    await bench.service.stop();
    expect(await merging).toMatchObject({ ok: false, error: { tag: 'cancelled' } });
    expect(bench.queue.list()).toMatchObject([{ status: 'pending' }]);
    expect(await bench.service.run({ all: true })).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
  });

  it('what they built stays for the next merge, what they left lying about does not', async () => {
    const bench = await checked([
      'test ! -e litter && mkdir -p built && echo x >> built/cache && touch litter && wc -l < built/cache',
    ]);
    await bench.repo.branch('overstory/builder/task-2', { 'second.txt': 'x\n' });
    expect(await bench.merge(BRANCH)).toMatchObject({ success: true });
    expect(await bench.merge('overstory/builder/task-2')).toMatchObject({ success: true });
    expect(await readFile(join(mergeWorktreePath(bench.repo.overstory), 'built', 'cache'), 'utf8')).toBe('x\nx\n');
  });

  it('are not run when the checkout could not take the merge', async () => {
    const bench = await checked(['touch ../gate-runs']);
    await bench.repo.write('new.txt', 'mine\n');
    expect(await bench.merge(BRANCH)).toMatchObject({
      success: false,
      errorMessage: expect.stringContaining('new.txt'),
    });
    expect(await pathExists(join(bench.repo.overstory, 'gate-runs'))).toBe(false);
    expect(await bench.repo.read('new.txt')).toBe('mine\n');
  });

  it('a person who switches branches meanwhile keeps the checkout; only the target moves', async () => {
    const bench = await checked(['touch ../gate-runs; while [ ! -e ../go ]; do sleep 0.05; done']);
    const merging = bench.merge(BRANCH);
    await expect.poll(() => pathExists(join(bench.repo.overstory, 'gate-runs'))).toBe(true);
    await bench.repo.run('checkout', '--quiet', '-b', 'elsewhere', 'main~1');
    const before = await bench.repo.run('rev-parse', 'HEAD');
    await writeFile(join(bench.repo.overstory, 'go'), '');
    expect(await merging).toMatchObject({ success: true });
    expect(await bench.repo.run('rev-parse', 'HEAD')).toBe(before);
    expect(await bench.repo.run('symbolic-ref', '--short', 'HEAD')).toBe('elsewhere\n');
    expect(await bench.repo.run('show', 'main:new.txt')).toBe('new\n');
  });

  it('a commit made to the target meanwhile is not lost: the merge is made anew on top of it', async () => {
    const bench = await checked([
      'if [ ! -e ../gate-runs ]; then touch ../gate-runs; while [ ! -e ../go ]; do sleep 0.05; done; fi; test -f new.txt',
    ]);
    const merging = bench.merge(BRANCH);
    await expect.poll(() => pathExists(join(bench.repo.overstory, 'gate-runs'))).toBe(true);
    const meanwhile = await bench.repo.commit({ 'meanwhile.txt': 'x\n' });
    await writeFile(join(bench.repo.overstory, 'go'), '');
    expect(await merging).toMatchObject({ success: true });
    expect((await bench.repo.git(['merge-base', '--is-ancestor', meanwhile, 'main'])).code).toBe(0);
    expect(await bench.repo.run('rev-list', '--count', '--merges', 'main')).toBe('1\n');
    expect(await bench.repo.read('meanwhile.txt')).toBe('x\n');
    expect(await bench.repo.read('new.txt')).toBe('new\n');
  });
});

describe('after the loss auditor was overruled', () => {
  it('the gates still run', async () => {
    const bench = await mergeBench(
      { 'a.txt': '1\n2\n3\n' },
      { rules: { aiResolve: true, gates: [gate('exit 4')] }, answers: [{ answer: 'something else entirely\n' }] },
    );
    benches.push(bench);
    await bench.repo.branch(BRANCH, { 'a.txt': '1\nbranch line\n3\n' });
    await bench.repo.commit({ 'a.txt': '1\ntarget line\n3\n' });
    const { entry } = await bench.merge(BRANCH);
    expect(entry.hold?.kind).toBe('loss');
    const accepted = await bench.service.accept(entry.id, 'loss', 'operator');
    expect(accepted).toMatchObject({ ok: true, value: { success: false, entry: { hold: { kind: 'gates' } } } });
    expect(await bench.service.accept(entry.id, 'gates', 'operator')).toMatchObject({
      ok: true,
      value: { success: true },
    });
  });
});
