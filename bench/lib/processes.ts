import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../main/platform/childEnvironment.ts';

/** Clock ticks of /proc a second; 100 on every Linux that Node runs on (USER_HZ). */
const TICKS = 100;

/** Environment of everything a measure starts: nothing of the caller's shell that could change a figure. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return childEnvironment(process.env, extra);
}

/** Runs a program and gives its standard output; throws when it fails. */
export function execute(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { cwd, env: plainEnvironment(), maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

/** Runs a program to its end with nothing read from it; resolves with the exit code. */
export async function runToEnd(command: string, args: readonly string[], cwd: string, input = ''): Promise<number> {
  const child = spawn(command, [...args], { cwd, env: plainEnvironment(), stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(input);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? -1;
}

/** Arguments that make this Node run a script of the bench. */
export function scriptArgs(path: string, args: readonly string[] = []): string[] {
  return ['--disable-warning=ExperimentalWarning', path, ...args];
}

/** Starts one of the bench's own scripts with a message channel. */
export function startScript(path: string, args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, scriptArgs(path, args), {
    cwd,
    env: plainEnvironment({ OVERSTORY_REHEARSAL_PACE: '0' }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Ends a process we started, first politely. */
export async function endChild(child: ChildProcess, graceMs = 3_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = sleep(graceMs, 'late');
  if ((await Promise.race([gone, late])) === 'late') {
    child.kill('SIGKILL');
    await gone;
  }
}

/** What the kernel says of a process. */
export interface ProcessUse {
  /** Milliseconds of processor time, its own. */
  readonly cpuMs: number;
  /** Grows whenever a child of it ended and was waited for: none passes unseen, however short its life. */
  readonly reapedFaults: number;
}

/** Null when the process is gone. */
export async function processUse(pid: number): Promise<ProcessUse | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces: fields are counted from its closing parenthesis. cminflt is field 11, utime 14, stime 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    return { cpuMs: (ticks * 1_000) / TICKS, reapedFaults: Number(fields[8] ?? 0) };
  } catch {
    // It has ended: there is nothing to be said of it any more.
    return null;
  }
}

/** Megabytes a process holds, what it shares with others divided among them; 0 when it is gone. */
export async function proportionalMegabytes(pid: number): Promise<number> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return (Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1_024) / 1_000_000;
  } catch {
    // It ended between the listing and the look, like any process may.
    return 0;
  }
}

/** Pids of the processes that descend from `roots`, the roots left out, by parent links of /proc. */
export async function descendants(roots: readonly number[]): Promise<Map<number, string>> {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const end = stat.lastIndexOf(')');
      parents.set(pid, Number(stat.slice(end + 2).split(' ')[1]));
      names.set(pid, stat.slice(stat.indexOf('(') + 1, end));
    } catch {
      // It ended between the listing and the look, like any process may.
    }
  }
  const found = new Map<number, string>();
  for (const pid of parents.keys()) {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) {
      if (!roots.includes(at)) continue;
      found.set(pid, names.get(pid) ?? '?');
      break;
    }
  }
  return found;
}
