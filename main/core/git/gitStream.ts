import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { gitCall, inGitSlot } from './git.ts';

/** How a streaming git ended, with what the conversation gave; `value` is null when it broke off. */
export interface GitConversation<Value> {
  readonly code: number;
  readonly stderr: string;
  readonly value: Value | null;
}

export interface GitPipes {
  /** Sends bytes and waits while git has enough to do. */
  send(chunk: string | Uint8Array): Promise<void>;
  /** No more input. */
  end(): void;
  readonly stdout: Readable;
}

/** Characters of complaint kept of one process. */
const STDERR_LENGTH = 16_384;

/**
 * Runs one git process and talks to it over its pipes: for content that must not lie in memory as a whole. It counts
 * among the engine's git processes.
 */
export function converseWithGit<Value>(
  cwd: string,
  args: readonly string[],
  talk: (pipes: GitPipes) => Promise<Value>,
): Promise<GitConversation<Value>> {
  return inGitSlot(async () => {
    const call = gitCall(args);
    const child = spawn('git', call.args, {
      cwd,
      env: call.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < STDERR_LENGTH) stderr += text;
    });
    const closed = new Promise<number>((resolve) => {
      child.once('error', (error) => {
        stderr = stderr === '' ? error.message : stderr;
        resolve(127);
      });
      child.once('close', (code) => resolve(code ?? 128));
    });
    // A write that fails is told to the one who sends; without a listener it would end the engine.
    child.stdin.on('error', () => {});
    const gone = closed.then(() => Promise.reject(Object.assign(new Error('git has ended'), { code: 'EPIPE' })));
    gone.catch(() => {});
    let failure: unknown = null;
    let value: Value | null = null;
    try {
      value = await talk({
        async send(chunk) {
          if (child.stdin.destroyed) return gone;
          if (!child.stdin.write(chunk)) await Promise.race([once(child.stdin, 'drain'), gone]);
        },
        end: () => child.stdin.end(),
        stdout: child.stdout,
      });
    } catch (error) {
      failure = error;
      child.kill();
    }
    child.stdin.destroy();
    child.stdout.resume();
    const code = await closed;
    // A pipe that broke because git gave up is told by git's own words; a fault of ours goes up as what it is.
    if (failure !== null && !isBrokenPipe(failure)) throw failure;
    return { code: failure === null ? code : code === 0 ? 128 : code, stderr, value };
  });
}

function isBrokenPipe(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return (
    code === 'EPIPE' ||
    code === 'ECONNRESET' ||
    code === 'ERR_STREAM_DESTROYED' ||
    code === 'ERR_STREAM_PREMATURE_CLOSE'
  );
}
