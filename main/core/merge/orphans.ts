import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInside } from '../util/files.ts';
import { MERGE_CHECK_VARIABLE, MERGE_ID_VARIABLE } from './site.ts';

/** Milliseconds between two looks at the process table. */
const POLL_MS = 100;

/** Parts of git that work on in the background after a merge is done and change no file of the checkout. */
const BACKGROUND = new Set(['gc', 'maintenance', 'fsmonitor--daemon', 'repack', 'pack-objects', 'prune']);

/**
 * Waits until no git process of a merge runs any more: `kill -9` of an engine leaves its git behind, which goes on to
 * change the checkout and commit. Gives the pids still running after `waitMs` milliseconds; none where the system has
 * no /proc.
 */
export async function waitForOrphans(mergeId: string, waitMs: number): Promise<readonly number[]> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const pids = await orphansOf(mergeId);
    if (pids.length === 0 || performance.now() >= deadline) return pids;
    await sleep(POLL_MS);
  }
}

/**
 * Ends what a merge of a killed engine still checks or asks: gates, hooks and models, each known by the marker in its
 * environment. Nothing waits for their answers any more.
 */
export async function endLeftOverChecks(mergeId: string): Promise<void> {
  const wanted = `${MERGE_CHECK_VARIABLE}=${mergeId}`;
  for (const name of await processFolders()) {
    if (!(await readProcessFile(name, 'environ')).includes(wanted)) continue;
    try {
      process.kill(Number(name), 'SIGKILL');
    } catch {
      // It ended in this very moment.
    }
  }
}

async function orphansOf(mergeId: string): Promise<number[]> {
  const wanted = `${MERGE_ID_VARIABLE}=${mergeId}`;
  const pids: number[] = [];
  for (const name of await processFolders()) {
    const environment = await readProcessFile(name, 'environ');
    if (!environment.includes(wanted)) continue;
    if (await isForegroundGit(name)) pids.push(Number(name));
  }
  return pids;
}

/**
 * How many git processes work in a checkout, those in the agents' worktrees below `.overstory` left out; null when this
 * system does not show its processes. One whose folder cannot be seen (another user's) counts.
 */
export async function gitProcessesIn(root: string, overstory: string): Promise<number | null> {
  // A checkout among the agents' worktrees is looked at by itself.
  const folders = await processFolders();
  if (folders.length === 0) return null;
  const checkout = await realpath(root);
  const state = await realpath(overstory);
  const excluded = isInside(checkout, state) ? null : state;
  let count = 0;
  for (const name of folders) {
    if (!(await isForegroundGit(name))) continue;
    const folder = await workingFolder(name);
    if (folder === null || (isInside(folder, checkout) && (excluded === null || !isInside(folder, excluded))))
      count += 1;
  }
  return count;
}

async function isForegroundGit(pid: string): Promise<boolean> {
  const [program = '', ...args] = await readProcessFile(pid, 'cmdline');
  const isGit = program === 'git' || program.endsWith('/git');
  return isGit && !args.some((argument) => BACKGROUND.has(argument));
}

async function workingFolder(pid: string): Promise<string | null> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch {
    // Not ours to see, or ended this moment: the caller takes the careful side.
    return null;
  }
}

async function processFolders(): Promise<string[]> {
  try {
    return (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  } catch {
    // No /proc on this system: orphans cannot be seen, and git's own index.lock is the only guard.
    return [];
  }
}

async function readProcessFile(pid: string, name: 'environ' | 'cmdline'): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/${name}`, 'utf8')).split('\0');
  } catch {
    // Ended between the listing and the look, or another user's: not ours either way.
    return [];
  }
}
