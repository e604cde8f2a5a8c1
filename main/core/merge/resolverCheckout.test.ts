import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathExists } from '../util/files.ts';
import { contested, head, merge, refusal, repository, status } from './testing/resolverBench.ts';

describe('uncommitted work in the checkout', () => {
  it.each(['unstaged', 'staged'])('an %s edit is back after a merge', async (kind) => {
    const repo = await repository({ 'a.txt': 'a\n', 'mine.txt': 'mine\n' });
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.write('mine.txt', 'edited\n');
    if (kind === 'staged') await repo.run('add', 'mine.txt');
    expect(await merge(repo, 'work')).toMatchObject({ success: true, warnings: [] });
    expect(await repo.read('mine.txt')).toBe('edited\n');
    expect(await repo.read('new.txt')).toBe('x\n');
    expect(await status(repo)).toBe(kind === 'staged' ? 'M  mine.txt\n' : ' M mine.txt\n');
    expect(await repo.run('stash', 'list')).toBe('');
  });

  it('an edit and a staged new file are back after a failed merge', async () => {
    const repo = await contested();
    await repo.write('other.txt', 'edited\n');
    await repo.write('staged.txt', 'staged\n');
    await repo.run('add', 'staged.txt');
    const before = await status(repo);
    expect(await merge(repo, 'work')).toMatchObject({ success: false });
    expect(await status(repo)).toBe(before);
    expect(await repo.read('other.txt')).toBe('edited\n');
    expect(await repo.read('staged.txt')).toBe('staged\n');
    expect(await repo.run('stash', 'list')).toBe('');
  });

  it.each(['unstaged', 'staged'])(
    'an %s edit of a file the merge changes refuses it by name, and nothing is touched',
    async (kind) => {
      const repo = await repository({ 'a.txt': 'one\ntwo\nthree\n' });
      await repo.branch('work', { 'a.txt': 'one\nbranch\nthree\n', 'new.txt': 'x\n' });
      await repo.write('a.txt', 'one\nmine\nthree\n');
      if (kind === 'staged') await repo.run('add', 'a.txt');
      const before = [await head(repo), await status(repo)];
      const outcome = await refusal(repo, 'work');
      expect(outcome.ok ? '' : outcome.error.message).toMatch(/uncommitted changes in a\.txt.*then merge again/);
      expect([await head(repo), await status(repo)]).toEqual(before);
      expect(await repo.read('a.txt')).toBe('one\nmine\nthree\n');
      expect(await pathExists(join(repo.root, 'new.txt'))).toBe(false);
      expect(await repo.run('stash', 'list')).toBe('');
    },
  );

  it("leaves a stash entry of somebody else's alone", async () => {
    const repo = await repository({ 'a.txt': 'a\n', 'mine.txt': 'mine\n' });
    await repo.write('mine.txt', 'older work\n');
    await repo.run('stash', 'push', '-m', 'older');
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.write('a.txt', 'edited\n');
    await merge(repo, 'work');
    expect(await repo.read('a.txt')).toBe('edited\n');
    expect(await repo.run('stash', 'list', '--format=%gs')).toBe('On main: older\n');
  });

  it('runtime state is committed alone: what a person staged stays staged', async () => {
    const repo = await repository({ 'CLAUDE.md': 'c\n', '.mulch/x.jsonl': '1\n', 'mine.txt': 'mine\n' });
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.write('CLAUDE.md', 'changed\n');
    await repo.write('.mulch/x.jsonl', '2\n');
    await repo.run('add', '.mulch/x.jsonl');
    await repo.write('mine.txt', 'edited\n');
    await repo.run('add', 'mine.txt');
    await merge(repo, 'work');
    expect(await status(repo)).toBe('M  mine.txt\n');
    const commit = (await repo.run('log', '--format=%H', '--grep=chore: sync os-eco runtime state')).trim();
    expect((await repo.run('show', '--format=', '--name-only', commit)).trim().split('\n').sort()).toEqual([
      '.mulch/x.jsonl',
      'CLAUDE.md',
    ]);
  });

  it('a merge, or a rebase, that a person has begun is not touched', async () => {
    const repo = await contested();
    await repo.git(['merge', 'work']);
    const outcome = await refusal(repo, 'work');
    expect(outcome).toMatchObject({ ok: false, error: { message: expect.stringContaining('A merge is in progress') } });
    expect(await repo.read('a.txt')).toContain('<<<<<<<');
  });
});

