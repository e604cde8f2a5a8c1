import { stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMissing } from '../util/files.ts';
import { gitProcessesIn } from './orphans.ts';
import { gitPath } from './repositoryState.ts';
import type { MergeSite } from './site.ts';

/** Milliseconds a lock must be old: git holds these for a few, so an older one without a git belongs to nobody. */
const STALE_MS = 1_000;
/** Milliseconds between two looks. */
const POLL_MS = 100;
/** Milliseconds a git that works in the checkout is waited for. */
const BUSY_WAIT_MS = 5_000;

/**
 * Removes the lock files a killed git has left, which would stop every later git in the checkout. One is removed only
 * when it is older than a second and no git process works in the checkout; those that remain are given back.
 */
export async function removeStaleGitLocks(site: MergeSite, target: string): Promise<readonly string[]> {
  const names = ['index', 'HEAD', 'ORIG_HEAD', `refs/heads/${target}`];
  const left: string[] = [];
  for (const name of names) {
    const path = await gitPath(site.git, site.root, `${name}.lock`);
    if (!(await removeWhenStale(path, site))) left.push(path);
  }
  return left;
}

/** True when the file is gone. */
async function removeWhenStale(path: string, { root, overstory }: MergeSite): Promise<boolean> {
  const deadline = performance.now() + BUSY_WAIT_MS;
  for (;;) {
    const age = await ageOf(path);
    if (age === null) return true;
    // Null: this system does not show its processes, so nobody can tell whose lock it is.
    const busy = await gitProcessesIn(root, overstory);
    if (busy === null) return false;
    if (age >= STALE_MS && busy === 0) {
      await unlink(path);
      return true;
    }
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
}

async function ageOf(path: string): Promise<number | null> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
