import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { entryCommand } from '../../platform/entries.ts';
import { type EngineInfo, findLiveEngine } from './engineInfo.ts';

/** Milliseconds an engine is given to come up. A cold start with migrations takes about one second here. */
const START_MS = 20_000;
const LOOK_MS = 25;

/**
 * Makes sure that an engine holds the project: the live one, or a new one in a process of its own that outlives the
 * caller. Its output goes to `.overstory/logs/serve.log`.
 */
export async function ensureBackgroundEngine(projectRoot: string): Promise<Result<EngineInfo>> {
  const live = await findLiveEngine(projectRoot);
  if (live !== null) return ok(live);
  const path = join(projectRoot, '.overstory', 'logs', 'serve.log');
  await mkdir(dirname(path), { recursive: true });
  const log = await open(path, 'w', 0o600);
  const { command, args, env } = entryCommand('ov');
  const inherited: NodeJS.ProcessEnv = { ...process.env, ...env };
  // What marks an agent's shell must not become the engine's own environment, and from there every agent's.
  for (const name of Object.keys(inherited))
    if (name.startsWith('OVERSTORY_') && name !== 'OVERSTORY_NODE' && name !== 'OVERSTORY_REHEARSAL_PACE')
      delete inherited[name];
  const child = spawn(command, [...args, 'serve', '--detached', '--project', projectRoot], {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: inherited,
    windowsHide: true,
  });
  await log.close();
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const info = await findLiveEngine(projectRoot);
    if (info !== null) return ok(info);
    if (ended) return fail('unavailable', `the engine could not be started: ${await lastLine(path)}`);
    await delay(LOOK_MS);
  }
  return fail('unavailable', `the engine did not come up within ${START_MS / 1_000} s: see ${path}`);
}

async function lastLine(path: string): Promise<string> {
  // An unreadable log is told by its path, which is the best hint left.
  const lines = (await readFile(path, 'utf8').catch(() => '')).trim().split('\n');
  return lines.at(-1) || `see ${path}`;
}
