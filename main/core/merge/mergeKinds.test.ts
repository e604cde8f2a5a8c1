import { chmod, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MergePrediction } from '../../../contract/merges.ts';
import { predictMerge } from './prediction.ts';
import { type MergeAttempt, resolveMerge } from './resolver.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';
import { siteFor } from './site.ts';

const opened: SampleRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

async function repository(files: Readonly<Record<string, string | Uint8Array>>): Promise<SampleRepository> {
  const made = await sampleRepository(files);
  opened.push(made);
  return made;
}

/** Does something on a branch cut from here, or on the target, and commits all of it. */
async function on(repo: SampleRepository, branch: string, work: () => Promise<unknown>): Promise<void> {
  await repo.run('checkout', '--quiet', ...(branch === 'main' ? ['main'] : ['-b', branch]));
  await work();
  await repo.run('add', '--all');
  await repo.run('commit', '--quiet', '-m', `work of ${branch}`);
  await repo.run('checkout', '--quiet', 'main');
}

/** Predicts and merges; both must agree, and a failure must leave everything as it was. */
async function merge(repo: SampleRepository): Promise<{ attempt: MergeAttempt; prediction: MergePrediction }> {
  const state = async () => [
    await repo.run('rev-parse', 'HEAD'),
    await repo.run('status', '--porcelain', '-z'),
    await repo.run('ls-files', '--stage', '-z'),
  ];
  const before = await state();
  const predicted = await predictMerge(repo.git, 'work', 'main');
  if (!predicted.ok) throw new Error(predicted.error.message);
  expect(await state()).toEqual(before);
  const journal = await repo.journal('work');
  const outcome = await resolveMerge(siteFor(repo.site, journal.id), journal);
  if (!outcome.ok) throw new Error(outcome.error.message);
  const attempt = outcome.value;
  expect(predicted.value.wouldRequireAgent).toBe(!attempt.success);
  if (attempt.success) expect(attempt.tier).toBe(predicted.value.predictedTier);
  else expect(await state()).toEqual(before);
  if (attempt.success) expect(await repo.run('status', '--porcelain')).toBe('');
  return { attempt, prediction: predicted.value };
}

const path = (repo: SampleRepository, name: string) => join(repo.root, name);

describe('renames', () => {
  it('a file renamed by the branch and edited on the target: the edit follows the name', async () => {
    const text = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('');
    const repo = await repository({ 'old.ts': text });
    await on(repo, 'work', () => rename(path(repo, 'old.ts'), path(repo, 'new.ts')));
    await on(repo, 'main', () => repo.write('old.ts', text.replace('line 7', 'edited 7')));
    expect((await merge(repo)).attempt).toMatchObject({ success: true, tier: 'clean-merge' });
    expect(await repo.read('new.ts')).toContain('edited 7');
  });

  it('is followed even where the user has switched that off', async () => {
    const text = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('');
    const repo = await repository({ 'old.ts': text });
    await repo.run('config', 'merge.renames', 'false');
    await on(repo, 'work', () => rename(path(repo, 'old.ts'), path(repo, 'new.ts')));
    await on(repo, 'main', () => repo.write('old.ts', text.replace('line 7', 'edited 7')));
    expect((await merge(repo)).attempt).toMatchObject({ success: true });
    expect(await repo.read('new.ts')).toContain('edited 7');
  });

  it('to two different names is a person’s decision', async () => {
    const repo = await repository({ 'old.ts': 'content that is long enough to be found again\n' });
    await on(repo, 'work', () => rename(path(repo, 'old.ts'), path(repo, 'theirs.ts')));
    await on(repo, 'main', () => rename(path(repo, 'old.ts'), path(repo, 'ours.ts')));
    const { attempt } = await merge(repo);
    expect(attempt.success).toBe(false);
    expect(attempt.warnings.join('\n')).toContain('the two sides renamed it differently');
  });

  it('renamed by the branch and deleted on the target is a person’s decision', async () => {
    const repo = await repository({ 'old.ts': 'content that is long enough\n', 'keep.ts': 'k\n' });
    await on(repo, 'work', () => rename(path(repo, 'old.ts'), path(repo, 'new.ts')));
    await on(repo, 'main', () => rm(path(repo, 'old.ts')));
    expect((await merge(repo)).attempt).toMatchObject({ success: false, conflictFiles: [expect.any(String)] });
  });

  it('a new file in a folder the target renamed is asked about, not moved unseen', async () => {
    const repo = await repository({ 'lib/a.ts': 'a\n', 'lib/b.ts': 'b\n' });
    await on(repo, 'work', () => repo.write('lib/new.ts', 'new\n'));
    await on(repo, 'main', () => rename(path(repo, 'lib'), path(repo, 'source')));
    const { attempt } = await merge(repo);
    expect(attempt.warnings.join('\n')).toContain('new in a folder the other side renamed');
  });
});

