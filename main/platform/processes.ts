import { readFile } from './callbackFiles.ts';

/**
 * True when a process with this pid may exist. A pid we may not signal (EPERM) is alive; a pid that is not a positive
 * integer is not (spec 01 §2.3, spec 02 §0.8).
 */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Kernel start time of a process in clock ticks since boot, which together with the pid names a process for good: a
 * recycled pid has another start time. Null where the system has no /proc or the process is gone. A zombie counts as gone.
 */
export async function processStartTime(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and parentheses: fields are counted from the last one. State is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return fields[19] ?? null;
  } catch {
    // No /proc on this system, or the process ended between the question and the answer: unknown either way.
    return null;
  }
}

/** True while the very process that wrote its pid and start time down exists; a recycled pid has another start time. */
export async function isSameProcess(holder: {
  readonly pid: number;
  readonly startTime: string | null;
}): Promise<boolean> {
  if (!isAlive(holder.pid)) return false;
  if (holder.startTime === null) return true;
  return (await processStartTime(holder.pid)) === holder.startTime;
}
