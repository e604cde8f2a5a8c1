import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathExists } from '../util/files.ts';
import { createTestVault, makeWork, stateOf, type TestVault } from './testVault.ts';

let test: TestVault;
beforeEach(async () => {
  test = await createTestVault();
});
afterEach(() => test.dispose());

/** Takes a snapshot that must succeed. */
async function keep(agentName: string | null) {
  const taken = await test.vault.snapshot(agentName, 'by hand');
  if (!taken.ok) throw new Error(taken.error.message);
  return taken.value;
}

async function restore(id: string, more: { into?: 'same' | 'new'; moveHead?: boolean; folder?: string } = {}) {
  const restored = await test.vault.restore({ into: 'same', moveHead: false, id, ...more });
  if (!restored.ok) throw new Error(restored.error.message);
  return restored.value;
}

/** Everything but the branch, which a second worktree cannot share. */
const apart = (state: Readonly<Record<string, string>>) => ({ ...state, '(status)': '' });

/** Wipes a worktree, restores it in place and beside, and expects the state from before each time. */
async function bringBackBothWays(worktree: string): Promise<void> {
  const before = await stateOf(worktree);
  const { snapshot } = await keep('builder');
  expect(await stateOf(worktree)).toEqual(before);
  const beside = await restore(snapshot.id, { into: 'new' });
  expect(apart(await stateOf(beside.worktree))).toEqual(apart(before));
  await test.gitIn(worktree, 'reset', '-q', '--hard');
  await test.gitIn(worktree, 'clean', '-qfd');
  await restore(snapshot.id);
  expect(await stateOf(worktree)).toEqual(before);
}

