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

async function stillThere(rows: readonly ProcessRow[]): Promise<boolean> {
  if (process.platform !== 'linux')
    return (await readProcessTable()).some((row) => rows.some((was) => was.pid === row.pid));
  for (const row of rows) if ((await processStartTime(row.pid)) === row.startTime) return true;
  return false;
}

/**
 * Ends a terminal's whole tree: `signal` deepest first (and SIGCONT, since a stopped process takes no other), up to
 * `graceMs` of waiting, then SIGKILL to whatever is found, again and again until nothing is found or `killWaitMs` is over.
 * A zombie counts as gone. Returns the pids that are left, which is empty unless a process changed its user or hangs in
 * the kernel.
 */
export async function terminateTree(
  name: TreeName,
  signal: 'SIGTERM' | 'SIGHUP',
  graceMs: number,
): Promise<{ readonly signalled: number; readonly survivors: readonly number[] }> {
  let rows = await findTree(name);
  const signalled = await signalAll(rows, signal);
  await signalAll(rows, 'SIGCONT');
  const graceEnds = Date.now() + graceMs;
  while (rows.length > 0 && Date.now() < graceEnds) {
    await sleep(HOST_LIMITS.terminatePollMs);
    // The cheap question first; a full look only when everything known is gone, for what was started meanwhile.
    if (!(await stillThere(rows))) rows = await findTree(name);
  }
  rows = await findTree(name);
  const killEnds = Date.now() + HOST_LIMITS.killWaitMs;
  while (rows.length > 0 && Date.now() < killEnds) {
    await signalAll(rows, 'SIGKILL');
    await sleep(HOST_LIMITS.terminatePollMs);
    rows = await findTree(name);
  }
  return { signalled, survivors: rows.map((row) => row.pid) };
}
