import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { agentsCommand } from '../../platform/entries.ts';
import { runDirectory } from '../lease/engineInfo.ts';

/**
 * Puts an `ov` command where agents find it: `.overstory/run/bin/ov`, the first folder of their PATH. It runs this very
 * product's command line, whatever else is installed. Returns that folder.
 */
export async function writeCommandShim(projectRoot: string): Promise<string> {
  const folder = join(runDirectory(projectRoot), 'bin');
  const { command, args, env } = agentsCommand();
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${quote(value)} `);
  const script = join(folder, 'ov');
  await writeFileAtomic(
    script,
    `#!/bin/sh\n${assignments.join('')}exec ${[command, ...args].map(quote).join(' ')} "$@"\n`,
    0o755,
  );
  await chmod(script, 0o755);
  if (process.platform === 'win32') {
    const lines = Object.entries(env).map(([key, value]) => `set "${key}=${value}"\r\n`);
    await writeFileAtomic(
      join(folder, 'ov.cmd'),
      `@echo off\r\n${lines.join('')}"${command}" ${args.map((part) => `"${part}"`).join(' ')} %*\r\n`,
    );
  }
  return folder;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
