import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject, type Finished } from '../../core/chaos/chaosProject.ts';
import { must } from '../../core/db/testing/folder.ts';
import { openMergeQueue } from '../../core/merge/mergeQueueStore.ts';

let project: ChaosProject;
/** What the rehearsal's model says to every conflict of a.txt. */
let env: Readonly<Record<string, string>>;

const CLEAN = 'overstory/my-builder/bead-xyz';
const SECOND = 'overstory/second/t-2';
const CONTESTED = 'overstory/other/t-3';

beforeAll(async () => {
  project = await createChaosProject({ 'a.txt': 'one\ntwo\nthree\n' });
  const answers = join(project.root, '.overstory', 'answers.yaml');
  await writeFile(answers, '- when: a.txt\n  answer: "nothing of either\\n"\n');
  env = { OVERSTORY_REHEARSAL_ANSWERS: answers };
  for (const [branch, file, content] of [
    [CLEAN, 'new.txt', 'new\n'],
    [SECOND, 'second.txt', 'second\n'],
    [CONTESTED, 'a.txt', 'one\nbranch\nthree\n'],
  ] as const) {
    await project.git('checkout', '-q', '-b', branch, 'main');
    await writeFile(join(project.root, file), content);
    await project.git('add', file);
    await project.git('commit', '-qm', `work of ${branch}`);
  }
  await project.git('checkout', '-q', 'main');
  await writeFile(join(project.root, 'a.txt'), 'one\ntarget\nthree\n');
  await project.git('commit', '-qam', 'target');
}, 180_000);
afterAll(() => project.dispose());

const ov = (...args: string[]): Promise<Finished> => project.ov(['merge', ...args], { env });

/** The one line a command prints with `--json`. */
function json(finished: Finished): Record<string, unknown> {
  expect(finished.stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(finished.stdout) as Record<string, unknown>;
}

const rows = () => {
  const queue = must(openMergeQueue(join(project.root, '.overstory', 'merge-queue.db')));
  try {
    return queue.list().map(({ branchName, status }) => `${branchName} ${status}`);
  } finally {
    queue.close();
  }
};

const locks = async () =>
  (await readdir(join(project.root, '.overstory'))).filter((name) => /^merge-.*\.lock/.test(name));

describe('ov merge, in the order a person meets it', () => {
  it('neither a branch nor everything is an error that names both flags', async () => {
    const { code, stderr } = await ov();
    expect(code).toBe(1);
    expect(stderr).toMatch(/--branch <name> or --all/);
  });

  it('an unknown branch is named', async () => {
    const { code, stdout, stderr } = await ov('--branch', 'no-such-branch', '--json');
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('no-such-branch not found');
    expect(rows()).toEqual([]);
  });

  it('everything, when nothing is pending', async () => {
    expect((await ov('--all')).stdout).toBe('No pending branches.\n');
    expect(json(await ov('--all', '--json'))).toMatchObject({ success: true, results: [], count: 0 });
  });

  it('a dry run says branch, owner, status and prediction; it stores and locks nothing', async () => {
    const { code, stdout } = await ov('--branch', CLEAN, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(`[dry-run] Branch: ${CLEAN}\n`);
    expect(stdout).toMatch(/Agent: my-builder, task: bead-xyz\n {2}Status: pending\n {2}Files: 1\n {4}new\.txt\n/);
    expect(stdout).toContain('Prediction: clean-merge - ');
    expect(json(await ov('--branch', CONTESTED, '--dry-run', '--json'))).toMatchObject({
      branchName: CONTESTED,
      status: 'pending',
      agentName: 'other',
      taskId: 't-3',
      prediction: { predictedTier: 'ai-resolve', wouldRequireAgent: true, conflictFiles: ['a.txt'] },
    });
    expect(rows()).toEqual([]);
    expect(await locks()).toEqual([]);
  });

  it('a dry run of everything mixes tiers, and the merge of everything counts', async () => {
    const queue = must(openMergeQueue(join(project.root, '.overstory', 'merge-queue.db')));
    for (const branchName of [CLEAN, SECOND])
      queue.enqueue({ branchName, taskId: 't', agentName: 'a', filesModified: [] });
    const contested = queue.enqueue({
      branchName: CONTESTED,
      taskId: 't-3',
      agentName: 'other',
      filesModified: ['a.txt'],
    });
    const { entries } = json(await ov('--all', '--dry-run', '--json')) as {
      entries: { prediction: { predictedTier: string } }[];
    };
    expect(entries.map((entry) => entry.prediction.predictedTier)).toEqual([
      'clean-merge',
      'clean-merge',
      'ai-resolve',
    ]);
    queue.remove(contested.id);
    queue.close();
    const dry = (await ov('--all', '--dry-run')).stdout;
    expect(dry).toMatch(/^2 pending branch\(es\):\n/);
    expect(dry).toContain(CLEAN);
    expect(dry).toContain(SECOND);
    const { code, stdout } = await ov('--all');
    expect(code).toBe(0);
    expect(stdout).toContain('Done: 2 merged, 0 failed out of 2 total.');
    expect(await project.git('status', '--porcelain')).toBe('');
    expect(await project.git('show', 'main:second.txt')).toBe('second\n');
    expect(await locks()).toEqual([]);
  });

  it('what a model made and the auditor holds is told, audited and accepted', async () => {
    const failed = await ov('--branch', CONTESTED, '--json');
    expect(failed.code).toBe(1);
    const result = json(failed) as { success: boolean; entry: { id: number; hold: { kind: string } } };
    expect(result).toMatchObject({ success: false, tier: 'ai-resolve', entry: { hold: { kind: 'loss' } } });
    const id = String(result.entry.id);
    const audit = await project.ov(['merge', 'audit', id]);
    expect(audit.stdout).toMatch(/hunks looked at: .* lost\n/);
    expect(audit.stdout).toMatch(/ {2}lost a\.txt:2 added by the (?:branch|target): /);
    expect((await ov('--accept-gates', id)).code).toBe(1);
    expect((await ov('--accept-loss', 'x1')).stderr).toContain('"x1" is no entry of the queue');
    const accepted = await ov('--accept-loss', id);
    expect(accepted.stdout).toBe(`✓ ${CONTESTED} merged (ai-resolve)\n`);
    expect(await project.git('show', 'main:a.txt')).toBe('one\nnothing of either\nthree\n');
    expect(await project.git('log', '-1', '--format=%(trailers:key=Overstory-Task,valueonly)', 'main')).toContain(
      't-3',
    );
  });

  it('a target named by --into moves; the checkout and the default branch stay', async () => {
    await project.git('branch', 'develop', 'main~1');
    const before = await project.git('rev-parse', 'main');
    expect((await ov('--branch', SECOND, '--into', 'develop')).code).toBe(0);
    expect(await project.git('rev-parse', 'main')).toBe(before);
    expect(await project.git('symbolic-ref', '--short', 'HEAD')).toBe('main\n');
  });
});
