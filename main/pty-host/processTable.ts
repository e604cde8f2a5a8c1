import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** One process of the system at one moment. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Start time in the system's own unit: together with the pid it names a process for good. */
  readonly startTime: string;
}

/** Reads the fields of `/proc/<pid>/stat` we need; null for a zombie, which counts as gone (real-agents.md §5), and for anything unreadable. */
export function parseStat(pid: number, stat: string): ProcessRow | null {
  // The command name may hold spaces and parentheses: fields are counted from its last closing one. State is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , session] = fields;
  const startTime = fields[19];
  if (state === undefined || state === 'Z' || state === 'X' || startTime === undefined) return null;
  return { pid, parent: Number(parent), session: Number(session), startTime };
}

/** Reads one line of `ps -A -o pid=,ppid=,stat=,lstart=`, for systems without /proc. `sess` is a kernel address on macOS and of no use. */
export function parsePsLine(line: string): ProcessRow | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (match === null || match[3]?.startsWith('Z') === true) return null;
  return { pid: Number(match[1]), parent: Number(match[2]), session: 0, startTime: match[4] ?? '' };
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    // The process ended between listing and reading, or belongs to somebody else: not ours either way.
    return null;
  }
}

async function readProc(): Promise<readonly ProcessRow[]> {
  const names = await readdir('/proc');
  const rows = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const stat = await readText(`/proc/${name}/stat`);
        return stat === null ? null : parseStat(Number(name), stat);
      }),
  );
  return rows.filter((row) => row !== null);
}

function readPs(): Promise<readonly ProcessRow[]> {
  return new Promise((resolve) => {
    const options = { env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' }, maxBuffer: 16 * 1024 * 1024, timeout: 5_000 };
    execFile('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='], options, (_error, stdout) => {
      // A failed ps gives no rows: the caller then finds nothing to signal beyond the process it knows.
      resolve(
        stdout
          .split('\n')
          .map(parsePsLine)
          .filter((row) => row !== null),
      );
    });
  });
}

let next: Promise<readonly ProcessRow[]> | null = null;
let current: Promise<unknown> = Promise.resolve();

/**
 * All live processes. Callers that ask while a scan is waiting to start share it, so that stopping a whole fleet at once
 * scans a few times and not once an agent; a scan never starts before it was asked for.
 */
export function readProcessTable(): Promise<readonly ProcessRow[]> {
  if (next !== null) return next;
  const scan = current.then(() => {
    next = null;
    return process.platform === 'linux' ? readProc() : readPs();
  });
  next = scan;
  // The chain only orders scans; a failure belongs to those who asked for that scan.
  current = scan.catch(() => undefined);
  return scan;
}

/** True when the process carries all these variables in the environment it was started with. False where that cannot be read. */
export async function hasEnvironment(pid: number, variables: readonly string[]): Promise<boolean> {
  const environment = await readText(`/proc/${pid}/environ`);
  if (environment === null) return false;
  const entries = new Set(environment.split('\0'));
  return variables.every((variable) => entries.has(Buffer.from(variable).toString('latin1')));
}
