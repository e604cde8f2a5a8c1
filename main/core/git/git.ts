import { execFile } from 'node:child_process';

/** Outcome of one git process; a non-zero exit is data, not an exception. */
export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git in one folder. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitOutput>;

export interface GitOptions {
  readonly cwd?: string;
  /** Extra environment, for example `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds before git is terminated; unset for work of unknown length such as filling a worktree. */
  readonly timeoutMs?: number;
  /** Standard input, whole. */
  readonly input?: string | Uint8Array;
  /** Ends git early; its code is then 128. */
  readonly signal?: AbortSignal;
  /** `latin1` keeps every byte of output as one character, for file names that are no UTF-8. */
  readonly encoding?: 'utf8' | 'latin1';
}

/** Bytes of output kept per stream. A diff beyond it fails the call with a readable error instead of eating memory. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * At most this many git processes of one engine at a time: two cores fill up with four, and unbounded git is what makes
 * rivals slow with many worktrees (field.md, landmines).
 */
const MAX_CONCURRENT = 4;

let running = 0;
const waiting: Array<() => void> = [];

/** Settings forced on every call, so that a user's own configuration cannot change what our parsers read. */
const FIXED_SETTINGS = [
  '-c',
  'core.quotePath=false',
  '-c',
  'color.ui=false',
  '-c',
  'merge.conflictStyle=merge',
  '-c',
  'advice.detachedHead=false',
];

/**
 * Makes a runner for one repository folder. Output is UTF-8. A git that cannot be started gives code 127, one that was
 * terminated gives code 124 for a timeout and 128 otherwise.
 */
export function createGit(cwd: string): Git {
  return (args, options = {}) => inGitSlot(() => runGit(args, { cwd, ...options }));
}

/** Waits for a place among the engine's git processes and holds it while `work` runs. */
export async function inGitSlot<Value>(work: () => Promise<Value>): Promise<Value> {
  if (running >= MAX_CONCURRENT) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** Arguments and environment every git process of ours starts with. */
export function gitCall(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  // A question on the terminal would hang the engine; the locale decides the words our parsers look for.
  const fixed = { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
  return { args: [...FIXED_SETTINGS, ...args], env: { ...process.env, ...fixed, ...env } };
}

function runGit(args: readonly string[], options: GitOptions): Promise<GitOutput> {
  return new Promise((resolve) => {
    const call = gitCall(args, options.env);
    const child = execFile(
      'git',
      call.args,
      {
        cwd: options.cwd,
        env: call.env,
        encoding: options.encoding ?? 'utf8',
        maxBuffer: MAX_OUTPUT_BYTES,
        timeout: options.timeoutMs ?? 0,
        windowsHide: true,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        resolve({ code: exitCode(error), stdout, stderr: error !== null && stderr === '' ? error.message : stderr });
      },
    );
    if (options.input === undefined) return;
    // A git that ends before it has read everything is told by its exit code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });
}

function exitCode(error: (Error & { code?: string | number | null; killed?: boolean }) | null): number {
  if (error === null) return 0;
  if (error.code === 'ENOENT') return 127;
  if (error.killed === true) return 124;
  return typeof error.code === 'number' ? error.code : 128;
}

/** Splits NUL-separated output (`-z`), which is the only form that is safe for every file name. */
export function splitNul(output: string): string[] {
  return output.split('\0').filter((part) => part !== '');
}
