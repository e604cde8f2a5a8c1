import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathExists } from '../util/files.ts';
import { resolveMerge } from './resolver.ts';
import { siteFor } from './site.ts';
import { contested, head, merge, refusal, repository, status } from './testing/resolverBench.ts';

describe('tier 1', () => {
  it('merges a new file', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'content\n' });
    await repo.commit({ 'else.txt': 'x\n' });
    expect(await merge(repo, 'work')).toEqual({
      success: true,
      tier: 'clean-merge',
      conflictFiles: [],
      errorMessage: null,
      warnings: [],
    });
    expect(await repo.read('new.txt')).toBe('content\n');
    expect(await repo.run('log', '-1', '--format=%s')).toBe("Merge branch 'work' into main\n");
  });

  it('merging again what is merged already is clean and commits nothing', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'content\n' });
    await merge(repo, 'work');
    const before = await head(repo);
    expect(await merge(repo, 'work')).toMatchObject({ success: true, tier: 'clean-merge' });
    expect(await head(repo)).toBe(before);
  });

  it.each(['nonexistent-branch', 'develop'])('says that the target %s does not exist', async (target) => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    const outcome = await refusal(repo, 'work', target);
    expect(outcome).toMatchObject({ ok: false, error: { tag: 'merge', message: expect.stringContaining(target) } });
    expect(outcome.ok ? '' : outcome.error.message).toContain('Failed to checkout');
  });

  it('a tag named like the branch does not come into it', async () => {
    const repo = await repository();
    await repo.run('tag', 'work');
    await repo.branch('work', { 'new.txt': 'x\n' });
    await merge(repo, 'work');
    expect(await repo.read('new.txt')).toBe('x\n');
  });

  it('takes no notice of merge options that would drop one side', async () => {
    const repo = await contested();
    await repo.run('config', 'branch.main.mergeOptions', '-X ours');
    await repo.run('config', 'pull.twohead', 'ours');
    expect(await merge(repo, 'work')).toMatchObject({ success: false, conflictFiles: ['a.txt'] });
  });

  it('takes no notice of merge options that would stage the merge without making it', async () => {
    const repo = await repository();
    await repo.run('config', 'branch.main.mergeOptions', '--squash --no-commit');
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.commit({ 'else.txt': 'x\n' });
    expect(await merge(repo, 'work')).toMatchObject({ success: true });
    expect(await status(repo)).toBe('');
    expect((await repo.git(['merge-base', '--is-ancestor', 'work', 'main'])).code).toBe(0);
  });

  it('takes no notice of recorded resolutions', async () => {
    const repo = await contested();
    await repo.run('config', 'rerere.enabled', 'true');
    await repo.run('config', 'rerere.autoUpdate', 'true');
    await repo.git(['merge', 'work']);
    await repo.write('a.txt', 'neither\n');
    await repo.run('commit', '-qam', 'by hand');
    await repo.run('reset', '--quiet', '--hard', 'HEAD^');
    expect(await merge(repo, 'work')).toMatchObject({ success: false, conflictFiles: ['a.txt'] });
    expect(await repo.read('a.txt')).toBe('one\ntarget\nthree\n');
  });
});

