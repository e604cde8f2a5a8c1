import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitProbe } from './gitProbe.ts';
import { childrenOf, type ProcessSample, parsePsLine, parseStat, readProcesses, treeOf } from './processTable.ts';
import { ProcessWatch } from './processWatch.ts';

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probes-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('git probe', () => {
  async function repository(): Promise<string> {
    const root = join(folder, 'repo');
    await mkdir(root);
    const git = (...args: string[]) =>
      run('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args], { cwd: root });
    await git('init', '-q');
    await writeFile(join(root, 'a.txt'), 'a');
    await git('add', '.');
    await git('commit', '-qm', 'start');
    await git('worktree', 'add', '-q', join(folder, 'tree'), '-b', 'b');
    return join(folder, 'tree');
  }

  it('sees commits, the index and files of a linked worktree by their times alone', async () => {
    const tree = await repository();
    const probe = createGitProbe();
    const first = await probe.look(tree, 100);
    expect(first).not.toBeNull();
    const later = Date.now() / 1_000 + 100;
    await writeFile(join(tree, 'a.txt'), 'b');
    await utimes(join(tree, 'a.txt'), later, later);
    expect((await probe.look(tree, 100))?.filesAt).toBeCloseTo(later * 1_000, -1);
    // Without a budget files are not looked at.
    expect((await probe.look(tree, 0))?.filesAt).toBe(0);
    await run('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qam', 'two'], { cwd: tree });
    const after = await probe.look(tree, 0);
    expect(after?.headAt).toBeGreaterThanOrEqual(first?.headAt ?? 0);
    expect(after?.indexAt).toBeGreaterThan(first?.indexAt ?? 0);
  });

  it('looks at no more files than it may, and not into folders that are no work', async () => {
    const tree = await repository();
    const later = Date.now() / 1_000 + 500;
    await mkdir(join(tree, 'node_modules'));
    await writeFile(join(tree, 'node_modules', 'x.js'), '');
    await utimes(join(tree, 'node_modules', 'x.js'), later, later);
    expect((await createGitProbe().look(tree, 1_000))?.filesAt).toBeLessThan(later * 1_000);
  });

  it('a worktree that is gone is unknown, and known again when it is back', async () => {
    const probe = createGitProbe();
    expect(await probe.look(join(folder, 'tree'), 10)).toBeNull();
    expect(await probe.look(await repository(), 10)).not.toBeNull();
  });
});

describe('process table', () => {
  it('reads names with spaces and parentheses, and takes zombies for gone', () => {
    const tail = 'S 7 12 11 0 -1 0 0 0 0 0 5 3 2 1 20 0 1 0 4711 0 0';
    expect(parseStat(`12 (a (b) c) ${tail}`)).toEqual({
      pid: 12,
      parent: 7,
      session: 11,
      startTime: '4711',
      ticks: 11,
    });
    expect(parseStat(`12 (x) ${tail.replace('S', 'Z')}`)).toBeNull();
    expect(parseStat(`12 (x) ${tail.replace('S', 'T')}`)).toMatchObject({ pid: 12, stopped: true });
    expect(parseStat('')).toBeNull();
  });
  it('reads what ps prints elsewhere', () => {
    expect(parsePsLine('  12     7 Ss   1-02:03:04.50 Mon Nov 23 10:00:00 2026')).toEqual({
      pid: 12,
      parent: 7,
      session: 0,
      startTime: 'Mon Nov 23 10:00:00 2026',
      ticks: 9_378_450,
    });
    expect(parsePsLine('12 7 T+ 0:00.00 Mon')).toMatchObject({ pid: 12, stopped: true });
    expect(parsePsLine('12 7 Z 0:00.00 Mon')).toBeNull();
  });
  it('finds a real child, and that it works', async () => {
    const child = spawn(process.execPath, [
      '-e',
      'setInterval(() => { const end = Date.now() + 40; while (Date.now() < end); }, 50)',
    ]);
    try {
      const watch = new ProcessWatch();
      const look = async () => {
        const table = await readProcesses();
        if (table === null) throw new Error('no process table');
        const tree = treeOf(process.pid, table, childrenOf(table));
        return { found: tree.some((sample) => sample.pid === child.pid), change: watch.look(tree, performance.now()) };
      };
      await expect.poll(async () => (await look()).found).toBe(true);
      await expect.poll(async () => (await look()).change.childBusy).toBe(true);
    } finally {
      child.kill('SIGKILL');
    }
  });
  it('a pid that was given to another process is a stranger', () => {
    const watch = new ProcessWatch();
    const sample = (startTime: string): ProcessSample => ({ pid: 9, parent: 1, session: 9, startTime, ticks: 1 });
    watch.look([sample('one')], 0);
    expect(watch.isStranger(sample('one'))).toBe(false);
    expect(watch.isStranger(sample('two'))).toBe(true);
  });
  it('a little use of the processor is idling: runtimes tick even when they hang', () => {
    const watch = new ProcessWatch();
    const sample = (ticks: number): ProcessSample => ({ pid: 9, parent: 1, session: 9, startTime: 's', ticks });
    watch.look([sample(100)], 0);
    expect(watch.look([sample(110)], 30_000).busy).toBe(false);
    expect(watch.look([sample(130)], 60_000).busy).toBe(true);
  });
});
