import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** For tests: a child process that runs one of our scripts under this very Node. */
export interface TestProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Resolves with the first line of its output that starts with a word; rejects when it ends without one. */
  line(word: string): Promise<string>;
  /** Resolves with exit code and both outputs when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a TypeScript script directly; its path is absolute. */
export function startProcess(script: string, args: readonly string[]): TestProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stderr = '';
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    wake();
  });
  let over = false;
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(([[code]]) => {
    over = true;
    wake();
    return { code: code as number | null, stdout: lines.join('\n'), stderr };
  });
  return {
    child,
    pid: child.pid ?? -1,
    line: (word) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.startsWith(word));
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`the process ended without a line "${word}": ${stderr}`));
        };
        waiting.add(look);
        look();
      }),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
