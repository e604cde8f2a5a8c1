import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { pathExists } from '../util/files.ts';
import { acquireMergeLock, type MergeLock, mergeLockPath } from './mergeLock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const acquire = (target: string, waitMs = 0) => acquireMergeLock(target, { folder, clock: systemClock, waitMs });

async function held(target: string, waitMs = 0): Promise<MergeLock> {
  const lock = await acquire(target, waitMs);
  if (!lock.ok) throw new Error(lock.error.message);
  return lock.value;
}

/** Makes a lock file old enough that its content, readable or not, is final. */
async function plant(content: string): Promise<string> {
  const path = mergeLockPath(folder, 'main');
  await writeFile(path, content);
  await utimes(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  return path;
}

describe('path of the lock', () => {
  it.each([
    ['feature/bar', 'merge-feature-bar.lock'],
    ['feature\\bar', 'merge-feature-bar.lock'],
    ['ns:branch', 'merge-ns-branch.lock'],
    ['main', 'merge-main.lock'],
    ['develop_2', 'merge-develop_2.lock'],
    ['feature/x', 'merge-feature-x.lock'],
  ])('%s', (target, name) => {
    expect(mergeLockPath('/f', target)).toBe(join('/f', name));
  });
});

describe('taking and releasing', () => {
  it('writes who holds it, and release leaves nothing behind, twice too', async () => {
    const lock = await held('main');
    expect(JSON.parse(await readFile(lock.path, 'utf8'))).toMatchObject({
      pid: process.pid,
      targetBranch: 'main',
      acquiredAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await lock.release();
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('two targets do not touch each other', async () => {
    const main = await held('main');
    const develop = await held('develop');
    expect((await readdir(folder)).sort()).toEqual(['merge-develop.lock', 'merge-main.lock']);
    await main.release();
    await develop.release();
  });

  it('a late release does not remove the lock somebody else has taken since', async () => {
    const lock = await held('main');
    await writeFile(lock.path, '{"pid":1}');
    await lock.release();
    expect(await pathExists(lock.path)).toBe(true);
  });

  it('fails loudly when the folder does not exist', async () => {
    await expect(acquireMergeLock('main', { folder: join(folder, 'no'), clock: systemClock })).rejects.toThrow(
      'ENOENT',
    );
  });
});

describe('a lock that is there already', () => {
  it('of a live process is an error that says who, since when, for what and where', async () => {
    const path = await plant(
      JSON.stringify({ pid: process.pid, acquiredAt: '2026-01-01T00:00:00.000Z', targetBranch: 'main' }),
    );
    const lock = await acquire('main');
    expect(lock.ok).toBe(false);
    if (lock.ok) return;
    expect(lock.error.tag).toBe('merge');
    for (const part of [
      'Another ov merge is already running',
      'main',
      `pid ${process.pid}`,
      '2026-01-01T00:00:00.000Z',
      path,
    ]) {
      expect(lock.error.message).toContain(part);
    }
    expect(await pathExists(path)).toBe(true);
  });

  it('of a process we may not signal counts as live', async () => {
    // pid 1 belongs to somebody else unless the tests run as root; either way it is alive.
    await plant(JSON.stringify({ pid: 1, acquiredAt: 'x', targetBranch: 'main' }));
    expect((await acquire('main')).ok).toBe(false);
  });

  it.each([
    ['a dead pid', JSON.stringify({ pid: 2147483647, acquiredAt: 'x', targetBranch: 'main' })],
    ['no JSON', 'not json'],
    ['no pid', '{"targetBranch":"main"}'],
    ['a recycled pid', JSON.stringify({ pid: process.pid, acquiredAt: 'x', targetBranch: 'main', startTime: '1' })],
  ])('with %s is taken over', async (_name, content) => {
    await plant(content);
    const lock = await held('main');
    expect(JSON.parse(await readFile(lock.path, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is being written at this moment is not stolen', async () => {
    const path = mergeLockPath(folder, 'main');
    await writeFile(path, '');
    // However late the look at it comes: its time is ahead.
    await utimes(path, new Date(Date.now() + 600_000), new Date(Date.now() + 600_000));
    const lock = await acquire('main');
    expect(lock).toMatchObject({ ok: false, error: { message: expect.stringContaining('try again') } });
  });

  it('is waited for', async () => {
    const first = await held('main');
    const second = held('main', 5_000);
    await first.release();
    await (await second).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a process that was killed is taken over by exactly one of many at once', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    for (let round = 0; round < 20; round += 1) {
      await plant(JSON.stringify({ pid: child.pid, acquiredAt: 'x', targetBranch: 'main' }));
      const locks = await Promise.all(Array.from({ length: 12 }, () => acquire('main')));
      const taken = locks.filter((lock) => lock.ok);
      expect(taken).toHaveLength(1);
      for (const lock of taken) await lock.value.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('is taken over although another process was killed while taking it over', async () => {
    const path = await plant('not json');
    await writeFile(`${path}.takeover`, '1');
    await utimes(`${path}.takeover`, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    await (await held('main')).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
