import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { BenchContext } from './measure.ts';
import { endChild } from './processes.ts';

const XVFB = '/usr/bin/Xvfb';

/** Starts a screen nobody sees, which ends with the measure; gives its name for `DISPLAY`, or null where there is no Xvfb. */
export async function startDisplay(context: BenchContext): Promise<string | null> {
  if (!existsSync(XVFB)) {
    context.say('  no Xvfb here: windows are not measured');
    return null;
  }
  const child = spawn(XVFB, ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  context.defer(() => endChild(child));
  const numbers = child.stdio[3] as Readable;
  const number = await new Promise<string>((found, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('Xvfb ended before it had a screen')));
    let said = '';
    numbers.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('\n')) found(said.trim());
    });
  });
  return `:${number}`;
}
