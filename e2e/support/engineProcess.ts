import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');

/** Milliseconds until a started room must have printed its link. */
const LINK_WITHIN_MS = 60_000;

/** `ov serve` of one repository: the engine that both faces of a spec look at. */
export interface EngineProcess {
  /** One-time link of the browser room. */
  readonly link: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Multiplier of the rehearsal agents' pauses; 0, the default, does everything at once. */
  readonly pace?: string;
  /** Port of the browser room; one of the system's choice by default. */
  readonly port?: number;
}

/** Starts the engine in the foreground, as a person does, and waits for its link. Throws what it printed when none comes. */
export async function startEngine(projectRoot: string, options: EngineOptions = {}): Promise<EngineProcess> {
  const port = options.port === undefined ? [] : ['--port', String(options.port)];
  const child = spawn(process.execPath, [join(ROOT, 'scripts/ov.cjs'), 'serve', '--open-browser', ...port], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OVERSTORY_REHEARSAL_PACE: options.pace ?? '0' },
  });
  return {
    link: await printedLink(child),
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** The first one-time link a program prints. Throws all it printed when it ends, or is silent for too long, without one. */
export async function printedLink(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the program was started without pipes');
  let printed = '';
  stderr.on('data', (bytes: Buffer) => {
    printed += bytes.toString();
  });
  const lines = createInterface({ input: stdout });
  return await new Promise<string>((found, reject) => {
    const give = (): void => reject(new Error(`no link was printed:\n${printed}`));
    const timer = setTimeout(give, LINK_WITHIN_MS);
    child.once('exit', give);
    lines.on('line', (line) => {
      printed += `${line}\n`;
      const match = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(line);
      if (match === null) return;
      clearTimeout(timer);
      child.off('exit', give);
      found(match[0]);
    });
  });
}
