import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');

/** Milliseconds until a started room must have printed its link. */
const LINK_WITHIN_MS = 20_000;

/** `ov serve` of one repository: the engine that both faces of a spec look at. */
export interface EngineProcess {
  /** One-time link of the browser room. */
  readonly link: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts the engine in the foreground, as a person does, and waits for its link. Throws what it printed when none comes. */
export async function startEngine(projectRoot: string): Promise<EngineProcess> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/ov.cjs'), 'serve', '--open-browser'], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (bytes: Buffer) => {
    printed += bytes.toString();
  });
  const lines = createInterface({ input: child.stdout });
  const link = await new Promise<string>((found, reject) => {
    const give = (): void => reject(new Error(`ov serve gave no link:\n${printed}`));
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
  return {
    link,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