describe('a snapshot', () => {
  it('brings index and files of every kind back byte for byte, into the same worktree and into a new one', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    await bringBackBothWays(worktree);
  });

  it('removes what was made since, and its empty folders', async () => {
    const worktree = await test.agent('builder');
    const { snapshot } = await keep('builder');
    await mkdir(join(worktree, 'since/deep'), { recursive: true });
    await writeFile(join(worktree, 'since/deep/x'), 'x');
    expect(await restore(snapshot.id)).toMatchObject({ removed: 1, written: 0 });
    expect(await pathExists(join(worktree, 'since'))).toBe(false);
  });

  it('never touches index, HEAD, stash, branches or files', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const index = join((await test.gitIn(worktree, 'rev-parse', '--absolute-git-dir')).trim(), 'index');
    const look = async () => ({
      index: await readFile(index),
      time: (await stat(index, { bigint: true })).mtimeNs,
      head: await test.gitIn(worktree, 'log', '-g', '--format=%H %gs', 'HEAD'),
      refs: await test.git('for-each-ref', 'refs/heads', 'refs/tags', 'refs/stash'),
      files: await stateOf(worktree),
    });
    const before = await look();
    await keep('builder');
    expect(await look()).toEqual(before);
  });

  it.each(['merge', 'rebase', 'cherry-pick'])('keeps a %s with conflicts, to be gone on with', async (operation) => {
    const worktree = await test.agent('builder');
    await test.git('checkout', '-q', '-b', 'other');
    await test.write('src/a.ts', 'theirs\n');
    await test.write('src/b.ts', 'theirs\n');
    await test.git('commit', '-qam', 'theirs');
    await writeFile(join(worktree, 'src/a.ts'), 'ours\n');
    await test.gitIn(worktree, 'commit', '-qam', 'ours');
    await expect(test.gitIn(worktree, operation, 'other')).rejects.toThrow();
    await writeFile(join(worktree, 'src/a.ts'), 'half resolved\n');
    await writeFile(join(worktree, 'notes.txt'), 'half way\n');
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    expect(snapshot.operation).toBe(operation);
    await test.gitIn(worktree, operation, '--abort');
    await rm(join(worktree, 'notes.txt'));
    await test.git('branch', '-D', '-q', 'other').catch(() => test.git('checkout', '-q', 'main'));
    await restore(snapshot.id, { moveHead: true });
    expect(await stateOf(worktree)).toEqual(before);
    const beside = await restore(snapshot.id, { into: 'new' });
    expect(apart(await stateOf(beside.worktree))).toEqual(apart(before));
    await writeFile(join(worktree, 'src/a.ts'), 'resolved\n');
    await test.gitIn(worktree, 'add', 'src/a.ts');
    await test.gitIn(worktree, '-c', 'core.editor=true', operation, '--continue');
    expect(await test.gitIn(worktree, 'show', 'HEAD:src/a.ts')).toBe('resolved\n');
  });

  it('works before the first commit', async () => {
    await test.dispose();
    test = await createTestVault(null);
    await test.write('staged.txt', 'staged\n');
    await test.git('add', 'staged.txt');
    await test.write('loose.txt', 'loose\n');
    const before = await stateOf(test.root);
    const { snapshot } = await keep(null);
    expect(snapshot).toMatchObject({ head: null, branch: 'main', staged: 1, untracked: 1 });
    await test.git('rm', '-q', '--cached', 'staged.txt');
    await rm(join(test.root, 'staged.txt'));
    await rm(join(test.root, 'loose.txt'));
    await restore(snapshot.id);
    expect(await stateOf(test.root)).toEqual(before);
    const shown = await test.vault.show(snapshot.id);
    expect(shown.ok && shown.value.files.map((file) => file.path)).toEqual(['loose.txt', 'staged.txt']);
  });

  it('works in a repository of SHA-256', async () => {
    await test.dispose();
    test = await createTestVault({}, 'sha256');
    await test.write('src/a.ts', 'one\n');
    await test.git('add', '.');
    await test.git('commit', '-qm', 'start');
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'src/a.ts'), 'two\n');
    await writeFile(join(worktree, 'new.ts'), 'new\n');
    await test.gitIn(worktree, 'update-index', '--assume-unchanged', 'src/a.ts');
    await bringBackBothWays(worktree);
  });

  it('takes files as they are on disk, past line-ending rules of git', async () => {
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, '.gitattributes'), '* text=auto\n*.win text eol=crlf\n');
    await writeFile(join(worktree, 'mixed.txt'), 'one\r\ntwo\nthree\r\n');
    await writeFile(join(worktree, 'staged.txt'), 'one\r\ntwo\r\n');
    await writeFile(join(worktree, 'unix.win'), 'one\ntwo\n');
    await test.gitIn(worktree, 'add', 'staged.txt', 'unix.win');
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    await test.gitIn(worktree, 'reset', '-q', '--hard');
    await test.gitIn(worktree, 'clean', '-qfd');
    await restore(snapshot.id);
    expect(await stateOf(worktree)).toEqual(before);
  });

  it('sees a file that changed in the same instant and to the same length as it was staged', async () => {
    const worktree = await test.agent('builder');
    for (let round = 0; round < 20; round += 1) {
      await writeFile(join(worktree, 'src/a.ts'), `a${round % 10}\n`);
      await test.gitIn(worktree, 'add', 'src/a.ts');
      await writeFile(join(worktree, 'src/a.ts'), `b${round % 10}\n`);
      const { snapshot } = await keep('builder');
      expect(await test.git('show', `${snapshot.commit}:src/a.ts`)).toBe(`b${round % 10}\n`);
    }
  });

  it.each([
    ['plain', []],
    ['version 4', ['--index-version', '4']],
    ['split', ['--split-index']],
  ])('keeps the flags of entries git does not look at (%s index)', async (_kind, form) => {
    const worktree = await test.agent('builder');
    if (form.length > 0) await test.gitIn(worktree, 'update-index', ...form);
    await test.gitIn(worktree, 'update-index', '--assume-unchanged', 'src/a.ts');
    await test.gitIn(worktree, 'update-index', '--skip-worktree', 'README.md');
    await writeFile(join(worktree, 'src/a.ts'), 'hidden change\n');
    await writeFile(join(worktree, 'README.md'), 'hidden too\n');
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    const beside = await restore(snapshot.id, { into: 'new' });
    expect(apart(await stateOf(beside.worktree))).toEqual(apart(before));
  });

  it('keeps files larger than it holds in memory', async () => {
    const worktree = await test.agent('builder');
    const large = Buffer.alloc(9 * 1024 * 1024, 'large\r\n');
    await writeFile(join(worktree, 'large "name"\n.bin'), large);
    await writeFile(join(worktree, 'src/a.ts'), large);
    await bringBackBothWays(worktree);
  });

  it('leaves out untracked files beyond its limits, says so, and a restore leaves them alone', async () => {
    const worktree = await test.agent('builder');
    test.limits = { ...test.limits, maxFileBytes: 1_000, maxUntrackedBytes: 1_500 };
    await writeFile(join(worktree, 'dump.bin'), Buffer.alloc(1_001));
    await writeFile(join(worktree, 'one'), Buffer.alloc(900, 1));
    await writeFile(join(worktree, 'two'), Buffer.alloc(901, 2));
    await writeFile(join(worktree, 'src/a.ts'), Buffer.alloc(5_000, 3));
    const { snapshot } = await keep('builder');
    expect(snapshot.leftOut).toEqual([
      { path: 'two', why: 'tooMuch', bytes: 901 },
      { path: 'dump.bin', why: 'tooLarge', bytes: 1_001 },
    ]);
    expect(test.events.at(-1)).toMatchObject({ level: 'warn', summary: expect.stringContaining('left out: two') });
    await rm(join(worktree, 'one'));
    const restored = await restore(snapshot.id);
    expect((await readFile(join(worktree, 'one'))).length).toBe(900);
    expect((await readFile(join(worktree, 'dump.bin'))).length).toBe(1_001);
    expect(restored.warnings.join()).toContain('two (beyond controlRoom.vault.maxUntrackedBytes)');
  });

  it('names repositories inside and submodules with work of their own as left out', async () => {
    const library = join(test.root, '.overstory/library');
    await mkdir(library, { recursive: true });
    await test.gitIn(library, 'init', '-q');
    await writeFile(join(library, 'l.txt'), 'l\n');
    await test.gitIn(library, 'add', '.');
    await test.gitIn(library, '-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qm', 'library');
    const worktree = await test.agent('builder');
    await test.gitIn(worktree, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'sub');
    await test.gitIn(worktree, 'commit', '-qam', 'submodule');
    await writeFile(join(worktree, 'sub/l.txt'), 'changed\n');
    await mkdir(join(worktree, 'nested'));
    await test.gitIn(join(worktree, 'nested'), 'init', '-q');
    await writeFile(join(worktree, 'nested/n.txt'), 'n\n');
    const { snapshot } = await keep('builder');
    expect(snapshot.leftOut).toEqual([
      { path: 'sub', why: 'submodule', bytes: null },
      { path: 'nested/', why: 'repository', bytes: null },
    ]);
    await restore(snapshot.id);
    expect(await readFile(join(worktree, 'sub/l.txt'), 'utf8')).toBe('changed\n');
    expect(await readFile(join(worktree, 'nested/n.txt'), 'utf8')).toBe('n\n');
  });

  it('is not taken twice of one state, and again once anything differs', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const first = await keep('builder');
    expect(first.taken).toBe(true);
    expect(await keep('builder')).toEqual({ snapshot: first.snapshot, taken: false });
    await test.gitIn(worktree, 'add', 'binary');
    const staged = await keep('builder');
    expect(staged.taken).toBe(true);
    await test.gitIn(worktree, 'rm', '-q', '--cached', 'binary');
    // The same as the first, but not as the newest.
    expect((await keep('builder')).taken).toBe(true);
    expect(test.events.filter((event) => event.action === 'snapshot')).toHaveLength(3);
  });

  it('survives git gc and prune, and is gone with them once it is dropped', async () => {
    const worktree = await test.agent('builder');
    await makeWork(worktree);
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    await test.gitIn(worktree, 'reset', '-q', '--hard');
    await test.gitIn(worktree, 'clean', '-qfd');
    const cleanUp = async () => {
      await test.git('reflog', 'expire', '--expire=now', '--all');
      await test.git('gc', '--quiet', '--prune=now');
      await test.git('prune', '--expire=now');
    };
    await cleanUp();
    await restore(snapshot.id);
    expect(await stateOf(worktree)).toEqual(before);
    const listed = await test.vault.list();
    const ids = listed.ok ? listed.value.map((view) => view.id) : [];
    expect(await test.vault.drop(ids)).toMatchObject({ ok: true });
    await test.gitIn(worktree, 'reset', '-q', '--hard');
    await cleanUp();
    await expect(test.git('cat-file', '-e', snapshot.commit)).rejects.toThrow();
    expect(await test.vault.list()).toEqual({ ok: true, value: [] });
  });

  it('stays readable for plain git: a stash entry by its shape', async () => {
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'src/a.ts'), 'changed\n');
    await writeFile(join(worktree, 'new.txt'), 'new\n');
    const { snapshot } = await keep('builder');
    await test.gitIn(worktree, 'reset', '-q', '--hard');
    await rm(join(worktree, 'new.txt'));
    await test.gitIn(worktree, 'stash', 'apply', '-q', snapshot.commit);
    expect(await readFile(join(worktree, 'src/a.ts'), 'utf8')).toBe('changed\n');
    expect(await readFile(join(worktree, 'new.txt'), 'utf8')).toBe('new\n');
  });

  it('can be taken while the agent goes on writing', async () => {
    const worktree = await test.agent('builder');
    let writing = true;
    const agent = (async () => {
      for (let round = 0; writing; round += 1) {
        const folder = join(worktree, `run${round % 3}`);
        await mkdir(folder, { recursive: true });
        for (let file = 0; file < 20; file += 1) await writeFile(join(folder, `f${file}`), `${round}`);
        if (round % 2 === 1) await test.gitIn(worktree, 'add', '--all').catch(() => '');
        await rm(folder, { recursive: true, force: true });
      }
    })();
    for (let round = 0; round < 10; round += 1)
      expect(await test.vault.snapshot('builder', 'busy')).toMatchObject({ ok: true });
    writing = false;
    await agent;
    expect(await test.git('fsck', '--no-dangling')).toBe('');
  });
});

