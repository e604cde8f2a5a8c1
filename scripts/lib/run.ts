import { spawn } from 'node:child_process';

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command without a shell and collects what it prints. Rejects only when it cannot be started. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.once('close', (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/** The same, but anything except exit code 0 is an error whose message holds the last lines the command printed. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.code === 0) return result;
  const printed = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-5).join('\n');
  throw new Error(
    `${command} ${args.join(' ')} ended with ${result.signal ?? `exit code ${result.code}`}:\n${printed}`,
  );
}

/** Runs a command on this process's own terminal and gives its exit code (128 + 15 for any signal). */
export async function runInherited(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { ...options, stdio: 'inherit' });
    const forward = (signal: NodeJS.Signals): void => {
      child.kill(signal);
    };
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.once('close', (code) => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', forward);
      resolve(code ?? 143);
    });
  });
}

/** Prints one line for an error that stops a script, without a stack: the message is written for a person. */
export function stop(script: string, error: unknown): never {
  process.stderr.write(`${script}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
