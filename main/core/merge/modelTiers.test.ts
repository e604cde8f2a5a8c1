import { afterEach, describe, expect, it } from 'vitest';
import { type BenchOptions, type MergeBench, mergeBench } from './mergeBench.ts';
import { readModelMeter } from './modelMeter.ts';

const benches: MergeBench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

const BRANCH = 'overstory/builder/task-1';

type Files = Readonly<Record<string, string | null>>;

async function conflicting(
  base: Readonly<Record<string, string>>,
  branch: Files,
  target: Files,
  options: BenchOptions,
): Promise<MergeBench> {
  const bench = await mergeBench(base, { rules: { aiResolve: true }, ...options });
  benches.push(bench);
  await bench.repo.branch(BRANCH, branch);
  await bench.repo.commit(target, 'target goes on');
  return bench;
}

/** Both sides rewrote line two. */
const contested = (options: BenchOptions, ends = '\n'): Promise<MergeBench> =>
  conflicting(
    { 'a.ts': ['one', 'two', 'three', ''].join(ends) },
    { 'a.ts': ['one', 'const b = 2;', 'three', ''].join(ends) },
    { 'a.ts': ['one', 'const a = 1;', 'three', ''].join(ends) },
    options,
  );

const BOTH = 'const a = 1;\nconst b = 2;\n';

async function untouched(bench: MergeBench): Promise<void> {
  expect(await bench.repo.run('status', '--porcelain')).toBe('');
  expect(await bench.repo.run('rev-list', '--count', '--merges', 'main')).toBe('0\n');
}

