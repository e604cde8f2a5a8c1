import { type ChildProcess, spawn } from 'node:child_process';

/** What a finished command left behind. */
export interface CommandResult {
  /** Exit code; null when it was ended by a signal, timed out or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how long a command may run. */
export interface CommandOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Characters kept of each output stream: the last ones, where errors stand. */
const KEPT_CHARACTERS = 256 * 1024;

/** Runs a program with arguments as an array. Never rejects; a program that is missing is told in `stderr`. */
export function runProgram(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return collect(
    () => spawn(command, args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup }),
    options,
  );
}

/** Runs a script's own command line in the system's shell. */
export function runShell(command: string, options: CommandOptions): Promise<CommandResult> {
  return collect(
    () => spawn(command, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: true, detached: ownGroup }),
    options,
  );
}

/**
 * Like claude's bash tool, a command gets a session of its own: an interrupt ends it, a killed agent leaves it running
 * (real-agents.md §5 "Kill"), which is what an engine has to cope with.
 */
const ownGroup = process.platform !== 'win32';

function collect(start: () => ChildProcess, options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = start();
    let stdout = '';
    let stderr = '';
    let ended = '';
    const stop = (why: string) => {
      ended ||= why;
      endTree(child);
    };
    const timer = setTimeout(() => stop(`ended after ${options.timeoutMs / 1000} s`), options.timeoutMs);
    const onAbort = () => stop('interrupted');
    const finish = (code: number | null, note: string) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
      const lines = [stderr, note, ended].filter((part) => part !== '');
      resolve({ code: ended === '' ? code : null, stdout, stderr: lines.join('\n') });
    };
    if (options.signal.aborted) onAbort();
    else options.signal.addEventListener('abort', onAbort, { once: true });
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout = (stdout + chunk).slice(-KEPT_CHARACTERS);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-KEPT_CHARACTERS);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        null,
        error.code === 'ENOENT'
          ? `${child.spawnfile} is not on the PATH: install it or start the agent through the control room`
          : error.message,
      ),
    );
    child.on('close', (code, signal) => finish(code, signal === null || ended !== '' ? '' : `ended by ${signal}`));
  });
}

function endTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (ownGroup) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It ended between the decision and the signal: nothing is left to end.
  }
}

/** A command line as a person would type it, for showing only. */
export function displayCommand(command: string, args: readonly string[]): string {
  const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return [command, ...args].map(word).join(' ');
}
