import { spawn } from 'node:child_process';
import { entryCommand } from '../platform/entries.ts';

/** Characters of what `ov serve` printed that an error shows. */
const SHOWN = 500;

/**
 * Starts an engine in a process of its own by `ov serve --background`, which returns once the engine runs. Throws one
 * readable line with what it printed when it does not.
 */
export async function startBackgroundEngine(projectRoot: string): Promise<void> {
  const { command, args, env } = entryCommand('ov');
  const inherited = { ...process.env };
  delete inherited.ELECTRON_RUN_AS_NODE;
  const child = spawn(command, [...args, 'serve', '--background'], {
    cwd: projectRoot,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let printed = '';
  child.stderr.on('data', (bytes: Buffer) => {
    printed = (printed + bytes.toString()).slice(-SHOWN);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    // `exit`, not `close`: the engine it leaves behind may hold the pipe open.
    child.once('exit', resolve);
  });
  child.stderr.destroy();
  if (code !== 0) throw new Error(printed.trim() === '' ? `"ov serve" ended with exit code ${code}` : printed.trim());
}
