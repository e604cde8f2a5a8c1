import { spawn } from 'node:child_process';
import { fail, ok, type Result } from '../../../contract/result.ts';

export interface RunForText {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds after which the command and everything it started is killed. */
  readonly timeoutMs: number;
  /** Characters of its output that are kept. */
  readonly maxCharacters: number;
  /** Kills it early. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a command without input and gives what it printed. Errors: `unavailable` when it cannot be started or ends badly,
 * `timeout`, `cancelled`.
 */
export function runForText(
  command: string,
  args: readonly string[],
  how: RunForText,
): Promise<Result<{ readonly text: string }>> {
  if (how.signal?.aborted === true) return Promise.resolve(fail('cancelled', 'it was cancelled before it began'));
  return new Promise((resolve) => {
    // A group of its own, so that its end also ends whatever the command started.
    const child = spawn(command, args, {
      cwd: how.cwd,
      env: how.env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let text = '';
    let ended: 'timeout' | 'cancelled' | null = null;
    const end = (why: 'timeout' | 'cancelled'): void => {
      ended ??= why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended in this very moment: what was to be ended is.
      }
    };
    const timer = setTimeout(() => end('timeout'), how.timeoutMs);
    const onAbort = (): void => end('cancelled');
    how.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (outcome: Result<{ readonly text: string }>): void => {
      clearTimeout(timer);
      how.signal?.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (part: string) => {
      if (text.length < how.maxCharacters) text += part;
    });
    child.on('error', (error) => settle(fail('unavailable', `${command} could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) settle(ok({ text: text.slice(0, how.maxCharacters) }));
      else if (ended === 'timeout') settle(fail('timeout', `no answer within ${Math.round(how.timeoutMs / 1_000)} s`));
      else if (ended === 'cancelled') settle(fail('cancelled', 'it was cancelled'));
      else settle(fail('unavailable', `${command} ended with ${code ?? signal}`));
    });
  });
}
