import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel, Scheduler } from '../../contract/wire/channel.ts';
import { withToken } from '../platform/channelPipe.ts';

/** An engine inside this process; `main/core/engine.ts` makes it (see embedEngine.ts). */
export interface EmbeddedEngine {
  /** Serves one face of this desktop, with every right, over this channel. */
  connect(channel: Channel): void;
  /** It has ended by itself, because its project was deleted or moved away. */
  isGone?(): boolean;
  /** Ends it and gives the project back. Agents and terminals go on under the pty host. */
  close(): Promise<void>;
}

/** Where a running engine listens; a part of `.overstory/run/engine.json`. */
export interface EngineAddress {
  readonly socket: string;
  readonly token: string;
}

/** The engine of the open project, wherever it runs. */
export interface EngineLink {
  readonly mode: 'embedded' | 'attached';
  /** True when this desktop started it in a process of its own: without work it ends with the desktop. */
  readonly startedHere: boolean;
  readonly projectRoot: string;
  /** It has ended by itself, because its project was deleted or moved away; absent where nobody here would know. */
  isGone?(): boolean;
  /** A fresh channel to it. */
  open(): Promise<Result<Channel>>;
  /** Lets go: ends an embedded engine, leaves another's alone. */
  close(): Promise<void>;
}

export interface EngineHostDependencies {
  /** Has an engine of an older version hand the project over; a failure says why the project cannot be opened. */
  makeWay(projectRoot: string): Promise<Result<unknown>>;
  findLiveEngine(projectRoot: string): Promise<EngineAddress | null>;
  connectSocket(path: string): Promise<Result<Channel>>;
  createMemoryPair(): readonly [Channel, Channel];
  /** False in an Electron whose Node is too old for the stores: it attaches, always. */
  canEmbed(): boolean;
  embed(projectRoot: string): Promise<Result<EmbeddedEngine>>;
  /** Starts an engine in a process of its own. Throws a readable line. */
  startBackground(projectRoot: string): Promise<void>;
  readonly scheduler: Scheduler;
}

/** Milliseconds to wait for an engine that somebody else is starting, and between two looks. */
const APPEARS_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** Keeps the open project connected to an engine. */
export interface EngineHost {
  readonly projectRoot: string;
  /** The engine of the last successful `open`; null before. */
  readonly link: EngineLink | null;
  /** A channel to the project's engine; finds, embeds or starts one when there is none, or the last one is gone. */
  open(): Promise<Result<Channel>>;
  close(): Promise<void>;
}

/** Builds the host of one project. Nothing happens before the first `open`. */
export function createEngineHost(dependencies: EngineHostDependencies, projectRoot: string): EngineHost {
  let link: EngineLink | null = null;
  let establishing: Promise<Result<EngineLink>> | null = null;
  let closed = false;

  const establish = (): Promise<Result<EngineLink>> => {
    establishing ??= findOrStart(dependencies, projectRoot).finally(() => {
      establishing = null;
    });
    return establishing;
  };

  return {
    projectRoot,
    get link() {
      return link;
    },
    async open() {
      if (link?.isGone?.() === true) link = null;
      if (link !== null) {
        const opened = await link.open();
        if (opened.ok || link?.mode === 'embedded') return opened;
        link = null;
      }
      if (closed) return fail('unavailable', 'the project was closed');
      const established = await establish();
      if (!established.ok) return established;
      link = established.value;
      return await link.open();
    },
    async close() {
      closed = true;
      // An engine on its way is waited for: left behind it would hold the project.
      const pending = await establishing;
      await (link ?? (pending?.ok === true ? pending.value : null))?.close();
      link = null;
    },
  };
}

/** Attach where an engine lives, else embed where this process can, else start one and attach (architecture.md §1). */
async function findOrStart(dependencies: EngineHostDependencies, projectRoot: string): Promise<Result<EngineLink>> {
  const way = await dependencies.makeWay(projectRoot);
  if (!way.ok) return way;
  if ((await dependencies.findLiveEngine(projectRoot)) !== null)
    return ok(attachedLink(dependencies, projectRoot, false));
  const embeds = dependencies.canEmbed();
  if (embeds) {
    const embedded = await dependencies.embed(projectRoot);
    if (embedded.ok) return ok(embeddedLink(dependencies, projectRoot, embedded.value));
    // Somebody else took the project between our look and our start: theirs is the one to attach to.
    if (embedded.error.tag !== 'conflict') return embedded;
  } else {
    try {
      await dependencies.startBackground(projectRoot);
    } catch (error) {
      return fail('unavailable', error instanceof Error ? error.message : String(error));
    }
  }
  const appeared = await waitForEngine(dependencies, projectRoot);
  return appeared.ok ? ok(attachedLink(dependencies, projectRoot, !embeds)) : appeared;
}

async function waitForEngine(dependencies: EngineHostDependencies, projectRoot: string): Promise<Result<null>> {
  const { scheduler } = dependencies;
  const until = scheduler.now() + APPEARS_WITHIN_MS;
  while ((await dependencies.findLiveEngine(projectRoot)) === null) {
    if (scheduler.now() >= until) {
      const log = '.overstory/logs/engine.log';
      return fail('timeout', `No engine appeared for ${projectRoot} within 15 s; ${log} there says why.`);
    }
    await new Promise<void>((resolve) => scheduler.after(LOOK_EVERY_MS, resolve));
  }
  return ok(null);
}

function embeddedLink(dependencies: EngineHostDependencies, projectRoot: string, engine: EmbeddedEngine): EngineLink {
  return {
    mode: 'embedded',
    startedHere: true,
    projectRoot,
    isGone: () => engine.isGone?.() ?? false,
    async open() {
      const [face, served] = dependencies.createMemoryPair();
      engine.connect(served);
      return ok(face);
    },
    close: () => engine.close(),
  };
}

function attachedLink(dependencies: EngineHostDependencies, projectRoot: string, startedHere: boolean): EngineLink {
  return {
    mode: 'attached',
    startedHere,
    projectRoot,
    async open() {
      // Read anew each time: an engine that was replaced has another socket and another token.
      const address = await dependencies.findLiveEngine(projectRoot);
      if (address === null) return fail('unavailable', 'the engine of this project has ended');
      const channel = await dependencies.connectSocket(address.socket);
      return channel.ok ? ok(withToken(channel.value, address.token)) : channel;
    },
    close: async () => {},
  };
}
