import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { releaseInheritedDescriptors } from '../platform/inheritedDescriptors.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { startHost } from './host.ts';
import { hostPaths } from './hostFiles.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { createHostLog } from './hostLog.ts';

/** Exit codes: 2 for wrong arguments, 3 when another host of the project lives (spec: brief of the pty host). */
const EXIT = { usage: 2, taken: 3, failed: 1 } as const;

/** Oldest Node major this runs on: the one inside Electron 33, the oldest shell the product is tested in (environment.md). */
const OLDEST_NODE = 20;

function leave(code: number, line: string): never {
  process.stderr.write(`pty-host: ${line}\n`);
  process.exit(code);
}

/** `pty-host --project <folder> [--idle-exit-ms <milliseconds>]`: serves the terminals of one project until nobody needs them. */
async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    leave(EXIT.failed, `needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}; start it through npm`);
  }
  releaseInheritedDescriptors();
  const { values } = parseArgs({
    options: { project: { type: 'string' }, 'idle-exit-ms': { type: 'string' } },
    strict: true,
  });
  if (values.project === undefined) leave(EXIT.usage, 'say which project: --project <folder>');
  const idleExitMs = Number(values['idle-exit-ms'] ?? HOST_LIMITS.idleExitMs);
  if (!Number.isFinite(idleExitMs) || idleExitMs < 0) leave(EXIT.usage, '--idle-exit-ms must be milliseconds');
  const projectRoot = realpathSync(values.project);
  const log = createHostLog(hostPaths(projectRoot).log);

  // Agents must not end because a terminal that the app was started from is closed or interrupted.
  process.on('SIGHUP', () => {});
  process.on('SIGINT', () => {});

  const started = await startHost({
    projectRoot,
    idleExitMs,
    scheduler: nodeScheduler,
    log,
    onEnd: () => {
      // A short while for last words to clients; both ways the process is done.
      setTimeout(() => void log.flush().finally(() => process.exit(0)), 50);
    },
  });
  if (!started.ok) leave(started.error.tag === 'conflict' ? EXIT.taken : EXIT.failed, started.error.message);
  const host = started.value;

  // Every agent of the project lives under this process: a fault in one terminal is logged and survived.
  process.on('uncaughtException', (error) => log('error', 'unexpected error', { stack: error.stack ?? String(error) }));
  process.on('unhandledRejection', (reason) =>
    log('error', 'unexpected rejection', { stack: reason instanceof Error ? (reason.stack ?? '') : String(reason) }),
  );
  // A polite end never takes agents with it: with processes running it is refused. `host.shutdown` with force, or SIGKILL, do not ask.
  process.on('SIGTERM', () => {
    if (host.running === 0) void host.end();
    else log('warn', 'SIGTERM refused: processes still run', { running: host.running });
  });
}

try {
  await main();
} catch (error) {
  leave(EXIT.failed, error instanceof Error ? error.message : String(error));
}
