import { readFile } from 'node:fs/promises';
import { run } from '../../scripts/lib/run.ts';

/** Every living process as pid and parent pid. `ps` reads the same on Linux and macOS. */
async function processTable(): Promise<readonly { readonly pid: number; readonly parent: number }[]> {
  const listed = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  return listed.stdout.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return pid === undefined || parent === undefined || !(pid > 0) ? [] : [{ pid, parent }];
  });
}

/** A process and everything below it, the process first. */
export async function processTree(pid: number): Promise<readonly number[]> {
  const table = await processTable();
  const found = [pid];
  for (const parent of found) found.push(...table.filter((entry) => entry.parent === parent).map((entry) => entry.pid));
  return found;
}

/** Ends a process and everything below it at once. What has ended meanwhile is what was wanted. */
export async function killTree(pid: number): Promise<void> {
  for (const each of await processTree(pid)) signal(each, 'SIGKILL');
}

/** Sends a signal; false when there is no such process any more. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    // ESRCH: it has ended by itself.
    return false;
  }
}

/** True while the process runs: neither gone nor a zombie its parent has not looked at. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    // No entry: no process.
    return false;
  }
}
