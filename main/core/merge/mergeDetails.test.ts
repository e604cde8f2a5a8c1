import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { GateLog, MergeDetail } from '../../../contract/mergeDetail.ts';
import type { MergeProgress } from '../../../contract/merges.ts';
import { type BenchOptions, type MergeBench, mergeBench } from './mergeBench.ts';

const benches: MergeBench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

const BRANCH = 'overstory/builder/task-1';
const gate = (name: string, command: string) => ({ name, command, description: '' });

/** Both sides rewrote the same line. */
async function contested(options: BenchOptions = {}): Promise<MergeBench> {
  const bench = await mergeBench({ 'a.ts': 'one\nconst a = 1;\nthree\n' }, options);
  benches.push(bench);
  await bench.repo.branch(BRANCH, { 'a.ts': 'one\nconst a = 2;\nthree\n' });
  await bench.repo.commit({ 'a.ts': 'one\nconst a = 3;\nthree\n' });
  return bench;
}

async function detail(bench: MergeBench, id = 1): Promise<MergeDetail> {
  const told = await bench.service.details.detail(id);
  if (!told.ok) throw new Error(told.error.message);
  return MergeDetail.parse(told.value);
}

describe('what is told of a merge', () => {
  it('that conflicts: each tier with what it left, the files, and what the next attempt needs', async () => {
    const bench = await contested();
    await bench.merge(BRANCH);
    const told = await detail(bench);
    expect(told.trace?.steps).toMatchObject([
      { kind: 'tier', tier: 'clean-merge', left: [{ path: 'a.ts', reason: 'content' }], model: null },
      { kind: 'tier', tier: 'auto-resolve', resolved: [], left: [{ path: 'a.ts' }] },
    ]);
    expect(told).toMatchObject({
      commit: null,
      problem: null,
      stale: false,
      conflicts: { ours: 'main', theirs: BRANCH, count: 1, files: [{ path: 'a.ts', kind: 'content' }] },
      prediction: { predictedTier: 'ai-resolve', conflictFiles: ['a.ts'] },
    });
    expect(await bench.service.details.conflict(1, 'a.ts')).toMatchObject({
      ok: true,
      value: {
        hunks: [
          {
            line: 2,
            ours: { lines: ['const a = 3;'] },
            base: { lines: ['const a = 1;'] },
            theirs: { lines: ['const a = 2;'] },
          },
        ],
      },
    });
  });

  it('that a model resolved badly: what was asked, what it may have cost, and the audit that holds it', async () => {
    const bench = await contested({
      rules: { aiResolve: true },
      answers: [{ answer: '<<<region 1>>>\nsomething else\n<<<end>>>\n' }],
    });
    await bench.merge(BRANCH);
    const told = await detail(bench);
    const steps = told.trace?.steps ?? [];
    expect(steps.map((step) => (step.kind === 'tier' ? step.tier : step.kind))).toEqual([
      'clean-merge',
      'auto-resolve',
      'ai-resolve',
      'audit',
    ]);
    const asked = steps.flatMap((step) => (step.kind === 'tier' && step.model !== null ? [step.model] : []));
    expect(asked).toMatchObject([{ asked: 1, failed: 0, model: null, usd: null }]);
    expect(asked[0]?.tokensIn).toBe(Math.ceil((asked[0]?.charactersIn ?? 0) / 4));
    expect(told.commit).toMatchObject({ merged: false });
    expect(told.commit?.trailers).toContainEqual({ name: 'Overstory-Merge-Tier', value: 'ai-resolve' });
    expect([told.stale, told.prediction, told.conflicts.count]).toEqual([false, null, 1]);

    await bench.repo.commit({ 'b.txt': 'moved\n' });
    expect((await detail(bench)).stale).toBe(true);
  });

  it('that was made: its commit with trailers, and the conflict it resolved, also when the branch is gone', async () => {
    const bench = await contested({
      rules: { aiResolve: true },
      answers: [{ answer: '<<<region 1>>>\nconst a = 3;\nconst a = 2;\n<<<end>>>\n' }],
    });
    expect(await bench.merge(BRANCH)).toMatchObject({ success: true, tier: 'ai-resolve' });
    await bench.repo.run('branch', '-D', BRANCH);
    const told = await detail(bench);
    expect(told.commit).toMatchObject({
      id: (await bench.repo.run('rev-parse', 'main')).trim(),
      subject: `Merge branch '${BRANCH}' into main`,
      merged: true,
    });
    expect(told.commit?.trailers.map(({ name }) => name)).toContain('Overstory-Agent');
    expect(told.conflicts.files).toMatchObject([{ path: 'a.ts' }]);
    expect(told.trace?.steps.at(-1)).toMatchObject({ kind: 'audit', audit: { ok: true } });
    expect(await bench.service.details.conflict(1, 'a.ts')).toMatchObject({ ok: true });
  });

  it('whose gates ran: each with its output, and what was done at which moment', async () => {
    const seen: (MergeProgress | undefined)[] = [];
    const bench = await mergeBench(
      { 'a.txt': 'a\n' },
      {
        rules: { gates: [gate('Lint', 'echo fine'), gate('Tests', 'echo "2 failed"; exit 7')] },
        onChange: (change) => change.kind === 'put' && seen.push(change.view.progress),
      },
    );
    benches.push(bench);
    await bench.repo.branch(BRANCH, { 'new.txt': 'new\n' });
    await bench.repo.commit({ 'b.txt': 'b\n' });
    const result = await bench.merge(BRANCH);
    expect((await detail(bench)).trace?.steps).toMatchObject([
      { kind: 'tier', tier: 'clean-merge', left: [] },
      { kind: 'gate', name: 'Lint', outcome: 'passed', exitCode: 0 },
      { kind: 'gate', name: 'Tests', outcome: 'failed', exitCode: 7 },
    ]);
    expect(seen.flatMap((progress) => (progress === undefined ? [] : [progress.gate ?? progress.stage]))).toEqual([
      'merging',
      'Lint',
      'Tests',
    ]);
    expect(seen.at(-1)).toBeUndefined();
    const log = await bench.service.details.gateLog(1, 1);
    expect(log.ok && GateLog.parse(log.value)).toEqual({ text: '2 failed\n', skipped: 0 });
    expect(await bench.service.details.gateLog(1, 2)).toMatchObject({ ok: false, error: { tag: 'notFound' } });

    const accepted = await bench.service.accept(result.entry.id, 'gates', 'operator');
    expect(accepted).toMatchObject({ ok: true, value: { success: true } });
    // What was found before stays readable.
    expect((await detail(bench)).trace?.steps).toHaveLength(3);
    await rm(join(bench.repo.overstory, 'logs'), { recursive: true });
    expect(await bench.service.details.gateLog(1, 1)).toMatchObject({
      ok: false,
      error: { message: 'the output of that check was cleaned away' },
    });
  });

  it('that nobody queued is an error, and one taken out leaves nothing behind', async () => {
    const bench = await contested();
    expect(await bench.service.details.detail(9)).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    await bench.merge(BRANCH);
    expect(bench.queue.getTrace(1)).not.toBeNull();
    expect(bench.service.skip(1)).toMatchObject({ ok: true });
    expect(bench.queue.getTrace(1)).toBeNull();
  });

  it('whose branch is gone before it was merged says so', async () => {
    const bench = await contested();
    await bench.merge(BRANCH);
    await bench.repo.run('branch', '-D', BRANCH);
    expect(await detail(bench)).toMatchObject({
      problem: expect.stringMatching(/is no branch any more/),
      prediction: null,
    });
  });
});