describe('delete against modify', () => {
  it('on either side is a person’s decision, and the prediction says so', async () => {
    for (const deleting of ['main', 'work']) {
      const repo = await repository({ 'a.ts': 'one\n', 'keep.ts': 'k\n' });
      await on(repo, 'work', () => (deleting === 'work' ? rm(path(repo, 'a.ts')) : repo.write('a.ts', 'changed\n')));
      await on(repo, 'main', () => (deleting === 'main' ? rm(path(repo, 'a.ts')) : repo.write('a.ts', 'changed\n')));
      const { prediction } = await merge(repo);
      expect(prediction).toMatchObject({ predictedTier: 'ai-resolve', conflictFiles: ['a.ts'] });
    }
  });
});

describe('conflict styles', () => {
  it.each(['diff3', 'zdiff3'])('the user’s %s style does not change what tier 2 can resolve', async (style) => {
    const repo = await repository({ 'a.ts': '1\n2\n3\n' });
    await repo.run('config', 'merge.conflictStyle', style);
    await on(repo, 'work', () => repo.write('a.ts', '1\nnew\n3\n'));
    await on(repo, 'main', () => repo.write('a.ts', '1\n3\n'));
    expect((await merge(repo)).attempt).toMatchObject({ success: true, tier: 'auto-resolve' });
    expect(await repo.read('a.ts')).toBe('1\nnew\n3\n');
  });
});