describe('a restore', () => {
  it('refuses to overwrite an ignored file no snapshot holds', async () => {
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'run.log'), 'forced in\n');
    await test.gitIn(worktree, 'add', '-f', 'run.log');
    const { snapshot } = await keep('builder');
    await test.gitIn(worktree, 'reset', '-q', '--hard');
    await writeFile(join(worktree, 'run.log'), 'somebody else’s\n');
    const refused = await test.vault.restore({ id: snapshot.id, into: 'same', moveHead: false });
    expect(refused).toMatchObject({
      ok: false,
      error: { tag: 'conflict', message: expect.stringContaining('run.log') },
    });
    expect(await readFile(join(worktree, 'run.log'), 'utf8')).toBe('somebody else’s\n');
    expect((await restore(snapshot.id, { into: 'new' })).warnings).toHaveLength(1);
  });

  it('does not write through a link that stands where a folder was', async () => {
    const worktree = await test.agent('builder');
    await mkdir(join(worktree, 'out'));
    await writeFile(join(worktree, 'out/file'), 'mine\n');
    const { snapshot } = await keep('builder');
    await rm(join(worktree, 'out'), { recursive: true });
    const elsewhere = join(test.root, '.overstory/elsewhere');
    await mkdir(elsewhere, { recursive: true });
    await symlink(elsewhere, join(worktree, 'out'));
    await restore(snapshot.id);
    expect(await pathExists(join(elsewhere, 'file'))).toBe(false);
    expect(await readFile(join(worktree, 'out/file'), 'utf8')).toBe('mine\n');
  });

  it('leaves a branch that has moved on where it is, unless asked to move it', async () => {
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'src/a.ts'), 'draft\n');
    const before = await stateOf(worktree);
    const { snapshot } = await keep('builder');
    await test.gitIn(worktree, 'commit', '-qam', 'since');
    const tip = (await test.gitIn(worktree, 'rev-parse', 'HEAD')).trim();
    const stayed = await restore(snapshot.id);
    expect(stayed.warnings).toEqual([expect.stringContaining('--move-head')]);
    expect((await test.gitIn(worktree, 'rev-parse', 'HEAD')).trim()).toBe(tip);
    expect(await readFile(join(worktree, 'src/a.ts'), 'utf8')).toBe('draft\n');
    const moved = await restore(snapshot.id, { moveHead: true });
    expect(moved.warnings).toEqual([]);
    expect(await stateOf(worktree)).toEqual(before);
    // The commit that left the branch is in the snapshot from before.
    await restore(moved.before?.id ?? '', { moveHead: true });
    expect((await test.gitIn(worktree, 'rev-parse', 'HEAD')).trim()).toBe(tip);
  });

  it('keeps a detached HEAD detached', async () => {
    const worktree = await test.agent('builder');
    await test.gitIn(worktree, 'checkout', '-q', '--detach');
    await writeFile(join(worktree, 'src/a.ts'), 'detached\n');
    const { snapshot } = await keep('builder');
    expect(snapshot.branch).toBeNull();
    expect(await restore(snapshot.id, { into: 'new', folder: 'apart' })).toMatchObject({
      worktree: join(test.root, '.overstory/worktrees/apart'),
      branch: null,
    });
  });

  it('does not write under an agent that is in the middle of a turn', async () => {
    await test.agent('builder');
    const { snapshot } = await keep('builder');
    test.busy.add('builder');
    expect(await test.vault.restore({ id: snapshot.id, into: 'same', moveHead: false })).toMatchObject({
      ok: false,
      error: { tag: 'invalidState', message: expect.stringContaining('builder is in the middle of a turn') },
    });
    expect((await restore(snapshot.id, { into: 'new' })).written).toBe(0);
  });

  it('waits for nobody who holds the index, and says who', async () => {
    const worktree = await test.agent('builder');
    const { snapshot } = await keep('builder');
    const folder = (await test.gitIn(worktree, 'rev-parse', '--absolute-git-dir')).trim();
    await writeFile(join(folder, 'index.lock'), '');
    expect(await test.vault.restore({ id: snapshot.id, into: 'same', moveHead: false })).toMatchObject({
      ok: false,
      error: { tag: 'conflict', message: expect.stringContaining('index.lock') },
    });
  });

  it('of an unknown id, or one that means several, is one clear line', async () => {
    const worktree = await test.agent('builder');
    await keep('builder');
    await writeFile(join(worktree, 'x'), 'x');
    await keep('builder');
    const unknown = await test.vault.show('nothing');
    expect(unknown).toMatchObject({
      ok: false,
      error: { tag: 'notFound', message: 'there is no snapshot nothing: see "ov vault list"' },
    });
    expect(await test.vault.show('2026')).toMatchObject({ ok: false, error: { tag: 'validation' } });
  });
});

