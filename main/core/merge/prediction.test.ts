import { afterEach, describe, expect, it } from 'vitest';
import type { MergePrediction } from '../../../contract/merges.ts';
import { predictMerge } from './prediction.ts';
import { resolveMerge } from './resolver.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';
import { siteFor } from './site.ts';

const opened: SampleRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

type Files = Readonly<Record<string, string | Uint8Array | null>>;

/** A repository with a branch `work` and a main that went on; asserts that predicting changes nothing. */
async function predict(
  base: Readonly<Record<string, string | Uint8Array>>,
  branch: Files,
  target: Files,
): Promise<MergePrediction> {
  const repo = await sampleRepository(base);
  opened.push(repo);
  await repo.branch('work', branch);
  await repo.commit(target);
  await repo.write('untracked.txt', 'mine\n');
  const state = async () => [
    await repo.run('rev-parse', 'HEAD', 'main', 'work'),
    await repo.run('status', '--porcelain'),
    await repo.run('ls-files', '--stage'),
  ];
  const before = await state();
  const answer = await predictMerge(repo.git, 'work', 'main');
  expect(await state()).toEqual(before);
  if (!answer.ok) throw new Error(answer.error.message);
  // The prediction and the real tier 2 must agree.
  const journal = await repo.journal('work');
  const merged = await resolveMerge(siteFor(repo.site, journal.id), journal);
  expect(merged.ok && merged.value.success).toBe(!answer.value.wouldRequireAgent);
  if (merged.ok && merged.value.success) expect(merged.value.tier).toBe(answer.value.predictedTier);
  return answer.value;
}

const three = (middle: string) => `one\n${middle}three\n`;
const binary = (byte: number) => Uint8Array.from([0, byte, 0]);

describe('prediction', () => {
  it.each<
    [string, Readonly<Record<string, string | Uint8Array>>, Files, Files, MergePrediction['predictedTier'], string]
  >([
    ['a new file', { 'a.txt': 'a\n' }, { 'new.txt': 'x\n' }, { 'b.txt': 'b\n' }, 'clean-merge', 'without a conflict'],
    [
      'an empty target side',
      { 'a.txt': three('two\n') },
      { 'a.txt': three('new\n') },
      { 'a.txt': three('') },
      'auto-resolve',
      'without dropping',
    ],
    [
      'CRLF',
      { 'a.txt': 'a\r\nb\r\nc\r\n' },
      { 'a.txt': 'a\r\nnew\r\nc\r\n' },
      { 'a.txt': 'a\r\nc\r\n' },
      'auto-resolve',
      'without dropping',
    ],
    [
      'both rewrote a line',
      { 'é a.txt': three('two\n') },
      { 'é a.txt': three('new\n') },
      { 'é a.txt': three('other\n') },
      'ai-resolve',
      'é a.txt: both sides changed',
    ],
    [
      'delete against modify',
      { 'a.txt': 'a\n' },
      { 'a.txt': 'b\n' },
      { 'a.txt': null },
      'ai-resolve',
      'a.txt: one side deleted',
    ],
    ['binary', { 'a.bin': binary(1) }, { 'a.bin': binary(2) }, { 'a.bin': binary(3) }, 'ai-resolve', 'binary'],
    [
      'union',
      { 'l.jsonl': 'a\n', '.gitattributes': '*.jsonl merge=union\n' },
      { 'l.jsonl': 'a\nb\n' },
      { 'l.jsonl': 'a\nc\n' },
      'clean-merge',
      'without',
    ],
  ])('%s', async (_name, base, branch, target, tier, reason) => {
    const prediction = await predict(base, branch, target);
    expect(prediction.predictedTier).toBe(tier);
    expect(prediction.reason).toContain(reason);
    expect(prediction.wouldRequireAgent).toBe(tier === 'ai-resolve');
    const conflicting = tier === 'clean-merge' ? [] : Object.keys(branch);
    expect(prediction.conflictFiles).toEqual(conflicting);
  });

  it('several blocking files are counted, with one as the example', async () => {
    const prediction = await predict(
      { 'a.txt': 'a\n', 'b.txt': 'b\n' },
      { 'a.txt': 'a1\n', 'b.txt': 'b1\n' },
      { 'a.txt': 'a2\n', 'b.txt': 'b2\n' },
    );
    expect(prediction.reason).toBe('needs a decision in 2 files, among them a.txt: both sides changed the same lines');
  });

  it('a branch that is in the target already', async () => {
    const repo = await sampleRepository();
    opened.push(repo);
    await repo.run('branch', 'work');
    await repo.commit({ 'b.txt': 'b\n' });
    expect(await predictMerge(repo.git, 'work', 'main')).toMatchObject({
      ok: true,
      value: { predictedTier: 'clean-merge', reason: expect.stringContaining('ancestor') },
    });
  });

  it('a history that cannot be read predicts nothing: ai-resolve', async () => {
    const repo = await sampleRepository({ 'a.txt': 'a\n' });
    opened.push(repo);
    await repo.branch('work', { 'a.txt': 'b\n' });
    await repo.commit({ 'a.txt': 'c\n' });
    const failing = () => Promise.reject(new Error('the store is gone'));
    expect(await predictMerge(repo.git, 'work', 'main', failing)).toMatchObject({
      ok: true,
      value: { predictedTier: 'ai-resolve', wouldRequireAgent: true },
    });
  });

  it('a missing branch and a missing common history are errors', async () => {
    const repo = await sampleRepository();
    opened.push(repo);
    for (const [branch, target] of [
      ['ghost', 'main'],
      ['main', 'ghost'],
    ] as const) {
      expect(await predictMerge(repo.git, branch, target)).toMatchObject({
        ok: false,
        error: { tag: 'merge', message: expect.stringContaining('ghost') },
      });
    }
    await repo.run('checkout', '--quiet', '--orphan', 'other');
    await repo.commit({ 'b.txt': 'b\n' });
    expect(await predictMerge(repo.git, 'other', 'main')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('No common ancestor') },
    });
  });
});
