import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Clock } from '../../platform/clock.ts';
import { isAlive, processStartTime } from '../../platform/processes.ts';
import { type LockHolder, type LockRow, openTurnLockStore } from './turnLockStore.ts';

/** Milliseconds between two looks at a lock another process holds (spec 01 §2.3). */
const POLL_MS = 50;
/** Milliseconds until waiting for another process is given up (spec 01 §2.3). */
const TIMEOUT_MS = 60_000;

/** The right to run a turn of one agent. */
export interface TurnLease {
  /** Gives it back; calling again does nothing. */
  release(): void;
}

/** One turn per agent at any time, over all processes of a project (spec 01 §2.3). */
export interface TurnLocks {
  /**
   * Waits for the agent's turn: within this process in order of asking, without limit; then for other processes, at
   * most the timeout (`timeout` error). Different agents never wait for each other.
   */
  acquire(agentName: string): Promise<Result<TurnLease>>;
  /** Who holds the lock now. */
  read(agentName: string): LockRow;
  close(): void;
}

export interface TurnLockOptions {
  readonly pid?: number;
  readonly clock?: Clock;
  readonly pollMs?: number;
  readonly timeoutMs?: number;
  readonly isAlive?: (pid: number) => boolean;
  readonly startTimeOf?: (pid: number) => Promise<string | null>;
}

/** Path of the lock file's database. */
export function turnLocksPath(overstoryDirectory: string): string {
  return join(overstoryDirectory, 'turn-locks.db');
}

/**
 * The in-process queue: last waiter by file and agent. It belongs to the process, not to one opened object, since every
 * dispatcher of the process must stand in the same queue (spec 01 §2.11).
 */
const queues = new Map<string, Promise<void>>();

/** Takes a place in a queue; resolves when it is this caller's turn, with the function that lets the next one in. */
async function enter(key: string): Promise<() => void> {
  const previous = queues.get(key) ?? Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const tail = previous.then(() => promise);
  queues.set(key, tail);
  await previous;
  return () => {
    if (queues.get(key) === tail) queues.delete(key);
    resolve();
  };
}

/** Opens the turn locks of a `.overstory` folder. */
export function openTurnLocks(overstoryDirectory: string, options: TurnLockOptions = {}): Result<TurnLocks> {
  const path = turnLocksPath(overstoryDirectory);
  const opened = openTurnLockStore(path, options.clock === undefined ? {} : { clock: options.clock });
  if (!opened.ok) return opened;
  const store = opened.value;
  const pid = options.pid ?? process.pid;
  const alive = options.isAlive ?? isAlive;
  const startTimeOf = options.startTimeOf ?? processStartTime;
  const pollMs = options.pollMs ?? POLL_MS;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;

  /** A pid that exists but belongs to a younger process is a recycled one: its holder is gone. */
  async function isGone(holder: LockHolder): Promise<boolean> {
    if (!alive(holder.pid)) return true;
    if (holder.startTime === null) return false;
    // None: a zombie, which still has a pid until its parent looks and holds nothing any more.
    return (await startTimeOf(holder.pid)) !== holder.startTime;
  }

  async function acquireRow(agentName: string): Promise<boolean> {
    const owner = { pid, startTime: await startTimeOf(pid) };
    const deadline = performance.now() + timeoutMs;
    let dead: LockHolder | null = null;
    for (;;) {
      const holder = store.tryAcquire(agentName, owner, dead);
      if (holder === null) return true;
      if (await isGone(holder)) {
        dead = holder;
        continue;
      }
      if (performance.now() >= deadline) return false;
      await delay(Math.min(pollMs, Math.max(1, deadline - performance.now())));
    }
  }

  return ok({
    async acquire(agentName) {
      const leave = await enter(`${resolve(path)}\0${agentName}`);
      let taken = false;
      try {
        taken = await acquireRow(agentName);
      } finally {
        if (!taken) leave();
      }
      if (!taken) {
        return fail('timeout', `turn-lock: timed out after ${timeoutMs}ms acquiring lock for "${agentName}"`, {
          data: { agentName, ...store.read(agentName) },
        });
      }
      let released = false;
      return ok({
        release() {
          if (released) return;
          released = true;
          try {
            store.release(agentName, pid);
          } catch {
            // The row then still names this pid: this process takes it again as its own, others once it has ended.
          }
          leave();
        },
      });
    },
    read: (agentName) => store.read(agentName),
    close: () => store.close(),
  });
}