describe('tier 3 asks for the conflicting regions', () => {
  it('replaces them and nothing else, commits a merge with its tier, and meters the question', async () => {
    const bench = await contested({ answers: [{ when: ['a.ts', 'Region 1'], answer: BOTH }] });
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({ success: true, tier: 'ai-resolve', conflictFiles: ['a.ts'], errorMessage: null });
    expect(await bench.repo.read('a.ts')).toBe(`one\n${BOTH}three\n`);
    expect(await bench.repo.run('log', '-1', '--format=%P')).toMatch(/^\S+ \S+\n$/);
    expect(await bench.repo.run('log', '-1', '--format=%(trailers)')).toContain('Overstory-Merge-Tier: ai-resolve');
    expect(readModelMeter(bench.control)).toMatchObject({ asked: 1, failed: 0, charactersOut: BOTH.length });
    expect(bench.prompts[0]).toMatch(/no explanation, no code fence/);
    expect(await bench.repo.run('status', '--porcelain')).toBe('');
  });

  it('keeps CRLF line ends, whatever the answer has', async () => {
    const bench = await contested({ answers: [{ answer: BOTH }] }, '\r\n');
    expect(await bench.merge(BRANCH)).toMatchObject({ success: true, tier: 'ai-resolve' });
    expect(await bench.repo.read('a.ts')).toBe('one\r\nconst a = 1;\r\nconst b = 2;\r\nthree\r\n');
  });

  it('several regions of one file come by one answer, each once', async () => {
    const middle = Array.from({ length: 12 }, (_, index) => `middle ${index}`).join('\n');
    const file = (first: string, second: string) => `${first}\n${middle}\n${second}\n`;
    const answer = '<<<region 1>>>\na\nb\n<<<end>>>\n<<<region 2>>>\nc\nd\n<<<end>>>\n';
    const bench = await conflicting(
      { 'a.ts': file('x', 'y') },
      { 'a.ts': file('b', 'd') },
      { 'a.ts': file('a', 'c') },
      {
        answers: [{ answer }],
      },
    );
    expect(await bench.merge(BRANCH)).toMatchObject({ success: true, tier: 'ai-resolve' });
    expect(await bench.repo.read('a.ts')).toBe(`a\nb\n${middle}\nc\nd\n`);
  });

  it('what tier 2 has resolved stays, and only the rest is asked for', async () => {
    const bench = await conflicting(
      { 'a.ts': '1\n2\n3\n', 'b.ts': 'x\ny\nz\n' },
      { 'a.ts': '1\nbranch\n3\n', 'b.ts': 'x\nnew\nz\n' },
      { 'a.ts': '1\ntarget\n3\n', 'b.ts': 'x\nz\n' },
      { answers: [{ when: 'a.ts', answer: 'target\nbranch\n' }] },
    );
    expect(await bench.merge(BRANCH)).toMatchObject({
      success: true,
      tier: 'ai-resolve',
      conflictFiles: ['a.ts', 'b.ts'],
    });
    expect(await bench.repo.read('a.ts')).toBe('1\ntarget\nbranch\n3\n');
    expect(await bench.repo.read('b.ts')).toBe('x\nnew\nz\n');
    expect(bench.prompts).toHaveLength(1);
  });

  it('is told what both sides are for and how earlier conflicts ended', async () => {
    const bench = await contested({
      answers: [{ answer: BOTH }],
      intentOf: async (agentName, taskId) => `${agentName} adds b because ${taskId} wants it`,
    });
    const record = { branchName: 'old', agentName: 'x', taskId: 't0', outcome: 'resolved', files: ['a.ts'] } as const;
    bench.queue.recordConflict({ ...record, tier: 'ai-resolve' });
    await bench.merge(BRANCH);
    expect(bench.prompts[0]).toContain('builder adds b because task-1 wants it');
    expect(bench.prompts[0]).toContain('- target goes on');
    expect(bench.prompts[0]).toContain('Historical context from past merges\n\na.ts: resolved by ai-resolve');
  });

  it.each([
    ['prose with a fence', 'Here is the file:\n```\nconst a = 1;\n```\n', 'prose'],
    ['nothing', '', 'empty'],
    ['conflict markers', '<<<<<<< main\na\n=======\nb\n>>>>>>> x\n', 'markers'],
    ['a wrong region', '<<<region 2>>>\na\n<<<end>>>\n', 'region 1 is missing'],
    ['text beside the region', 'Sure\n<<<region 1>>>\na\n<<<end>>>\n', 'beside'],
  ])('an answer with %s is refused and nothing changes', async (_name, answer, why) => {
    const bench = await contested({ answers: [{ answer }] });
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({
      success: false,
      tier: 'ai-resolve',
      conflictFiles: ['a.ts'],
      entry: { status: 'conflict' },
    });
    expect(result.warnings.join('\n')).toContain(why);
    await untouched(bench);
  });

  it('a model that fails leaves the file open, with its reason', async () => {
    const bench = await contested({ answers: [{ answer: BOTH, exit: 3 }] });
    const result = await bench.merge(BRANCH);
    expect(result.success).toBe(false);
    expect(result.warnings.join('\n')).toMatch(/ai-resolve skipped a\.ts: .* ended with 3/);
    expect(readModelMeter(bench.control)).toMatchObject({ asked: 1, failed: 1 });
    await untouched(bench);
  });

  it('an answer that drops a side is held by the loss auditor, and a person can accept it', async () => {
    const bench = await contested({ answers: [{ answer: 'something quite different\n' }] });
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({
      success: false,
      entry: { status: 'conflict', hold: { kind: 'loss', tier: 'ai-resolve', audit: { ok: false } } },
    });
    expect(result.errorMessage).toMatch(/is held: .*a\.ts.*--accept-loss 1/);
    expect(bench.events.at(-1)).toMatchObject({ phase: 'held', level: 'warn' });
    await untouched(bench);
    const { id } = result.entry;
    expect(bench.service.audit(id)).toMatchObject({ ok: true, value: { ok: false } });
    expect(await bench.service.accept(id, 'gates', 'operator')).toMatchObject({
      ok: false,
      error: { tag: 'invalidState' },
    });
    const accepted = await bench.service.accept(id, 'loss', 'operator');
    expect(accepted).toMatchObject({ ok: true, value: { success: true, entry: { status: 'merged' } } });
    expect(accepted.ok && accepted.value.entry.hold).toBeUndefined();
    expect(await bench.repo.read('a.ts')).toBe('one\nsomething quite different\nthree\n');
    expect(await bench.repo.run('log', '-1', '--format=%(trailers:key=Overstory-Merge-Decision,valueonly)')).toMatch(
      /^operator accepted \d+ lost/,
    );
    expect(await bench.repo.run('for-each-ref', 'refs/overstory/merge')).toBe('');
  });

  it('a held merge cannot be accepted once the target or the branch has moved', async () => {
    const bench = await contested({ answers: [{ answer: 'something quite different\n' }] });
    const { entry } = await bench.merge(BRANCH);
    await bench.repo.commit({ 'later.txt': 'x\n' });
    expect(await bench.service.accept(entry.id, 'loss', 'operator')).toMatchObject({
      ok: false,
      error: { tag: 'conflict', message: expect.stringContaining('main has moved') },
    });
    expect(bench.service.list()).toMatchObject([{ hold: { kind: 'loss' } }]);
  });

  it('a held merge survives git gc and a new engine', async () => {
    const bench = await contested({ answers: [{ answer: 'something quite different\n' }] });
    const { entry } = await bench.merge(BRANCH);
    await bench.repo.run('gc', '--quiet', '--prune=now');
    expect(await bench.service.recover()).toEqual([]);
    expect(await bench.service.accept(entry.id, 'loss', 'operator')).toMatchObject({
      ok: true,
      value: { success: true },
    });
  });

  it('a file deleted on the target and modified on the branch: the whole file is asked for, and the deletion is judged', async () => {
    const bench = await conflicting(
      { 'a.ts': 'old\n', 'keep.ts': 'k\n' },
      { 'a.ts': 'modified by the branch\n' },
      { 'a.ts': null },
      { answers: [{ answer: 'resolved content from AI\n' }] },
    );
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({ tier: 'ai-resolve', entry: { hold: { kind: 'loss' } } });
    expect(await bench.service.accept(result.entry.id, 'loss', 'operator')).toMatchObject({ ok: true });
    expect(await bench.repo.read('a.ts')).toBe('resolved content from AI\n');
  });

  it('binary files, links, submodules and pointers of Git LFS are never shown to a model', async () => {
    const pointer = (oid: string) =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid.repeat(64)}\nsize ${oid.charCodeAt(0)}\n`;
    const bench = await conflicting(
      { 'big.psd': pointer('a') },
      { 'big.psd': pointer('b') },
      { 'big.psd': pointer('c') },
      {
        answers: [{ answer: 'anything\n' }],
      },
    );
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({ success: false, conflictFiles: ['big.psd'] });
    expect(result.warnings.join('\n')).toContain('Git LFS');
    expect(bench.prompts).toEqual([]);
    await untouched(bench);
  });
});

describe('tier 4 reimagines', () => {
  it('makes the file anew from both versions, as a real merge commit, and nothing is left dirty', async () => {
    const bench = await contested({
      rules: { aiResolve: true, reimagine: true },
      answers: [
        { when: 'Canonical version', answer: 'one\nconst a = 1;\nconst b = 2;\nthree\n' },
        { answer: 'I cannot do that\n' },
      ],
    });
    const result = await bench.merge(BRANCH);
    expect(result).toMatchObject({ success: true, tier: 'reimagine' });
    expect(await bench.repo.read('a.ts')).toBe(`one\n${BOTH}three\n`);
    expect(await bench.repo.run('log', '-1', '--format=%s')).toBe(`Reimagine merge: ${BRANCH} onto main\n`);
    expect((await bench.repo.git(['merge-base', '--is-ancestor', BRANCH, 'main'])).code).toBe(0);
    expect(bench.prompts).toHaveLength(2);
  });

  it('that fails leaves everything as it was', async () => {
    const bench = await contested({
      rules: { aiResolve: false, reimagine: true },
      answers: [{ answer: 'Sorry, no.\n' }],
    });
    expect(await bench.merge(BRANCH)).toMatchObject({
      success: false,
      tier: 'reimagine',
      entry: { status: 'conflict' },
    });
    await untouched(bench);
  });
});

describe('the history of conflicts', () => {
  const files = ['a.ts'];
  const failed = { branchName: 'old', agentName: 'x', taskId: 't0', outcome: 'failed', files } as const;

  it('a tier that failed twice and never succeeded is skipped', async () => {
    const bench = await contested({ answers: [{ answer: BOTH }] });
    for (let times = 0; times < 2; times += 1) bench.queue.recordConflict({ ...failed, tier: 'ai-resolve' });
    expect(await bench.merge(BRANCH)).toMatchObject({ success: false, tier: 'auto-resolve' });
    expect(bench.prompts).toEqual([]);
  });

  it('that skips auto-resolve, with the other tiers off, is a failure at clean-merge', async () => {
    const bench = await conflicting({ 'a.ts': '1\n2\n3\n' }, { 'a.ts': '1\nnew\n3\n' }, { 'a.ts': '1\n3\n' }, {});
    for (let times = 0; times < 2; times += 1) bench.queue.recordConflict({ ...failed, tier: 'auto-resolve' });
    expect(await bench.merge(BRANCH)).toMatchObject({ success: false, tier: 'clean-merge' });
    await untouched(bench);
  });

  it('two recorded failures of ai-resolve predict reimagine', async () => {
    const bench = await contested({});
    for (let times = 0; times < 2; times += 1) bench.queue.recordConflict({ ...failed, tier: 'ai-resolve' });
    expect(await bench.service.predict({ branch: BRANCH, all: false })).toMatchObject({
      ok: true,
      value: {
        entries: [{ prediction: { predictedTier: 'reimagine', reason: expect.stringContaining('historical') } }],
      },
    });
  });

  it('records of the original overstory count too', async () => {
    const record =
      'Merge conflict failed at tier ai-resolve. Branch: overstory/x/t. Agent: x. Conflicting files: a.ts, b.ts.';
    const line = JSON.stringify({ type: 'pattern', description: record });
    const bench = await contested({ answers: [{ answer: BOTH }] });
    await bench.repo.write('.mulch/expertise/architecture.jsonl', `${line}\n${line}\n`);
    expect(await bench.merge(BRANCH)).toMatchObject({ success: false, tier: 'auto-resolve' });
  });

  it('nothing is recorded of a clean merge; a resolved one and a failed one say tier, branch, agent, task and files', async () => {
    const bench = await conflicting({ 'a.ts': '1\n2\n3\n' }, { 'a.ts': '1\nnew\n3\n' }, { 'a.ts': '1\n3\n' }, {});
    await bench.repo.branch('overstory/clean/t2', { 'new.ts': 'x\n' });
    await bench.repo.branch('overstory/stuck/t3', { 'a.ts': '1\nother\n3\nmore\n' });
    await bench.merge('overstory/clean/t2');
    expect(bench.queue.conflictRecords()).toEqual([]);
    await bench.merge(BRANCH);
    const resolved = {
      outcome: 'resolved',
      tier: 'auto-resolve',
      branchName: BRANCH,
      agentName: 'builder',
      files: ['a.ts'],
    };
    expect(bench.queue.conflictRecords()).toEqual([{ ...resolved, taskId: 'task-1' }]);
    await bench.merge('overstory/stuck/t3');
    expect(bench.queue.conflictRecords()[0]).toMatchObject({
      outcome: 'failed',
      tier: 'auto-resolve',
      agentName: 'stuck',
    });
  });

  it('a recorder that fails does not change the result', async () => {
    const bench = await conflicting({ 'a.ts': '1\n2\n3\n' }, { 'a.ts': '1\nnew\n3\n' }, { 'a.ts': '1\n3\n' }, {});
    const broken = Object.assign(bench.queue, {
      recordConflict: () => {
        throw new Error('disk full');
      },
    });
    expect(broken).toBe(bench.queue);
    expect(await bench.merge(BRANCH)).toMatchObject({
      success: true,
      tier: 'auto-resolve',
      entry: { status: 'merged' },
    });
    expect(bench.events.some((event) => event.summary.includes('disk full'))).toBe(true);
  });
});
