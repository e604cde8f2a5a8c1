import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { startProcess } from '../db/testing/processes.ts';
import { openTurnLocks, type TurnLockOptions, type TurnLocks, turnLocksPath } from './turnLock.ts';
import { openTurnLockStore } from './turnLockStore.ts';

const HOLDER = join(import.meta.dirname, 'turnLockHolder.testProcess.ts');

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.dispose());

const open = (options?: TurnLockOptions): TurnLocks => folder.keep(must(openTurnLocks(folder.path, options)));

/** Writes the row of a holder of another program, which knows nothing of start times. */
function holdAs(pid: number, agentName = 'builder-1'): void {
  const raw = new Database(turnLocksPath(folder.path));
  raw
    .prepare('INSERT OR REPLACE INTO turn_locks (agent_name, held_by_pid, acquired_at) VALUES (?, ?, ?)')
    .run(agentName, pid, '2026-01-01T00:00:00.000Z');
  raw.close();
}

describe('turn lock', () => {
  it('L1: the row names the holder while it is held; releasing twice is harmless', async () => {
    const locks = open();
    expect(locks.read('builder-1')).toEqual({ heldByPid: null, acquiredAt: null });
    const lease = must(await locks.acquire('builder-1'));
    const held = locks.read('builder-1');
    expect(held.heldByPid).toBe(process.pid);
    expect(Math.abs(Date.parse(held.acquiredAt ?? '') - Date.now())).toBeLessThan(60_000);
    lease.release();
    expect(locks.read('builder-1')).toEqual({ heldByPid: null, acquiredAt: null });
    const next = must(await locks.acquire('builder-1'));
    lease.release();
    expect(locks.read('builder-1').heldByPid).toBe(process.pid);
    next.release();
  });

  it('L2: two turns of one agent never overlap, and come in order of asking', async () => {
    const one = open();
    const other = open();
    const steps: string[] = [];
    const turn = async (locks: TurnLocks, name: string, ms: number): Promise<void> => {
      const lease = must(await locks.acquire('builder-1'));
      steps.push(`${name} in`);
      await delay(ms);
      steps.push(`${name} out`);
      lease.release();
    };
    await Promise.all([turn(one, 'a', 100), turn(other, 'b', 50), turn(one, 'c', 1)]);
    expect(steps).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('L3, SP99: different agents hold their locks at the same time', async () => {
    const locks = open();
    const leases = await Promise.all(['a', 'b', 'c'].map((name) => locks.acquire(name)));
    for (const name of ['a', 'b', 'c']) expect(locks.read(name).heldByPid).toBe(process.pid);
    for (const lease of leases) must(lease).release();
  });

  it('L4, SP99: a dead holder loses the lock, and its late release does not free the new one', async () => {
    const elsewhere = folder.keep(must(openTurnLockStore(turnLocksPath(folder.path))));
    expect(elsewhere.tryAcquire('builder-1', { pid: 111_111, startTime: null }, null)).toBeNull();
    const locks = open({ isAlive: (pid) => pid !== 111_111 });
    const lease = must(await locks.acquire('builder-1'));
    expect(locks.read('builder-1').heldByPid).toBe(process.pid);
    elsewhere.release('builder-1', 111_111);
    expect(locks.read('builder-1').heldByPid).toBe(process.pid);
    lease.release();
  });

  it('L5, SP99: a living holder of another process is waited for until the timeout', async () => {
    const locks = open({ timeoutMs: 200, pollMs: 25, isAlive: () => true });
    holdAs(999_999);
    const started = performance.now();
    const refused = await locks.acquire('builder-1');
    expect(performance.now() - started).toBeGreaterThanOrEqual(150);
    expect(refused).toMatchObject({
      ok: false,
      error: { tag: 'timeout', message: 'turn-lock: timed out after 200ms acquiring lock for "builder-1"' },
    });
    // The place in the process's queue was given up: the next one gets in as soon as the row is free.
    holdAs(0);
    must(await open({ isAlive: () => false }).acquire('builder-1')).release();
  });

  it('L6, SP99: a row that names the own pid is taken again', async () => {
    const locks = open({ timeoutMs: 100 });
    holdAs(process.pid);
    must(await locks.acquire('builder-1')).release();
  });

  it('L7: the file is turn-locks.db', () => {
    open();
    expect(turnLocksPath(folder.path)).toBe(join(folder.path, 'turn-locks.db'));
    expect(existsSync(join(folder.path, 'turn-locks.db'))).toBe(true);
  });

  it.each([
    ['another start time: the pid was recycled, the lock is free', '500', true],
    ['the same start time: the holder lives', '900', false],
    ['no start time, as the reference writes none: a living pid holds', null, false],
  ])('a living pid with %s', async (_name, startTime, free) => {
    const elsewhere = folder.keep(must(openTurnLockStore(turnLocksPath(folder.path))));
    elsewhere.tryAcquire('builder-1', { pid: 111_111, startTime }, null);
    const locks = open({ timeoutMs: 60, pollMs: 10, isAlive: () => true, startTimeOf: async () => '900' });
    const acquired = await locks.acquire('builder-1');
    expect(acquired.ok).toBe(free);
    if (acquired.ok) acquired.value.release();
  });

  it('a start time of an earlier claim is not held against a later holder', async () => {
    const elsewhere = folder.keep(must(openTurnLockStore(turnLocksPath(folder.path))));
    elsewhere.tryAcquire('builder-1', { pid: 111_111, startTime: '500' }, null);
    holdAs(111_111);
    const locks = open({ timeoutMs: 60, pollMs: 10, isAlive: () => true, startTimeOf: async () => '900' });
    expect((await locks.acquire('builder-1')).ok).toBe(false);
  });

  it('says in one line what keeps the file from being opened', () => {
    expect(openTurnLocks(folder.file('missing'))).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
  });
});

describe('turn lock over processes', () => {
  it('a second process waits for the first and gets the lock when it is released', async () => {
    const locks = open({ pollMs: 5 });
    const lease = must(await locks.acquire('builder-1'));
    const other = startProcess(HOLDER, [folder.path, 'builder-1', '20000']);
    await other.line('asking');
    await delay(100);
    expect(locks.read('builder-1').heldByPid).toBe(process.pid);
    lease.release();
    await other.line('held');
    expect(locks.read('builder-1').heldByPid).toBe(other.pid);
    other.child.stdin?.end();
    expect((await other.ended).code).toBe(0);
    expect(locks.read('builder-1').heldByPid).toBeNull();
  });

  it('a killed process loses its lock at once', async () => {
    const locks = open({ pollMs: 5, timeoutMs: 5_000 });
    const other = startProcess(HOLDER, [folder.path, 'builder-1', '1000']);
    await other.line('held');
    expect(locks.read('builder-1').heldByPid).toBe(other.pid);
    await other.kill();
    const lease = must(await locks.acquire('builder-1'));
    expect(locks.read('builder-1').heldByPid).toBe(process.pid);
    lease.release();
  });
});
