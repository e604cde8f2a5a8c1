import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from '../platform/processes.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { hasEnvironment, type ProcessRow, readProcessTable } from './processTable.ts';
import { selectTree } from './processTree.ts';

/** Names a terminal's processes: its leader and the `NAME=value` markers in their environment. */
export interface TreeName {
  readonly leader: number | null;
  readonly leaderRuns: () => boolean;
  readonly markers: readonly string[];
}

async function markedOf(table: readonly ProcessRow[], markers: readonly string[]): Promise<ReadonlySet<number>> {
  const found = await Promise.all(
    table.map(async (row) => ((await hasEnvironment(row.pid, markers)) ? row.pid : null)),
  );
  return new Set(found.filter((pid) => pid !== null));
}

/** Live processes of a terminal, deepest first. */
export async function findTree(name: TreeName): Promise<readonly ProcessRow[]> {
  const table = await readProcessTable();
  return selectTree(table, {
    leader: name.leader,
    leaderRuns: name.leaderRuns(),
    marked: await markedOf(table, name.markers),
    exclude: new Set([process.pid]),
  });
}

/** Sends a signal. False when the process is gone or not ours to signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: it ended meanwhile, which is what signals are for. EPERM: it changed its user; `survivors` will name it.
    return false;
  }
}

/**
 * Signals every process of a list that still is the process that was listed, in its order and without a pause between,
 * so that no parent has time to react to the end of its child. Returns how many were reached.
 */
export async function signalAll(rows: readonly ProcessRow[], signal: NodeJS.Signals): Promise<number> {
  const times = await Promise.all(
    rows.map((row) => (process.platform === 'linux' ? processStartTime(row.pid) : row.startTime)),
  );
  const same = rows.filter((row, index) => times[index] === row.startTime);
  return same.filter((row) => signalProcess(row.pid, signal)).length;
}

/**
 * Stops a whole tree until the signal aborts or the time is over, then lets all of it go on. What a process started before
 * it was reached itself is found by looking again. Returns how many were stopped.
 */
export async function freezeTree(name: TreeName, maxMs: number, signal: AbortSignal): Promise<number> {
  const stopped = new Map<number, ProcessRow>();
  try {
    for (;;) {
      const more = (await findTree(name)).filter((row) => stopped.get(row.pid)?.startTime !== row.startTime);
      if (more.length === 0 || signal.aborted) break;
      for (const row of more) stopped.set(row.pid, row);
      await signalAll(more, 'SIGSTOP');
    }
    if (stopped.size > 0) await sleep(maxMs, undefined, { signal });
  } catch (error) {
    // The caller has seen enough, or is gone.
    if (!signal.aborted) throw error;
  } finally {
    await signalAll([...stopped.values()], 'SIGCONT');
  }
  return stopped.size;
}

async function stillThere(rows: readonly ProcessRow[]): Promise<boolean> {
  if (process.platform !== 'linux')
    return (await readProcessTable()).some((row) => rows.some((was) => was.pid === row.pid));
  for (const row of rows) if ((await processStartTime(row.pid)) === row.startTime) return true;
  return false;
}

/** How a tree is ended, step by step; times are milliseconds. */
export interface Termination {
  /** Time the process has to end by itself after a SIGINT; 0 sends none. */
  readonly interruptMs: number;
  readonly signal: 'SIGTERM' | 'SIGHUP';
  readonly graceMs: number;
}

/**
 * Asks the process alone to stop what it does: agents end their own tools, write their last line and exit, where a harder
 * signal leaves tools running (real-agents.md §5 "Kill"). Returns when it is gone or the time is over.
 */
async function interruptLeader(name: TreeName, interruptMs: number): Promise<void> {
  if (interruptMs === 0 || name.leader === null || !name.leaderRuns()) return;
  const leader = (await findTree(name)).filter((row) => row.pid === name.leader);
  await signalAll(leader, 'SIGINT');
  // A stopped process takes no other signal.
  await signalAll(leader, 'SIGCONT');
  // Steady time: a machine that wakes up from sleep has not waited.
  const ends = performance.now() + interruptMs;
  while (name.leaderRuns() && performance.now() < ends) await sleep(HOST_LIMITS.terminatePollMs);
}

/**
 * Ends a terminal's whole tree: an interrupt of its process if wanted, then `signal` deepest first (and SIGCONT, since a
 * stopped process takes no other), up to `graceMs` of waiting, then SIGKILL to whatever is found, again and again until
 * nothing is found or `killWaitMs` is over. A zombie counts as gone. Returns the pids that are left, which is empty unless
 * a process changed its user or hangs in the kernel.
 */
export async function terminateTree(
  name: TreeName,
  { interruptMs, signal, graceMs }: Termination,
): Promise<{ readonly signalled: number; readonly survivors: readonly number[] }> {
  await interruptLeader(name, interruptMs);
  let rows = await findTree(name);
  const signalled = await signalAll(rows, signal);
  await signalAll(rows, 'SIGCONT');
  const graceEnds = performance.now() + graceMs;
  while (rows.length > 0 && performance.now() < graceEnds) {
    await sleep(HOST_LIMITS.terminatePollMs);
    // The cheap question first; a full look only when everything known is gone, for what was started meanwhile.
    if (!(await stillThere(rows))) rows = await findTree(name);
  }
  rows = await findTree(name);
  const killEnds = performance.now() + HOST_LIMITS.killWaitMs;
  while (rows.length > 0 && performance.now() < killEnds) {
    await signalAll(rows, 'SIGKILL');
    await sleep(HOST_LIMITS.terminatePollMs);
    rows = await findTree(name);
  }
  return { signalled, survivors: rows.map((row) => row.pid) };
}
