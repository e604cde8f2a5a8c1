import { spawn } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { entryCommand } from '../../platform/entries.ts';
import type { EngineInfo } from './engineInfo.ts';
import { makeWay } from './makeWay.ts';

/** Milliseconds an engine is given to come up, an earlier one's leaving included. A cold start with migrations takes about one second here. */
const START_MS = 30_000;
const LOOK_MS = 25;
/** Milliseconds before the next attempt while another engine holds the project but does not show itself: it starts or leaves right now. */
const HELD_PAUSE_MS = 150;
/** Bytes of `serve.log` above which the next start begins a new one. */
const LOG_BYTES = 1024 * 1024;

/** Stands for the exit code of a process that a signal ended: nothing is wrong with the project, the next one may come up. */
const KILLED = -1;

/** Exit code of a background engine that found the project held by another. */
export const HELD_EXIT_CODE = 3;

/**
 * Makes sure that an engine holds the project: the live one, or a new one in a process of its own that outlives the
 * caller. Of many callers at once all get the same one. Its output goes to `.overstory/logs/serve.log`.
 */
export async function ensureBackgroundEngine(projectRoot: string): Promise<Result<EngineInfo>> {
  const path = join(projectRoot, '.overstory', 'logs', 'serve.log');
  const deadline = performance.now() + START_MS;
  let starter: Starter | null = null;
  while (performance.now() < deadline) {
    const found = await makeWay(projectRoot);
    if (!found.ok) return found;
    if (found.value !== null) return ok(found.value);
    starter ??= await startDetached(projectRoot, path);
    if (starter.problem !== null) return fail('unavailable', `the engine could not be started: ${starter.problem}`);
    if (starter.exitCode === HELD_EXIT_CODE || starter.exitCode === KILLED) {
      starter = null;
      await delay(HELD_PAUSE_MS);
    } else if (starter.exitCode !== null)
      return fail('unavailable', `the engine could not be started: ${await reasonIn(path, starter.logFrom)}`);
    await delay(LOOK_MS);
  }
  return fail('unavailable', `the engine did not come up within ${START_MS / 1_000} s: see ${path}`);
}

interface Starter {
  /** Bytes of the log that earlier starts wrote. */
  readonly logFrom: number;
  /** Null while it runs. */
  exitCode: number | null;
  problem: string | null;
}

async function startDetached(projectRoot: string, logPath: string): Promise<Starter> {
  await mkdir(dirname(logPath), { recursive: true });
  const size = await stat(logPath).then(
    (found) => found.size,
    // No log yet.
    () => 0,
  );
  const logFrom = size > LOG_BYTES ? 0 : size;
  const log = await open(logPath, size > LOG_BYTES ? 'w' : 'a', 0o600);
  const { command, args, env } = entryCommand('ov');
  const inherited: NodeJS.ProcessEnv = { ...process.env, ...env };
  // What marks an agent's shell must not become the engine's own environment, and from there every agent's.
  for (const name of Object.keys(inherited))
    if (name.startsWith('OVERSTORY_') && name !== 'OVERSTORY_NODE' && !name.startsWith('OVERSTORY_REHEARSAL_'))
      delete inherited[name];
  const starter: Starter = { logFrom, exitCode: null, problem: null };
  const child = spawn(command, [...args, 'serve', '--detached', '--project', projectRoot], {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: inherited,
    windowsHide: true,
  });
  child.once('exit', (code) => {
    starter.exitCode = code ?? KILLED;
  });
  child.once('error', (error) => {
    starter.problem = error.message;
  });
  child.unref();
  await log.close();
  return starter;
}

/** What an engine that did not come up said of it: its line of error, else its last line. */
async function reasonIn(path: string, from: number): Promise<string> {
  // An unreadable log is told by its path, which is the best hint left.
  const log = await readFile(path).catch(() => Buffer.alloc(0));
  const lines = log.subarray(from).toString('utf8').trim().split('\n');
  const told = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
  // The line of an `ov` that failed begins with a code of its own, and the caller's line already has one.
  return told.replace(/^Error(?: \[[A-Z_]+\])?: /, '') || `see ${path}`;
}