describe('comparing', () => {
  it('gives patches from HEAD, from now and from another snapshot, and keeps nothing for it', async () => {
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'new.txt'), 'one\n');
    const first = await keep('builder');
    await writeFile(join(worktree, 'new.txt'), 'two\n');
    const second = await keep('builder');
    await writeFile(join(worktree, 'new.txt'), 'three\n');
    const lines = async (id: string, from: string): Promise<string[]> => {
      const compared = await test.vault.diff(id, from);
      return compared.ok ? compared.value.patch.split('\n').filter((line) => /^[-+]\w/.test(line)) : [];
    };
    expect(await lines(first.snapshot.id, 'head')).toEqual(['+one']);
    expect(await lines(second.snapshot.id, first.snapshot.id)).toEqual(['-one', '+two']);
    expect(await lines(second.snapshot.id, 'now')).toEqual(['-three', '+two']);
    const listed = await test.vault.list('builder');
    expect(listed.ok && listed.value.map((view) => view.id).sort()).toEqual(
      [first.snapshot.id, second.snapshot.id].sort(),
    );
  });
});

describe('the clock', () => {
  it('keeps what agents changed since its last round, and starts nothing for those at rest', async () => {
    const active = await test.agent('active');
    const resting = await test.agent('resting');
    await writeFile(join(active, 'x'), '1');
    await writeFile(join(resting, 'x'), '1');
    test.clock.advance(1_000);
    test.touch('active');
    const agents = async () => {
      const listed = await test.vault.list();
      return listed.ok ? listed.value.map((view) => `${view.agentName} ${view.reason}`) : [];
    };
    await test.vault.tick();
    expect(await agents()).toEqual(['active interval']);
    await test.vault.tick();
    await writeFile(join(active, 'x'), '2');
    await test.vault.tick();
    expect(await agents()).toEqual(['active interval']);
    test.clock.advance(1_000);
    test.busy.add('active');
    await test.vault.tick();
    expect(await agents()).toEqual(['active interval', 'active interval']);
  });

  it('takes nothing of an agent without uncommitted work', async () => {
    await test.agent('builder');
    test.busy.add('builder');
    await test.vault.tick();
    expect(await test.vault.list()).toEqual({ ok: true, value: [] });
  });

  it('keeps no more than the limits allow, and tells of what leaves', async () => {
    const worktree = await test.agent('builder');
    test.limits = { ...test.limits, maxSnapshots: 3 };
    for (let round = 0; round < 5; round += 1) {
      test.clock.advance(60_000);
      await writeFile(join(worktree, 'x'), `${round}`);
      await keep('builder');
    }
    const listed = await test.vault.list();
    expect(listed.ok && listed.value).toHaveLength(3);
    expect((await test.git('for-each-ref', 'refs/overstory/vault/')).trim().split('\n')).toHaveLength(3);
    expect(test.events.filter((event) => event.action === 'drop')).toHaveLength(2);
    test.clock.advance(test.limits.maxAgeMs + 1);
    await writeFile(join(worktree, 'x'), 'newest');
    await keep('builder');
    const left = await test.vault.list();
    expect(left.ok && left.value).toHaveLength(1);
  });
});

describe('before a kill', () => {
  it('keeps uncommitted work, and a fault of git does not stand in its way', async () => {
    const worktree = await test.agent('builder');
    await writeFile(join(worktree, 'x'), '1');
    await test.vault.beforeKill('builder', 'stall');
    const listed = await test.vault.list('builder');
    expect(listed.ok && listed.value).toMatchObject([{ reason: 'kill', detail: 'stall', untracked: 1 }]);
    await rm(join(worktree, '.git'));
    await test.vault.beforeKill('builder', 'stall');
    await test.vault.beforeKill('nobody', 'stall');
  });
});