describe('CRLF', () => {
  it('conflicts are resolved with the file’s own line ends', async () => {
    const repo = await repository({ 'a.txt': 'a\r\nb\r\nc\r\n' });
    await on(repo, 'work', () => repo.write('a.txt', 'a\r\nnew\r\nc\r\n'));
    await on(repo, 'main', () => repo.write('a.txt', 'a\r\nc\r\n'));
    expect((await merge(repo)).attempt).toMatchObject({ success: true, tier: 'auto-resolve' });
    expect(await repo.read('a.txt')).toBe('a\r\nnew\r\nc\r\n');
  });

  it('a file with autocrlf keeps the checkout clean', async () => {
    const repo = await repository({ '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'a\nb\nc\n' });
    await on(repo, 'work', () => repo.write('a.txt', 'a\r\nb\r\nc\r\nwork\r\n'));
    await on(repo, 'main', () => repo.write('a.txt', 'main\r\na\r\nb\r\nc\r\n'));
    expect((await merge(repo)).attempt).toMatchObject({ success: true, tier: 'clean-merge' });
    expect(await repo.read('a.txt')).toBe('main\r\na\r\nb\r\nc\r\nwork\r\n');
  });
});

describe('files that are no text', () => {
  it('binary changes of one side are taken, of both are a person’s decision', async () => {
    const bytes = (value: number) => Uint8Array.from([0, value, 255, 0]);
    const repo = await repository({ 'one.bin': bytes(1), 'both.bin': bytes(1) });
    await on(repo, 'work', async () => {
      await repo.write('one.bin', bytes(2));
      await repo.write('both.bin', bytes(2));
    });
    await on(repo, 'main', () => repo.write('both.bin', bytes(3)));
    expect((await merge(repo)).attempt).toMatchObject({ success: false, conflictFiles: ['both.bin'] });
  });

  it('pointers of Git LFS are never mixed', async () => {
    const pointer = (letter: string, size: number) =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${letter.repeat(64)}\nsize ${size}\n`;
    const repo = await repository({ 'one.psd': pointer('a', 1), 'both.psd': pointer('a', 1) });
    await on(repo, 'work', async () => {
      await repo.write('one.psd', pointer('b', 22));
      await repo.write('both.psd', pointer('b', 22));
    });
    await on(repo, 'main', () => repo.write('both.psd', pointer('c', 333)));
    const { attempt } = await merge(repo);
    expect(attempt).toMatchObject({ success: false, conflictFiles: ['both.psd'] });
    expect(attempt.warnings[0]).toContain('Git LFS');
  });

  it('a link moved by both sides is a person’s decision, by one is taken as a link', async () => {
    const repo = await repository({ 'a.txt': 'a\n' });
    await symlink('a.txt', path(repo, 'one'));
    await symlink('a.txt', path(repo, 'both'));
    await repo.run('add', '--all');
    await repo.run('commit', '-qm', 'links');
    const point = async (name: string, to: string) => {
      await rm(path(repo, name));
      await symlink(to, path(repo, name));
    };
    await on(repo, 'work', () => point('one', 'work.txt'));
    await on(repo, 'main', () => repo.write('b.txt', 'b\n'));
    expect((await merge(repo)).attempt).toMatchObject({ success: true });
    expect(await readlink(path(repo, 'one'))).toBe('work.txt');
    await repo.run('checkout', '--quiet', 'work');
    await point('both', 'work.txt');
    await repo.run('commit', '-qam', 'both');
    await repo.run('checkout', '--quiet', 'main');
    await on(repo, 'main', () => point('both', 'main.txt'));
    const { attempt } = await merge(repo);
    expect(attempt).toMatchObject({ success: false, conflictFiles: ['both'] });
    expect(attempt.warnings[0]).toContain('not a plain file');
  });

  it('a submodule both sides moved is a person’s decision', async () => {
    const repo = await repository({ 'a.txt': 'a\n' });
    const commit = (letter: string) => letter.repeat(40);
    const gitlink = async (oid: string, message: string) => {
      await repo.run('update-index', '--add', '--cacheinfo', `160000,${oid},vendor`);
      await repo.run('commit', '-qm', message);
    };
    await gitlink(commit('1'), 'base');
    await repo.run('checkout', '--quiet', '-b', 'work');
    await gitlink(commit('2'), 'work');
    await repo.run('checkout', '--quiet', 'main');
    await gitlink(commit('3'), 'main');
    // No folder of it is checked out here, which is nobody's change.
    await repo.run('update-index', '--skip-worktree', 'vendor');
    const journal = await repo.journal('work');
    const outcome = await resolveMerge(siteFor(repo.site, journal.id), journal);
    expect(outcome).toMatchObject({ ok: true, value: { success: false, conflictFiles: ['vendor'] } });
    expect(outcome.ok && outcome.value.warnings.join('\n')).toMatch(/vendor: it is (?:a submodule|not a plain file)/);
  });

  it('a file on one side and a folder on the other is a person’s decision', async () => {
    const repo = await repository({ 'a.txt': 'a\n' });
    await on(repo, 'work', () => repo.write('thing/inner.txt', 'x\n'));
    await on(repo, 'main', () => repo.write('thing', 'file\n'));
    expect((await merge(repo)).attempt.success).toBe(false);
  });
});

describe('modes', () => {
  const isExecutable = async (repo: SampleRepository, name: string) =>
    ((await lstat(path(repo, name))).mode & 0o111) !== 0;

  it('a mode changed by one side and content by the other are both kept', async () => {
    const repo = await repository({ 'run.sh': 'echo one\n' });
    await on(repo, 'work', () => chmod(path(repo, 'run.sh'), 0o755));
    await on(repo, 'main', () => repo.write('run.sh', 'echo two\n'));
    expect((await merge(repo)).attempt).toMatchObject({ success: true });
    expect(await repo.read('run.sh')).toBe('echo two\n');
    expect(await isExecutable(repo, 'run.sh')).toBe(true);
  });

  it.each(['main', 'work'])('survives a conflict that tier 2 resolves, changed on %s', async (side) => {
    const repo = await repository({ 'run.sh': '1\n2\n3\n' });
    await on(repo, 'work', async () => {
      await repo.write('run.sh', '1\nnew\n3\n');
      if (side === 'work') await chmod(path(repo, 'run.sh'), 0o755);
    });
    await on(repo, 'main', async () => {
      await repo.write('run.sh', '1\n3\n');
      if (side === 'main') await chmod(path(repo, 'run.sh'), 0o755);
    });
    expect((await merge(repo)).attempt).toMatchObject({ success: true, tier: 'auto-resolve' });
    expect(await isExecutable(repo, 'run.sh')).toBe(true);
  });
});
