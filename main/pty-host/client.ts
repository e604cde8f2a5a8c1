import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, ok, type Result } from '../../contract/result.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import { childEnvironment } from '../platform/childEnvironment.ts';
import { entryCommand } from '../platform/entries.ts';
import { isSameProcess } from '../platform/processes.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { connectSocket } from '../platform/socketChannel.ts';
import { type HostFile, hostPaths, readHostFile } from './hostFiles.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { PTY_HOST_PROTOCOL, type PtyHostClient, ptyHostContract } from './protocol.ts';

/** Milliseconds between two looks while a host starts or leaves. */
const POLL_MS = 20;
/** Milliseconds an idle host of another version is given to leave. */
const LEAVE_MS = 10_000;

export interface EnsurePtyHostOptions {
  readonly projectRoot: string;
  /** Extra arguments of a host that has to be started, for tests (`--idle-exit-ms`). */
  readonly extraArgs?: readonly string[];
}

export interface PtyHostConnection {
  readonly client: PtyHostClient;
  readonly info: HostFile;
}

/**
 * Connects to the project's pty host, starting it detached when none lives. Does not reconnect: `client.onClose` tells
 * when the connection ends, and calling this again is the way back. Fails with `config` when a host of another version
 * still runs agents, with `unavailable` when one cannot be started or does not answer.
 */
export async function ensurePtyHost(options: EnsurePtyHostOptions): Promise<Result<PtyHostConnection>> {
  const projectRoot = await realpath(options.projectRoot).catch(() => null);
  if (projectRoot === null) return fail('config', `the project folder ${options.projectRoot} does not exist`);
  const paths = hostPaths(projectRoot);
  const deadline = performance.now() + HOST_LIMITS.startMs;
  let starting: Promise<number | null> | null = null;
  let problem = `the pty host did not start within ${HOST_LIMITS.startMs / 1_000} s`;
  let failures = 0;

  while (performance.now() < deadline) {
    const info = await readHostFile(paths);
    if (info !== null && (await isSameProcess(info))) {
      if (info.protocol !== PTY_HOST_PROTOCOL) {
        const left = await dismiss(info);
        if (!left.ok) return left;
        continue;
      }
      const client = await connect(info);
      if (client.ok) return ok({ client: client.value, info });
      // A refusal is final, unless another host has taken the place meanwhile.
      if (client.error.data?.refused === true && (await readHostFile(paths))?.token === info.token) {
        return fail('unavailable', `the pty host (process ${info.pid}) refused: ${client.error.message}`);
      }
      // It may be leaving right now; if it is not, the next looks come here again until the time is up.
      problem = `the pty host (process ${info.pid}) does not answer (${client.error.message}); end it with "kill ${info.pid}" if nothing runs under it`;
    } else if (starting === null) {
      starting = startDetached(projectRoot, paths.log, options.extraArgs ?? []);
      // Taken by another starter (3) or by one that is leaving: look again, start again if nobody is there.
      void starting.then((code) => {
        starting = null;
        if (code !== 3) failures += 1;
      });
    }
    if (failures > 0) {
      return fail('unavailable', `the pty host cannot be started: ${await lastLine(paths.log)} (see ${paths.log})`);
    }
    await sleep(POLL_MS);
  }
  return fail('unavailable', problem);
}

/** The host that lives for a project right now, without starting one; null when there is none. */
export async function findPtyHost(projectRoot: string): Promise<HostFile | null> {
  const real = await realpath(projectRoot).catch(() => null);
  if (real === null) return null;
  const info = await readHostFile(hostPaths(real));
  return info !== null && (await isSameProcess(info)) ? info : null;
}

async function connect(info: HostFile): Promise<Result<PtyHostClient>> {
  const channel = await connectSocket(info.socket);
  if (!channel.ok) return channel;
  return connectClient({
    contract: ptyHostContract,
    channel: channel.value,
    hello: { build: PRODUCT_VERSION, token: info.token },
    scheduler: nodeScheduler,
  });
}

/** Asks a host of another protocol to leave, by the one word every version understands: SIGTERM, which it refuses while processes run. */
async function dismiss(info: HostFile): Promise<Result<void>> {
  try {
    process.kill(info.pid, 'SIGTERM');
  } catch {
    // It has ended already, which is what was asked for; a host we may not signal is reported below.
  }
  const deadline = performance.now() + LEAVE_MS;
  while (performance.now() < deadline) {
    if (!(await isSameProcess(info))) return ok(undefined);
    await sleep(POLL_MS);
  }
  const age = info.protocol < PTY_HOST_PROTOCOL ? 'an older' : 'a newer';
  return fail(
    'config',
    `agents still run under the pty host of ${age} version (${info.version}, process ${info.pid}); let them finish or stop them with that version, then start this one again`,
    { data: { pid: info.pid, protocol: info.protocol, version: info.version } },
  );
}

/** Starts a host that outlives this process. Resolves with its exit code if it ends while we wait, else never. */
async function startDetached(
  projectRoot: string,
  logPath: string,
  extraArgs: readonly string[],
): Promise<number | null> {
  const { command, args, env } = entryCommand('pty-host');
  await mkdir(dirname(logPath), { recursive: true });
  const log = await open(logPath, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(command, [...args, '--project', projectRoot, ...extraArgs], {
      cwd: projectRoot,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: childEnvironment(process.env, { ...env, OVERSTORY_NODE: process.env.OVERSTORY_NODE }),
      windowsHide: true,
    });
  } finally {
    // The host has its own copy by now.
    await log.close();
  }
  child.unref();
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
}

async function lastLine(path: string): Promise<string> {
  try {
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    return lines.at(-1) ?? 'it said nothing';
  } catch {
    // The log could not even be made; its path in the message is the best hint.
    return 'it said nothing';
  }
}
