import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { ok, type Result } from '../../contract/result.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import { type ServerSession, serveClient } from '../../contract/wire/server.ts';
import { createTopicHub } from '../../contract/wire/topicHub.ts';
import { recordingsFolder } from '../platform/castFiles.ts';
import { timestamp } from '../platform/clock.ts';
import { processStartTime } from '../platform/processes.ts';
import { projectKey } from '../platform/projectSockets.ts';
import { isSecret, newToken } from '../platform/secrets.ts';
import { listenSocket } from '../platform/socketChannel.ts';
import { createHandlers } from './handlers.ts';
import { hostPaths, prepareRunFolder, removeHostFile, writeHostFile } from './hostFiles.ts';
import { acquireHostLock } from './hostLock.ts';
import { PTY_HOST_PROTOCOL, ptyHostContract } from './protocol.ts';
import { RecordingDesk } from './recording/desk.ts';
import type { HostLog } from './terminal.ts';
import { Terminals } from './terminals.ts';

export interface HostOptions {
  /** Real path of the project. */
  readonly projectRoot: string;
  /** Milliseconds without client and process after which the host ends. */
  readonly idleExitMs: number;
  readonly scheduler: Scheduler;
  readonly log: HostLog;
  /** Called once when the host has ended itself and the process should exit. */
  onEnd(): void;
}

export interface Host {
  /** Processes running right now. */
  readonly running: number;
  /** Withdraws file and socket and ends. Does not touch processes. */
  end(): Promise<void>;
}

/** Takes the project's lock, listens, publishes `pty-host.json`. Fails with `conflict` when another host lives. */
export async function startHost(options: HostOptions): Promise<Result<Host>> {
  const { projectRoot, scheduler, log } = options;
  const paths = hostPaths(projectRoot);
  await prepareRunFolder(paths);
  const lock = await acquireHostLock(paths.runFolder);
  if (!lock.ok) return lock;

  const token = newToken();
  const hostKey = projectKey(projectRoot);
  const startedAt = timestamp(scheduler.now());
  const hub = createTopicHub({ contract: ptyHostContract, scheduler });
  const sessions = new Set<ServerSession>();
  const epoch = randomUUID();
  let ending = false;

  const terminals = new Terminals({
    scheduler,
    log,
    hostKey,
    recordings: new RecordingDesk({ folder: recordingsFolder(projectRoot), now: () => scheduler.now(), log }),
    publish(put, remove) {
      hub.publish('terminals', { put, remove });
      watchIdle();
    },
  });

  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    // First the file, so that nobody new is sent here; then the door; then those inside.
    await removeHostFile(paths, token);
    await terminals.flushRecordings(null);
    await listener.close();
    for (const session of sessions) session.close('the pty host has ended');
    options.onEnd();
  };

  let cancelIdle: (() => void) | null = null;
  const isIdle = () => sessions.size === 0 && terminals.running === 0;
  const watchIdle = (): void => {
    cancelIdle?.();
    cancelIdle = null;
    if (!isIdle()) return;
    cancelIdle = scheduler.after(options.idleExitMs, () => {
      if (isIdle()) void end();
    });
  };

  const handlers = createHandlers({
    terminals,
    hostKey,
    info: () => ({
      pid: process.pid,
      version: PRODUCT_VERSION,
      protocol: PTY_HOST_PROTOCOL,
      projectRoot,
      startedAt,
      terminals: terminals.size,
      running: terminals.running,
      connections: sessions.size,
      memory: process.memoryUsage.rss(),
    }),
    shutDown: () => void scheduler.after(20, () => void end()),
  });

  // The lock says that no host lives, so a socket file left here belongs to nobody.
  if (process.platform !== 'win32') await rm(paths.socket, { force: true });
  const listening = await listenSocket(paths.socket, (channel) => {
    const session = serveClient({
      contract: ptyHostContract,
      channel,
      handlers,
      hub,
      authorize: (hello) => (isSecret(hello.token, token) ? 'admin' : null),
      scheduler,
      log,
      epoch,
      build: PRODUCT_VERSION,
    });
    sessions.add(session);
    watchIdle();
    session.onClose(() => {
      sessions.delete(session);
      watchIdle();
    });
  });
  if (!listening.ok) return listening;
  const listener = listening.value;

  await writeHostFile(paths, {
    pid: process.pid,
    startTime: await processStartTime(process.pid),
    socket: paths.socket,
    token,
    protocol: PTY_HOST_PROTOCOL,
    version: PRODUCT_VERSION,
    startedAt,
  });
  watchIdle();
  return ok({
    get running() {
      return terminals.running;
    },
    end,
  });
}
