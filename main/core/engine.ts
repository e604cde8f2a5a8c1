import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '../../contract/result.ts';
import { type RoomContract, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION, PROTOCOL_VERSION } from '../../contract/version.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import type { Hello, Scope } from '../../contract/wire/definition.ts';
import { type ServerSession, serveClient } from '../../contract/wire/server.ts';
import { createTopicHub } from '../../contract/wire/topicHub.ts';
import { readBootId } from '../platform/bootId.ts';
import { type Clock, systemClock, timestamp } from '../platform/clock.ts';
import { socketPath } from '../platform/projectSockets.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { isSecret, newToken } from '../platform/secrets.ts';
import { listenSocket } from '../platform/socketChannel.ts';
import { writeCommandShim } from './agents/commandShim.ts';
import { loadManifest } from './agents/manifest.ts';
import { loadConfig } from './config/loadConfig.ts';
import { watchChanges } from './db/changeFeed.ts';
import { explainFailure } from './db/explainFailure.ts';
import type { SandboxEngine } from './drills/sandboxProject.ts';
import { openEngineLog } from './engineLog.ts';
import { composeServices } from './engineServices.ts';
import type { MakeBrowserLink } from './engineServicesOptions.ts';
import type { EngineInfo } from './lease/engineInfo.ts';
import { removeEngineInfo, writeEngineInfo } from './lease/engineInfoFile.ts';
import { holdLease } from './lease/engineLease.ts';
import { watchProject } from './lease/projectWatch.ts';
import type { ProjectRegistry } from './projects/projectRegistry.ts';
import type { WallLinks } from './room/wallLinks.ts';
import { openStores } from './stores.ts';
import { noteBoot } from './turns/resumeOffers.ts';
import { pathExists } from './util/files.ts';

export interface EngineOptions {
  readonly projectRoot: string;
  readonly mode: EngineInfo['mode'];
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Called when a face asked this engine to end; the shell closes it and leaves. */
  readonly onShutdown?: (reason: string) => void;
  /**
   * Called when this engine has ended by itself because its project was deleted or moved away, with one line for a person.
   * Absent: the shell is asked to end as by a face.
   */
  readonly onGone?: (line: string) => void;
  /** Milliseconds between two looks for the project's folder, for tests. */
  readonly projectLookMs?: number;
  /** The list of this machine's projects, when this one is to be in it. */
  readonly registry?: ProjectRegistry;
  /** Names this start of the machine, for tests. */
  readonly bootId?: () => Promise<string | null>;
  /** Extra arguments of a pty host that has to be started, for tests. */
  readonly hostArgs?: readonly string[];
}

/** A running engine: one project's stores, turns, mail, merges and topics, served to any number of faces. */
export interface Engine {
  readonly info: EngineInfo;
  readonly projectRoot: string;
  /** Serves one face. `authorize` decides what it may do; a channel of our own process needs no token. */
  connect(channel: Channel, authorize: (hello: Hello) => Scope | null): ServerSession;
  /** Who makes one-time links for the browser room, when this engine serves one. */
  setBrowserLink(make: MakeBrowserLink): void;
  /** Wallboards signed in in a browser, kept over the end of the engine. */
  readonly wallLinks: WallLinks;
  /** Ends the engine and gives the project back. Agents and terminals go on under the pty host; the next engine adopts them. */
  close(): Promise<void>;
}

/**
 * Starts the engine of a project: stores, lease, services, socket, then adopts what an earlier engine left running. Fails
 * with `config` when the project is not set up, with `conflict` when another engine holds it.
 */
