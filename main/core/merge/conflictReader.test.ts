import { afterEach, describe, expect, it } from 'vitest';
import { ConflictList, FileConflict } from '../../../contract/conflicts.ts';
import { type ConflictSides, listConflicts, readConflict } from './conflictReader.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';

const opened: SampleRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repo) => repo.remove()));
});

type Files = Readonly<Record<string, string | Uint8Array | null>>;

async function parted(
  base: Readonly<Record<string, string | Uint8Array>>,
  ours: Files,
  theirs: Files,
): Promise<{ readonly repo: SampleRepository; readonly sides: ConflictSides }> {
  const repo = await sampleRepository(base);
  opened.push(repo);
  await repo.branch('work', theirs);
  await repo.commit(ours);
  const commit = async (name: string): Promise<string> => (await repo.run('rev-parse', name)).trim();
  return {
    repo,
    sides: {
      ours: { name: 'main', commit: await commit('main') },
      theirs: { name: 'work', commit: await commit('work') },
    },
  };
}

async function conflict(repo: SampleRepository, sides: ConflictSides, path: string): Promise<FileConflict> {
  const read = await readConflict(repo.git, sides, path);
  if (!read.ok) throw new Error(read.error.message);
  return FileConflict.parse(read.value);
}

const NUMBERS = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');

describe('what two commits conflict in', () => {
  it('is listed by file, each with the sides in words', async () => {
    const { repo, sides } = await parted(
      { 'a.txt': NUMBERS, 'gone.txt': 'x\n', 'bin.dat': new Uint8Array([0, 1, 2]) },
      {
        'a.txt': NUMBERS.replace('line 9', 'ours'),
        'gone.txt': null,
        'bin.dat': new Uint8Array([0, 1, 3]),
        'new.txt': 'o\n',
      },
      {
        'a.txt': NUMBERS.replace('line 9', 'theirs'),
        'gone.txt': 'y\n',
        'bin.dat': new Uint8Array([0, 9]),
        'new.txt': 't\n',
      },
    );
    const listed = await listConflicts(repo.git, sides);
    if (!listed.ok) throw new Error(listed.error.message);
    const { files, count, ...names } = ConflictList.parse(listed.value);
    expect([count, names]).toEqual([4, { ours: 'main', theirs: 'work' }]);
    expect(Object.fromEntries(files.map(({ path, kind, words }) => [path, [kind, words]]))).toEqual({
      'a.txt': ['content', 'Both sides changed the same lines'],
      'gone.txt': ['deleted', 'main removed it, work changed it'],
      'bin.dat': ['binary', expect.stringContaining('one of the two has to be chosen')],
      'new.txt': ['added', 'Both sides made this file, with different content'],
    });

    expect(await conflict(repo, sides, 'a.txt')).toMatchObject({
      has: { base: true, ours: true, theirs: true },
      hunkCount: 1,
      note: null,
      hunks: [
        {
          line: 10,
          before: ['line 6', 'line 7', 'line 8'],
          ours: { lines: ['ours'] },
          base: { lines: ['line 9'] },
          theirs: { lines: ['theirs'] },
        },
      ],
    });
    expect(await conflict(repo, sides, 'gone.txt')).toMatchObject({
      has: { base: true, ours: false, theirs: true },
      hunks: [{ ours: { count: 0 }, base: { lines: ['x'] }, theirs: { lines: ['y'] } }],
    });
    expect(await conflict(repo, sides, 'bin.dat')).toMatchObject({ hunks: [], note: expect.stringMatching(/no text/) });
    expect(await conflict(repo, sides, 'new.txt')).toMatchObject({
      has: { base: false },
      hunks: [{ ours: { lines: ['o'] } }],
    });
  });

  it('shows a file with marker lines of its own whole', async () => {
    const text = 'Title\n=======\nbody\n';
    const { repo, sides } = await parted(
      { 'a.md': text },
      { 'a.md': text.replace('body', 'ours') },
      { 'a.md': text.replace('body', 'theirs') },
    );
    const read = await conflict(repo, sides, 'a.md');
    expect(read.note).toMatch(/look like conflict markers/);
    expect(read.hunks).toMatchObject([{ ours: { lines: ['Title', '=======', 'ours'] } }]);
  });

  it('says of a file that does not conflict that it does not', async () => {
    const { repo, sides } = await parted({ 'a.txt': 'x\n' }, { 'b.txt': 'o\n' }, { 'c.txt': 't\n' });
    expect(await readConflict(repo.git, sides, 'a.txt')).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    expect(await listConflicts(repo.git, sides)).toMatchObject({ ok: true, value: { files: [], count: 0 } });
  });

  it('names renames and folders', async () => {
    const { repo, sides } = await parted(
      { 'old.txt': NUMBERS },
      { 'old.txt': null, 'ours.txt': NUMBERS },
      { 'old.txt': null, 'theirs.txt': NUMBERS },
    );
    const listed = await listConflicts(repo.git, sides);
    const files = listed.ok ? listed.value.files : [];
    expect(files.some(({ kind, words }) => kind === 'renamed' && /renamed in two ways/.test(words))).toBe(true);
    for (const { path } of files) expect((await conflict(repo, sides, path)).file.path).toBe(path);
  });
});