describe('another branch is checked out', () => {
  it('the target moves and the checkout stays on its branch, files and all', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.run('checkout', '--quiet', '-b', 'elsewhere');
    await repo.write('README.md', 'edited\n');
    const before = await head(repo);
    expect(await merge(repo, 'work')).toMatchObject({ success: true, warnings: [] });
    expect(await repo.run('symbolic-ref', '--short', 'HEAD')).toBe('elsewhere\n');
    expect(await head(repo)).toBe(before);
    expect(await status(repo)).toBe(' M README.md\n');
    expect(await repo.run('show', 'main:new.txt')).toBe('x\n');
    expect(await repo.run('reflog', 'show', '-1', '--format=%gs', 'main')).toBe('merge work: by ov merge\n');
  });

  it('stays as it is, with uncommitted work, after a failure', async () => {
    const repo = await contested();
    await repo.run('checkout', '--quiet', '-b', 'elsewhere');
    await repo.write('other.txt', 'edited\n');
    expect(await merge(repo, 'work')).toMatchObject({ success: false });
    expect(await repo.run('symbolic-ref', '--short', 'HEAD')).toBe('elsewhere\n');
    expect(await status(repo)).toBe(' M other.txt\n');
  });

  it('a detached HEAD stays where it is', async () => {
    const repo = await contested();
    await repo.run('checkout', '--quiet', '--detach', 'HEAD^');
    const before = await head(repo);
    expect(await merge(repo, 'work')).toMatchObject({ success: false });
    expect(await head(repo)).toBe(before);
    expect((await repo.git(['symbolic-ref', '-q', 'HEAD'])).code).toBe(1);
  });

  it('a target checked out in another worktree: the files of that one follow', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.run('checkout', '--quiet', '-b', 'elsewhere');
    const other = join(repo.overstory, 'w');
    await repo.run('worktree', 'add', '--quiet', other, 'main');
    await writeFile(join(other, 'README.md'), 'edited\n');
    expect(await merge(repo, 'work')).toMatchObject({ success: true });
    expect(await readFile(join(other, 'new.txt'), 'utf8')).toBe('x\n');
    expect(await repo.run('-C', other, 'status', '--porcelain')).toBe(' M README.md\n');
    expect(await repo.run('symbolic-ref', '--short', 'HEAD')).toBe('elsewhere\n');
  });

  it('a target checked out in two worktrees is refused, naming both', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    const other = join(repo.overstory, 'w');
    await repo.run('worktree', 'add', '--quiet', '--force', other, 'main');
    const before = await head(repo);
    const outcome = await refusal(repo, 'work');
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/checked out in two worktrees, .* and .*\/w;/);
    expect(await head(repo)).toBe(before);
  });

  it('a target that is being rebased is refused', async () => {
    const repo = await contested();
    await repo.git(['rebase', 'work']);
    const outcome = await refusal(repo, 'work');
    expect(outcome.ok ? '' : outcome.error.message).toContain('A rebase is in progress');
  });
});

describe('untracked files', () => {
  it('in the way, of other content: refused by name, nothing changes', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'theirs\n' });
    await repo.write('new.txt', 'mine\n');
    const before = await head(repo);
    expect(await refusal(repo, 'work')).toMatchObject({
      ok: false,
      error: { tag: 'merge', message: expect.stringContaining('new.txt') },
    });
    expect(await repo.read('new.txt')).toBe('mine\n');
    expect(await head(repo)).toBe(before);
  });

  it('ignored and in the way are refused too, though git would overwrite them', async () => {
    const repo = await repository({ '.gitignore': 'local/\n*.env\n' });
    await repo.write('.env', 'key=mine\n');
    await repo.write('local/deep/x', 'mine\n');
    await repo.run('checkout', '--quiet', '-b', 'work');
    await rm(join(repo.root, '.env'));
    await rm(join(repo.root, 'local'), { recursive: true });
    await repo.write('.env', 'key=theirs\n');
    await repo.write('local', 'a file now\n');
    await repo.run('add', '--force', '.env', 'local');
    await repo.run('commit', '-qm', 'force');
    await repo.run('checkout', '--quiet', 'main');
    await repo.write('.env', 'key=mine\n');
    await repo.write('local/deep/x', 'mine\n');
    await repo.commit({ 'unrelated.txt': 'x\n' });
    const outcome = await refusal(repo, 'work');
    expect(outcome).toMatchObject({ ok: false, error: { message: expect.stringContaining('.env') } });
    expect(outcome.ok ? '' : outcome.error.message).toContain('local/deep/x');
    expect(await repo.read('.env')).toBe('key=mine\n');
    expect(await repo.read('local/deep/x')).toBe('mine\n');
  });

  it('a file where the merge wants a folder is refused', async () => {
    const repo = await repository();
    await repo.branch('work', { 'lib/index.ts': 'x\n' });
    await repo.write('lib', 'mine\n');
    expect(await refusal(repo, 'work')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('lib') },
    });
    expect(await repo.read('lib')).toBe('mine\n');
  });

  it('of the very content the branch brings do not stop the merge', async () => {
    const repo = await repository();
    await repo.branch('work', { 'deep/new.txt': 'same\n' });
    await repo.write('deep/new.txt', 'same\n');
    expect(await merge(repo, 'work')).toMatchObject({ success: true });
    expect(await status(repo)).toBe('');
    expect(await repo.read('deep/new.txt')).toBe('same\n');
  });

  it('of the same content are back after a failed merge', async () => {
    const repo = await contested();
    await repo.run('checkout', '--quiet', 'work');
    await repo.commit({ 'deep/new.txt': 'same\n' });
    await repo.run('checkout', '--quiet', 'main');
    await repo.write('deep/new.txt', 'same\n');
    expect(await merge(repo, 'work')).toMatchObject({ success: false, warnings: [expect.stringContaining('a.txt')] });
    expect(await repo.read('deep/new.txt')).toBe('same\n');
    expect(await status(repo)).toBe('?? deep/\n');
  });

  it('elsewhere survive and are not committed', async () => {
    const repo = await repository();
    await repo.branch('work', { 'new.txt': 'x\n' });
    await repo.write('mine.txt', 'mine\n');
    expect(await merge(repo, 'work')).toMatchObject({ success: true, warnings: [] });
    expect(await status(repo)).toBe('?? mine.txt\n');
  });
});