describe('tier 2', () => {
  it('brings back a changed line the target had deleted', async () => {
    const repo = await repository({ 'a.txt': 'line1\nshared line\nline3\n' });
    await repo.branch('work', { 'a.txt': 'line1\nnew content\nline3\n' });
    await repo.commit({ 'a.txt': 'line1\nline3\n' });
    expect(await merge(repo, 'work')).toEqual({
      success: true,
      tier: 'auto-resolve',
      conflictFiles: ['a.txt'],
      errorMessage: null,
      warnings: [],
    });
    expect(await repo.read('a.txt')).toBe('line1\nnew content\nline3\n');
    expect(await status(repo)).toBe('');
    expect(await repo.run('log', '-1', '--format=%P')).toMatch(/^\S+ \S+\n$/);
    expect(await repo.run('log', '-1', '--format=%B')).not.toContain('#');
  });

  it('does so in a file with CRLF line ends, and in one that is not UTF-8', async () => {
    const latin = (text: string) => Buffer.from(text, 'latin1');
    const repo = await repository({ 'crlf.txt': 'a\r\nb\r\nc\r\n', 'latin.txt': latin('é\nb\nü\n') });
    await repo.branch('work', { 'crlf.txt': 'a\r\nnew\r\nc\r\n', 'latin.txt': latin('é\nñew\nü\n') });
    await repo.commit({ 'crlf.txt': 'a\r\nc\r\n', 'latin.txt': latin('é\nü\n') });
    expect(await merge(repo, 'work')).toMatchObject({ success: true, tier: 'auto-resolve' });
    expect(await repo.read('crlf.txt')).toBe('a\r\nnew\r\nc\r\n');
    const blob = await repo.run('hash-object', 'latin.txt');
    await repo.write('expected', latin('é\nñew\nü\n'));
    expect(blob).toBe(await repo.run('hash-object', 'expected'));
  });

  it('both sides rewrote the same line: failure, the first warning names the file, the checkout is as before', async () => {
    const repo = await contested();
    const before = await head(repo);
    const result = await merge(repo, 'work');
    expect(result).toMatchObject({ success: false, tier: 'auto-resolve', conflictFiles: ['a.txt'] });
    expect(result.warnings[0]).toContain('auto-resolve skipped a.txt');
    expect(result.warnings).toHaveLength(1);
    expect(result.errorMessage).toMatch(/failed at auto-resolve.*a\.txt/);
    expect(await head(repo)).toBe(before);
    expect(await status(repo)).toBe('');
    expect(await pathExists(join(repo.root, '.git', 'MERGE_HEAD'))).toBe(false);
  });

  it('a file deleted on the target and modified on the branch: failed, the checkout is clean', async () => {
    const repo = await repository({ 'a.txt': 'a\n', 'keep.txt': 'k\n' });
    await repo.branch('work', { 'a.txt': 'modified\n' });
    await repo.commit({ 'a.txt': null });
    expect(await merge(repo, 'work')).toMatchObject({ success: false, conflictFiles: ['a.txt'] });
    expect(await status(repo)).toBe('');
    expect(await pathExists(join(repo.root, 'a.txt'))).toBe(false);
  });

  it('one unresolvable file is enough: no other is kept half merged', async () => {
    const repo = await repository({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'x\ny\nz\n' });
    await repo.branch('work', { 'a.txt': 'one\nbranch\nthree\n', 'b.txt': 'x\nnew\nz\n' });
    await repo.commit({ 'a.txt': 'one\ntarget\nthree\n', 'b.txt': 'x\nz\n' });
    expect(await merge(repo, 'work')).toMatchObject({ success: false, conflictFiles: ['a.txt'] });
    expect(await repo.read('b.txt')).toBe('x\nz\n');
    expect(await status(repo)).toBe('');
  });

  it('binary files, links, and text that looks like markers are left to a person', async () => {
    const binary = (byte: number) => Uint8Array.from([0, 1, byte, 0]);
    const heading = (text: string) => `Title\n=======\n${text}tail\n`;
    const repo = await repository({ 'b.bin': binary(1), 'h.md': heading('old\n') });
    await repo.branch('work', { 'b.bin': binary(2), 'h.md': heading('new\n') });
    await repo.commit({ 'b.bin': binary(3), 'h.md': heading('') });
    const result = await merge(repo, 'work');
    expect(result).toMatchObject({ success: false, conflictFiles: ['b.bin', 'h.md'] });
    expect(result.warnings[1]).toContain('look like conflict markers');
    expect(await status(repo)).toBe('');
  });

  it.each(['committed', 'in the working tree only'])(
    'merge=union, attribute %s: keeps the lines of both',
    async (where) => {
      const repo = await repository({
        'log.jsonl': 'a\n',
        ...(where === 'committed' ? { '.gitattributes': '*.jsonl merge=union\n' } : {}),
      });
      await repo.branch('work', { 'log.jsonl': 'a\nb\n' });
      await repo.commit({ 'log.jsonl': 'a\nc\n' });
      if (where !== 'committed') await repo.write('.gitattributes', '*.jsonl merge=union\n');
      expect(await merge(repo, 'work')).toMatchObject({ success: true, warnings: [] });
      expect((await repo.read('log.jsonl')).trim().split('\n').sort()).toEqual(['a', 'b', 'c']);
    },
  );

  it('file names of any kind', async () => {
    const names = [
      'with space.txt',
      'é "quoted".txt',
      'two\nlines.txt',
      ':(top)magic*.txt',
      '-dash.txt',
      'tab\there.txt',
    ];
    const all = (content: string) => Object.fromEntries(names.map((name) => [name, content]));
    const repo = await repository(all('1\n2\n3\n'));
    await repo.branch('work', { ...all('1\nnew\n3\n'), 'ünew file.txt': 'x\n' });
    await repo.commit(all('1\n3\n'));
    const result = await merge(repo, 'work');
    expect(result).toMatchObject({ success: true, tier: 'auto-resolve', warnings: [] });
    expect([...result.conflictFiles].sort()).toEqual([...names].sort());
    for (const name of names) expect(await repo.read(name)).toBe('1\nnew\n3\n');
    expect(await repo.read('ünew file.txt')).toBe('x\n');
  });
});

