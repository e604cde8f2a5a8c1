import { randomBytes } from 'node:crypto';
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import { isAlive, processStartTime } from '../../platform/processes.ts';
import { isMissing, pathExists } from '../util/files.ts';

/** Milliseconds another process's live lock is waited for: a merge with hooks takes seconds, not minutes. */
const WAIT_MS = 60_000;
/** Milliseconds between two looks at it. */
const POLL_MS = 100;
/** Milliseconds an unreadable lock file is left alone: the reference creates the file first and writes it afterwards. */
const UNREADABLE_GRACE_MS = 500;
/** Milliseconds between two looks while somebody else removes a stale lock, which takes less than one. */
const TAKEOVER_POLL_MS = 10;
/** Milliseconds after which whoever was removing a stale lock must have been killed. */
const TAKEOVER_ABANDONED_MS = 5_000;

export interface MergeLockOptions {
  /** Absolute path of `.overstory`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly waitMs?: number;
}

/** A held lock. Releasing twice is harmless, and never removes a lock somebody else has taken since. */
export interface MergeLock {
  readonly path: string;
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly acquiredAt: string;
  readonly startTime: string | null;
}

/** Path of the sentinel: `/`, `\` and `:` of the branch become `-` (spec 02 §2.3), so `feature/x` and `feature-x` share one. */
export function mergeLockPath(folder: string, target: string): string {
  return join(folder, `merge-${target.replace(/[/\\:]/g, '-')}.lock`);
}

/**
 * Takes the sentinel lock of a target branch (spec 02 §2.3). A lock whose process is gone, whose pid now belongs to a
 * process started later, or whose file cannot be read is taken over; a live one is waited for, then an error names its
 * holder. Any other file error is thrown.
 */
export async function acquireMergeLock(
  target: string,
  options: MergeLockOptions,
): Promise<Result<MergeLock, CallError>> {
  const path = mergeLockPath(options.folder, target);
  const content = JSON.stringify({
    pid: process.pid,
    acquiredAt: timestamp(options.clock.now()),
    targetBranch: target,
    // Ours: together with the pid this names the process for good. The reference ignores it.
    startTime: await processStartTime(process.pid),
    token: randomBytes(8).toString('hex'),
  });
  const deadline = performance.now() + (options.waitMs ?? WAIT_MS);
  for (;;) {
    if (await createExclusive(path, content)) return ok(lockAt(path, content));
    const found = await readLock(path);
    if (found === null) continue;
    const verdict = await judge(path, found);
    if (verdict.kind === 'dead') {
      await takeOver(path, found);
      continue;
    }
    if (performance.now() < deadline) {
      await sleep(POLL_MS);
      continue;
    }
    if (verdict.kind === 'unreadable') {
      return fail('merge', `Another process is taking the merge lock ${path} at this moment; try again`);
    }
    return fail(
      'merge',
      `Another ov merge is already running into ${target} (pid ${verdict.holder.pid}, since ${verdict.holder.acquiredAt}); wait for it, or remove ${path} if it is not`,
      { data: { pid: verdict.holder.pid, lockPath: path, target } },
    );
  }
}

type Verdict =
  | { readonly kind: 'dead' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'live'; readonly holder: Holder };

async function judge(path: string, content: string): Promise<Verdict> {
  const holder = parseHolder(content);
  if (holder === null) return (await ageOf(path)) < UNREADABLE_GRACE_MS ? { kind: 'unreadable' } : { kind: 'dead' };
  if (!isAlive(holder.pid)) return { kind: 'dead' };
  if (holder.startTime === null) return { kind: 'live', holder };
  const startTime = await processStartTime(holder.pid);
  if (startTime !== null) return startTime === holder.startTime ? { kind: 'live', holder } : { kind: 'dead' };
  // No start time: a readable entry means a zombie, which is gone; a hidden one cannot be told, so the living pid counts.
  return (await pathExists(`/proc/${holder.pid}/stat`)) ? { kind: 'dead' } : { kind: 'live', holder };
}

/** Creates the file with its whole content in one step, so that nobody ever reads half of it. False when it exists. */
async function createExclusive(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(temporary, content, { flag: 'wx' });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

/**
 * Removes a stale lock, if it still is the one that was judged. Only the holder of a second, short-lived file may do so:
 * without it, two processes that judged the same stale lock could each remove and replace it, and both would hold it.
 */
async function takeOver(path: string, stale: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await createExclusive(guard, String(process.pid)))) {
    if ((await ageOf(guard)) > TAKEOVER_ABANDONED_MS) await removeIfPresent(guard);
    else await sleep(TAKEOVER_POLL_MS);
    return;
  }
  try {
    if ((await readLock(path)) === stale) await removeIfPresent(path);
  } finally {
    await removeIfPresent(guard);
  }
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function lockAt(path: string, content: string): MergeLock {
  let held = true;
  return {
    path,
    async release() {
      if (!held) return;
      held = false;
      try {
        if ((await readFile(path, 'utf8')) === content) await unlink(path);
      } catch {
        // Gone or unreadable: either way there is nothing of ours left to remove (spec 02 §2.3, release ignores errors).
      }
    },
  };
}

async function readLock(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function parseHolder(content: string): Holder | null {
  try {
    const value = JSON.parse(content) as { pid?: unknown; acquiredAt?: unknown; startTime?: unknown } | null;
    if (typeof value?.pid !== 'number') return null;
    return {
      pid: value.pid,
      acquiredAt: typeof value.acquiredAt === 'string' ? value.acquiredAt : 'an unknown time',
      startTime: typeof value.startTime === 'string' ? value.startTime : null,
    };
  } catch {
    // Not JSON: the lock says nothing about its holder, which counts as stale (spec 02 §2.3).
    return null;
  }
}
