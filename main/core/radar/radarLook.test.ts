import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Git } from '../git/git.ts';
import { type SampleRepository, sampleRepository } from '../merge/sampleRepository.ts';
import { createRadarLook, type RadarLook, type RadarMatrix, type Watched } from './radarLook.ts';

const LIMITS = { maxFileBytes: 1_000_000, maxUntrackedBytes: 4_000_000 };
const lines = (change: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: 12 }, (_, index) => `${change[index] ?? `line ${index}`}\n`).join('');

let repo: SampleRepository;
let radar: RadarLook;
let spawned: string[];
let git: Git;

beforeEach(async () => {
  repo = await sampleRepository({ 'a.txt': lines(), 'b.txt': lines(), 'dir/c.txt': lines(), 'log.jsonl': '1\n' });
  spawned = [];
  git = (args, options) => {
    spawned.push(args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c') ?? '');
    return repo.git(args, options);
  };
  radar = createRadarLook({ git, scratch: join(repo.overstory, 'radar'), limits: () => LIMITS });
});
afterEach(async () => {
  await radar.close();
  await repo.remove();
});

async function worktree(name: string, from = 'main'): Promise<Watched> {
  const path = join(repo.overstory, 'worktrees', name);
  await repo.run('worktree', 'add', '--quiet', '-b', `work/${name}`, path, from);
  return { name, path };
}

const write = (where: Watched, path: string, content: string | Uint8Array): Promise<void> =>
  writeFile(join(where.path, path), content);

async function commit(where: Watched, message = 'work'): Promise<void> {
  await repo.run('-C', where.path, 'add', '--all');
  await repo.run('-C', where.path, 'commit', '--quiet', '-m', message);
}

async function look(watched: readonly Watched[], changed: readonly string[] = []): Promise<RadarMatrix> {
  spawned.length = 0;
  const looked = await radar.look(watched, new Set(changed), 'main');
  if (!looked.ok) throw new Error(looked.error.message);
  return looked.value;
}

const shown = (matrix: RadarMatrix): readonly string[] =>
  matrix.pairs.map(
    ({ one, other, conflicts }) =>
      `${one}/${other ?? 'target'}: ${conflicts.map(({ path, kind }) => `${path} ${kind}`).join(', ')}`,
  );

describe('predicted conflicts between worktrees', () => {
  it('sees uncommitted work: edited, staged, new, deleted and renamed files', async () => {
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    await write(ada, 'a.txt', lines({ 3: 'ada' }));
    await write(bob, 'a.txt', lines({ 3: 'bob' }));
    await write(ada, 'new.txt', 'of ada\n');
    await write(bob, 'new.txt', 'of bob\n');
    await rm(join(ada.path, 'b.txt'));
    await write(bob, 'b.txt', lines({ 1: 'bob' }));
    await repo.run('-C', bob.path, 'add', 'b.txt');
    const before = await repo.run('-C', bob.path, 'status', '--porcelain');
    const matrix = await look([ada, bob]);
    expect(shown(matrix)).toEqual(['ada/bob: a.txt content, b.txt deleted, new.txt added']);
    expect(matrix.worktrees.map(({ name, uncommitted, merged }) => [name, uncommitted, merged])).toEqual([
      ['ada', 3, false],
      ['bob', 3, false],
    ]);
    expect(await repo.run('-C', bob.path, 'status', '--porcelain')).toBe(before);
  });

  it('leaves nothing in the repository: no ref, no object', async () => {
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    await write(ada, 'a.txt', lines({ 3: 'ada' }));
    await write(bob, 'a.txt', lines({ 3: 'bob' }));
    const refs = await repo.run('for-each-ref');
    const objects = await repo.run('count-objects', '-v');
    expect((await look([ada, bob])).pairs).toHaveLength(1);
    expect(await repo.run('for-each-ref')).toBe(refs);
    expect(await repo.run('count-objects', '-v')).toBe(objects);
  });

  it('tells conflicts with the target branch, and what is merged already is out of it', async () => {
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    const cyd = await worktree('cyd');
    await write(ada, 'a.txt', lines({ 3: 'ada' }));
    await commit(ada);
    await write(bob, 'b.txt', lines({ 3: 'bob' }));
    await commit(bob);
    await repo.run('merge', '--quiet', '--no-edit', 'work/bob');
    await repo.commit({ 'a.txt': lines({ 3: 'main' }) });
    const matrix = await look([ada, bob, cyd]);
    expect(shown(matrix)).toEqual(['ada/target: a.txt content']);
    expect(matrix.worktrees.map(({ name, merged, changed }) => [name, merged, changed.all.size])).toEqual([
      ['ada', false, 1],
      ['bob', true, 0],
      ['cyd', true, 0],
    ]);
  });

  it('asks git only about pairs that have something in common, and about nothing twice', async () => {
    const all = [await worktree('ada'), await worktree('bob'), await worktree('cyd')];
    const [ada, bob, cyd] = all;
    if (ada === undefined || bob === undefined || cyd === undefined) throw new Error('made above');
    await write(ada, 'a.txt', lines({ 3: 'ada' }));
    await write(bob, 'a.txt', lines({ 9: 'bob' }));
    await write(cyd, 'dir/c.txt', lines({ 3: 'cyd' }));
    const first = await look(all);
    expect(shown(first)).toEqual([]);
    expect(first.mergedPairs).toBe(1);

    const idle = await look(all);
    expect(idle.mergedPairs).toBe(0);
    expect(spawned).not.toContain('status');
    expect(spawned).not.toContain('merge-tree');

    await write(cyd, 'a.txt', lines({ 3: 'cyd' }));
    const third = await look(all, ['cyd']);
    expect(shown(third)).toEqual(['ada/cyd: a.txt content']);
    expect(third.mergedPairs).toBe(2);
    expect(spawned.filter((name) => name === 'status')).toHaveLength(1);
    expect(spawned.filter((name) => name === 'merge-tree')).toHaveLength(1);

    // A commit of the same files is the same tree: nothing is merged again.
    await commit(cyd);
    const fourth = await look(all, ['cyd']);
    expect(shown(fourth)).toEqual(['ada/cyd: a.txt content']);
    expect(fourth.mergedPairs).toBe(0);
  });

  it('a new file in a folder the other one renames is asked about', async () => {
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    await repo.run('-C', ada.path, 'mv', 'dir', 'folder');
    await write(bob, 'dir/new.txt', 'new\n');
    expect(shown(await look([ada, bob]))).toEqual(['ada/bob: folder/new.txt folder']);
  });

  it('branches cut from each other and criss-cross histories are compared from where they parted', async () => {
    const lead = await worktree('lead');
    await write(lead, 'a.txt', lines({ 3: 'lead' }));
    await commit(lead);
    const ada = await worktree('ada', 'work/lead');
    const bob = await worktree('bob', 'work/lead');
    await write(ada, 'b.txt', lines({ 3: 'ada' }));
    await commit(ada);
    await write(bob, 'b.txt', lines({ 8: 'bob' }));
    await commit(bob);
    expect(shown(await look([lead, ada, bob]))).toEqual([]);
    const [oneTip, otherTip] = [await repo.run('rev-parse', 'work/ada'), await repo.run('rev-parse', 'work/bob')];
    await repo.run('-C', ada.path, 'merge', '--quiet', '--no-edit', otherTip.trim());
    await repo.run('-C', bob.path, 'merge', '--quiet', '--no-edit', oneTip.trim());
    await write(ada, 'dir/c.txt', lines({ 1: 'ada' }));
    await write(bob, 'dir/c.txt', lines({ 1: 'bob' }));
    expect(shown(await look([lead, ada, bob], ['ada', 'bob']))).toEqual(['ada/bob: dir/c.txt content']);
  });

  it('line ends the project converts are no difference, and binaries, links and modes are told by kind', async () => {
    await repo.commit({ '.gitattributes': '*.txt text eol=lf\n', 'x.bin': Uint8Array.from([0, 1]) });
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    await write(ada, 'a.txt', lines({ 3: 'ada' }).replaceAll('\n', '\r\n'));
    await write(bob, 'a.txt', lines({ 9: 'bob' }));
    await write(ada, 'x.bin', Uint8Array.from([0, 2]));
    await write(bob, 'x.bin', Uint8Array.from([0, 3]));
    expect(shown(await look([ada, bob]))).toEqual(['ada/bob: x.bin binary']);
  });

  it('names git has to quote, and untracked files that are too large, are no trouble', async () => {
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    const name = 'é "quoted"\tname.txt';
    await write(ada, name, 'ada\n');
    await write(bob, name, 'bob\n');
    await write(ada, 'dump.bin', new Uint8Array(1_500_000));
    expect(shown(await look([ada, bob]))).toEqual([`ada/bob: ${name} added`]);
  });

  it('a worktree that is gone says so and spoils nothing for the others', async () => {
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    const gone = { name: 'gone', path: join(repo.overstory, 'worktrees', 'gone') };
    await write(ada, 'a.txt', lines({ 3: 'ada' }));
    await write(bob, 'a.txt', lines({ 3: 'bob' }));
    const matrix = await look([ada, gone, bob]);
    expect(shown(matrix)).toEqual(['ada/bob: a.txt content']);
    expect(matrix.worktrees.find(({ name }) => name === 'gone')?.problem).not.toBeNull();
  });

  it('a git without merging from standard input is asked pair by pair, with the same answer', async () => {
    const old: Git = async (args, options) =>
      args.includes('merge-tree') && args.includes('--stdin')
        ? { code: 129, stdout: '', stderr: "error: unknown option `stdin'\nusage: git merge-tree" }
        : repo.git(args, options);
    const slow = createRadarLook({ git: old, scratch: join(repo.overstory, 'slow'), limits: () => LIMITS });
    const ada = await worktree('ada');
    const bob = await worktree('bob');
    await write(ada, 'a.txt', lines({ 3: 'ada' }));
    await write(bob, 'a.txt', lines({ 3: 'bob' }));
    await rm(join(ada.path, 'b.txt'));
    await write(bob, 'b.txt', lines({ 2: 'bob' }));
    const looked = await slow.look([ada, bob], new Set(), 'main');
    if (!looked.ok) throw new Error(looked.error.message);
    expect(shown(looked.value)).toEqual(shown(await look([ada, bob])));
    await slow.close();
  });
});