describe('refusals of git', () => {
  it.each([
    ['pre-merge-commit', 'clean-merge'],
    ['commit-msg', 'clean-merge'],
  ])('a failing %s hook is an error that says what the hook said', async (hook, tier) => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.commit({ 'else.txt': 'x\n' });
    await repo.hook(hook, 'echo "no ticket number" >&2; exit 1');
    const before = await head(repo);
    const result = await merge(repo, 'work');
    expect(result).toMatchObject({ success: false, tier, conflictFiles: [], warnings: [] });
    expect(result.errorMessage).toContain('no ticket number');
    expect(await head(repo)).toBe(before);
    expect(await status(repo)).toBe('');
  });

  it('a pre-commit hook that refuses the commit of tier 2', async () => {
    const repo = await repository({ 'a.txt': '1\n2\n3\n' });
    await repo.branch('work', { 'a.txt': '1\nnew\n3\n' });
    await repo.commit({ 'a.txt': '1\n3\n' });
    await repo.hook('pre-commit', 'echo "lint failed" >&2; exit 1');
    const result = await merge(repo, 'work');
    expect(result).toMatchObject({ success: false, tier: 'auto-resolve' });
    expect(result.errorMessage).toContain('lint failed');
    expect(await repo.read('a.txt')).toBe('1\n3\n');
    expect(await status(repo)).toBe('');
  });

  it('a commit hook that drops lines is found out, and the merge is held', async () => {
    const repo = await repository({ 'a.txt': '1\n2\n3\n' });
    await repo.branch('work', { 'a.txt': '1\nnew\n3\n' });
    await repo.commit({ 'a.txt': '1\n3\n' });
    await repo.hook('pre-commit', 'printf "1\\n3\\n" > a.txt; git add a.txt');
    const before = await head(repo);
    const result = await merge(repo, 'work');
    expect(result).toMatchObject({
      success: false,
      errorMessage: null,
      held: { audit: { ok: false, counts: { lost: 1 } }, gate: null },
    });
    expect(await head(repo)).toBe(before);
    expect(await status(repo)).toBe('');
  });

  it('no name and address to commit with', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.commit({ 'else.txt': 'x\n' });
    await repo.run('config', '--unset', 'user.name');
    await repo.run('config', '--unset', 'user.email');
    await repo.run('config', 'user.useConfigOnly', 'true');
    const journal = await repo.journal('work');
    const bare = siteFor(repo.site, journal.id);
    const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', EMAIL: '' };
    const site = {
      ...bare,
      git: ((args, options) => bare.git(args, { ...options, env: { ...env, ...options?.env } })) as typeof bare.git,
    };
    const before = await head(repo);
    const outcome = await resolveMerge(site, journal);
    expect(outcome).toMatchObject({
      ok: true,
      value: { success: false, errorMessage: expect.stringContaining('user.name') },
    });
    expect(await head(repo)).toBe(before);
    expect(await status(repo)).toBe('');
  });

  it('branches without a common history', async () => {
    const repo = await repository();
    await repo.run('checkout', '--quiet', '--orphan', 'work');
    await repo.commit({ 'new.txt': 'x\n' });
    await repo.run('checkout', '--quiet', '--force', 'main');
    const outcome = await refusal(repo, 'work');
    expect(outcome.ok && outcome.value.success).toBe(false);
    expect(await status(repo)).toBe('');
  });
});
