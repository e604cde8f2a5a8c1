import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** One process at one moment. */
export interface ProcessSample {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Together with the pid it names a process for good: pids are given away again. */
  readonly startTime: string;
  /** Processor time of the process and of children it has waited for, in hundredths of a second. */
  readonly ticks: number;
  /** A signal stopped it (SIGSTOP, a debugger): it lives and does nothing until another lets it go on. */
  readonly stopped?: true;
}

export type ProcessTable = ReadonlyMap<number, ProcessSample>;

/** Files of /proc read at once: enough to keep the disk layer busy, few enough to leave the event loop to others. */
const READ_AT_ONCE = 24;

/**
 * All live processes by pid; null when they cannot be read, which proves nothing. On Linux no process is started for it;
 * elsewhere one `ps` for the whole fleet.
 */
export async function readProcesses(): Promise<ProcessTable | null> {
  try {
    return process.platform === 'linux' ? await readProc() : await readPs();
  } catch {
    // No /proc, no ps, no right to look: the signal is unknown then, and nothing is concluded from it.
    return null;
  }
}

async function readProc(): Promise<ProcessTable> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const table = new Map<number, ProcessSample>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let name = pids[next++]; name !== undefined; name = pids[next++]) {
      const sample = parseStat(await readFile(`/proc/${name}/stat`, 'latin1').catch(() => ''));
      if (sample !== null) table.set(sample.pid, sample);
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
  return table;
}

/** Reads `/proc/<pid>/stat`; null for a zombie, which counts as gone (real-agents.md §5), and for an ended process. */
export function parseStat(stat: string): ProcessSample | null {
  const close = stat.lastIndexOf(')');
  // The command name may hold spaces and parentheses: fields are counted from its last closing one. State is field 3.
  const fields = stat.slice(close + 2).split(' ');
  const [state, parent, , session] = fields;
  const startTime = fields[19];
  if (close < 0 || startTime === undefined || state === 'Z' || state === 'X') return null;
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0);
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(parent),
    session: Number(session),
    startTime,
    ticks,
    ...stoppedIn(state),
  };
}

/** `T` and `t` in the state of /proc, and in that of `ps`, which may add more letters. */
function stoppedIn(state: string | undefined): { readonly stopped?: true } {
  return state?.toUpperCase().startsWith('T') === true ? { stopped: true } : {};
}

function readPs(): Promise<ProcessTable> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' }, maxBuffer: 16 * 1024 * 1024, timeout: 5_000 };
    execFile('ps', ['-A', '-o', 'pid=,ppid=,stat=,time=,lstart='], options, (error, stdout) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const table = new Map<number, ProcessSample>();
      for (const line of stdout.split('\n')) {
        const sample = parsePsLine(line);
        if (sample !== null) table.set(sample.pid, sample);
      }
      resolve(table);
    });
  });
}

/** One line of `ps -A -o pid=,ppid=,stat=,time=,lstart=`; the session is of no use there. */
export function parsePsLine(line: string): ProcessSample | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+([\d:.-]+)\s+(.+?)\s*$/.exec(line);
  if (match === null || match[3]?.startsWith('Z') === true) return null;
  const [days, clock] = (match[4] ?? '').includes('-') ? (match[4] ?? '').split('-') : ['0', match[4]];
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
  return {
    pid: Number(match[1]),
    parent: Number(match[2]),
    session: 0,
    startTime: match[5] ?? '',
    ticks: Math.round(seconds * 100),
    ...stoppedIn(match[3]),
  };
}

/** Children of every process, to walk many trees with one pass over the table. */
export function childrenOf(table: ProcessTable): ReadonlyMap<number, readonly ProcessSample[]> {
  const children = new Map<number, ProcessSample[]>();
  for (const sample of table.values()) {
    const siblings = children.get(sample.parent);
    if (siblings === undefined) children.set(sample.parent, [sample]);
    else siblings.push(sample);
  }
  return children;
}

/** A process and all that descend from it, itself first; empty when it is gone. */
export function treeOf(
  leader: number,
  table: ProcessTable,
  children: ReadonlyMap<number, readonly ProcessSample[]>,
): readonly ProcessSample[] {
  const root = table.get(leader);
  if (root === undefined) return [];
  const tree = [root];
  const seen = new Set([leader]);
  for (let at = 0; at < tree.length; at += 1)
    // A table caught between two moments must not make the walk endless.
    for (const child of children.get(tree[at]?.pid ?? -1) ?? [])
      if (!seen.has(child.pid)) {
        seen.add(child.pid);
        tree.push(child);
      }
  return tree;
}