export async function createEngine(options: EngineOptions): Promise<Result<Engine>> {
  const projectRoot = await realpath(options.projectRoot).catch(() => null);
  if (projectRoot === null) return fail('config', `the project folder ${options.projectRoot} does not exist`);
  const overstoryDirectory = join(projectRoot, '.overstory');
  if (!(await pathExists(join(overstoryDirectory, 'config.yaml')))) {
    return fail('config', `${projectRoot} is not set up: run "ov init" there first`);
  }
  const loaded = await loadConfig(projectRoot);
  if (!loaded.ok) return loaded;
  const { config } = loaded.value;
  const manifest = await loadManifest(projectRoot, config.agents.manifestPath, config.agents.baseDir);
  if (!manifest.ok) return manifest;

  const opened = await openStores(overstoryDirectory);
  if (!opened.ok) return opened;
  const stores = opened.value;
  const lease = await holdLease(stores.control);
  if (!lease.ok) {
    stores.close();
    return lease;
  }
  const { log, close: closeLog } = await openEngineLog(join(overstoryDirectory, 'logs', 'engine.log'));
  for (const warning of loaded.value.warnings) log('warn', warning);

  const clock = options.clock ?? systemClock;
  const rebooted = noteBoot(stores.control, await (options.bootId ?? readBootId)());
  if (rebooted) log('warn', 'the machine was started anew since the last engine: running turns are over');
  const startedAt = timestamp(clock.now());
  const hub = createTopicHub({ contract: roomContract, scheduler: nodeScheduler });
  const token = newToken();
  const info: EngineInfo = {
    pid: process.pid,
    startTime: lease.value.startTime,
    instanceId: lease.value.instanceId,
    socket: socketPath(projectRoot, 'engine'),
    token,
    protocol: PROTOCOL_VERSION,
    version: PRODUCT_VERSION,
    mode: options.mode,
    startedAt,
  };
  const sessions = new Set<ServerSession>();
  const services = await composeServices({
    projectRoot,
    overstoryDirectory,
    commandFolder: await writeCommandShim(projectRoot),
    config,
    manifest: manifest.value,
    stores,
    hub,
    clock,
    log,
    environment: options.environment ?? process.env,
    hostArgs: options.hostArgs ?? [],
    engine: { mode: options.mode, version: PRODUCT_VERSION, pid: process.pid, instanceId: info.instanceId, startedAt },
    projectName: config.project.name === '' ? basename(projectRoot) : config.project.name,
    shutdown: options.onShutdown ?? (() => {}),
    registry: options.registry ?? null,
    rebooted,
    faces: () => sessions.size,
    startSandbox: (root) => startSandbox(root, options.environment ?? process.env),
  });

  await services.recoverSlings();

  const epoch = randomUUID();
  const connect = (channel: Channel, authorize: (hello: Hello) => Scope | null): ServerSession => {
    const session = serveClient<RoomContract>({
      contract: roomContract,
      channel,
      handlers: services.handlers,
      hub,
      authorize,
      scheduler: nodeScheduler,
      log,
      epoch,
      build: PRODUCT_VERSION,
      explain: (error) => explainFailure(error, overstoryDirectory),
    });
    sessions.add(session);
    session.onClose(() => sessions.delete(session));
    return session;
  };
  const listener = await listenSocket(info.socket, (channel) =>
    connect(channel, (hello) => (isSecret(hello.token, token) ? 'admin' : null)),
  );
  if (!listener.ok) {
    services.close();
    lease.value.release();
    stores.close();
    closeLog();
    return listener;
  }
  const feed = watchChanges({
    directory: overstoryDirectory,
    connections: stores.connections,
    onChange: (names) => services.onForeignCommit(names),
  });

  // Known before it can be found: who waits for this engine looks it up in the list next.
  await services.register();
  await writeEngineInfo(projectRoot, info);
  log('info', 'engine started', { mode: options.mode, pid: process.pid });
  await services.recover();

  const socket = listener.value;
  const held = lease.value;
  const root = projectRoot;
  let closing: Promise<void> | null = null;
  /** @param gone why there is no project any more; null where there is. */
  async function close(gone: string | null): Promise<void> {
    watch.close();
    feed.close();
    // One step that fails, as all may whose files are gone, must not keep the others from being done.
    const step = async (what: string, work: () => unknown): Promise<void> => {
      try {
        await work();
      } catch (error) {
        log('error', `closing: ${what} failed`, { error: error instanceof Error ? error.stack : String(error) });
      }
    };
    await step('engine.json', () => removeEngineInfo(root, info.instanceId));
    await step('socket', () => socket.close());
    await step('turns', () => services.detach());
    if (gone !== null) await step('processes', () => services.endProcesses());
    for (const session of [...sessions]) session.close(gone ?? 'the engine is closing');
    await step('services', () => services.close());
    await step('lease', () => held.release());
    await step('stores', () => stores.close());
    log('info', 'engine closed');
    closeLog();
  }
  const watch = await watchProject(
    root,
    (line) => {
      log('error', line);
      closing ??= close(line);
      const tell = options.onGone ?? options.onShutdown;
      void closing.then(() => tell?.(line));
    },
    options.projectLookMs,
  );
  return ok({
    info,
    projectRoot,
    connect,
    setBrowserLink: (make) => services.setBrowserLink(make),
    wallLinks: services.wallLinks,
    close() {
      closing ??= close(null);
      return closing;
    },
  });
}

/** An engine for a fire drill: in this process, on a project of its own, without pauses, and gone with whoever started it. */
async function startSandbox(
  projectRoot: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<SandboxEngine>> {
  const created = await createEngine({
    projectRoot,
    mode: 'background',
    environment: { ...environment, OVERSTORY_REHEARSAL_PACE: '0' },
    hostArgs: ['--idle-exit-ms', '2000'],
  });
  if (!created.ok) return created;
  const engine = created.value;
  return ok({ connect: (channel) => void engine.connect(channel, () => 'admin'), close: () => engine.close() });
}
