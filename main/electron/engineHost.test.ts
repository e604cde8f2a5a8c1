import { expect, test } from 'vitest';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import {
  createEngineHost,
  type EmbeddedEngine,
  type EngineAddress,
  type EngineHostDependencies,
} from './engineHost.ts';

const ADDRESS: EngineAddress = { socket: '/shop/engine.sock', token: 'secret' };

interface World {
  live: EngineAddress | null;
  embed: () => Promise<Result<EmbeddedEngine>>;
  readonly did: string[];
}

function setUp(
  initial: Partial<World> & {
    readonly canEmbed?: boolean;
    readonly appearsAfter?: number;
    readonly way?: Result<unknown>;
  } = {},
) {
  let now = 0;
  let looks = 0;
  const did: string[] = [];
  const engine: EmbeddedEngine = {
    connect: () => void did.push('connect'),
    close: async () => void did.push('close'),
  };
  const world: World = {
    live: initial.live ?? null,
    embed: initial.embed ?? (async () => ok(engine)),
    did,
  };
  const dependencies: EngineHostDependencies = {
    makeWay: async () => initial.way ?? ok(null),
    async findLiveEngine() {
      looks += 1;
      return initial.appearsAfter !== undefined && looks > initial.appearsAfter ? ADDRESS : world.live;
    },
    async connectSocket(path): Promise<Result<Channel>> {
      did.push(`socket ${path}`);
      return world.live === null && initial.appearsAfter === undefined
        ? fail('unavailable', 'nobody listens')
        : ok(createMemoryPair()[0]);
    },
    createMemoryPair,
    canEmbed: () => initial.canEmbed ?? true,
    async embed(root) {
      did.push(`embed ${root}`);
      return await world.embed();
    },
    async startBackground(root) {
      did.push(`background ${root}`);
    },
    scheduler: {
      now: () => now,
      after(milliseconds, run) {
        now += milliseconds;
        queueMicrotask(run);
        return () => {};
      },
    },
  };
  return { host: createEngineHost(dependencies, '/shop'), world, did };
}

test('a live engine is attached to, and none is embedded', async () => {
  const { host, did } = setUp({ live: ADDRESS });
  expect((await host.open()).ok).toBe(true);
  expect(host.link?.mode).toBe('attached');
  await host.close();
  expect(did).toEqual(['socket /shop/engine.sock']);
});

test('an engine of another version that does not make way is told, and nothing else is tried', async () => {
  const { host, did } = setUp({ live: ADDRESS, way: fail('config', 'a newer engine holds this project') });
  expect(await host.open()).toMatchObject({ ok: false, error: { message: 'a newer engine holds this project' } });
  expect(did).toEqual([]);
});

test('without one an engine is embedded, once for all connections, and closed with the project', async () => {
  const { host, did } = setUp();
  const opened = await Promise.all([host.open(), host.open(), host.open()]);
  expect(opened.every((channel) => channel.ok)).toBe(true);
  expect(host.link?.mode).toBe('embedded');
  await host.close();
  expect(did).toEqual(['embed /shop', 'connect', 'connect', 'connect', 'close']);
});

test('where the stores cannot load a background engine is started and attached to', async () => {
  const { host, did } = setUp({ canEmbed: false, appearsAfter: 3 });
  expect((await host.open()).ok).toBe(true);
  expect(did).toEqual(['background /shop', 'socket /shop/engine.sock']);
});

test('losing the race for the project means attaching to the winner', async () => {
  const { host, did } = setUp({ appearsAfter: 2, embed: async () => fail('conflict', 'taken') });
  expect((await host.open()).ok).toBe(true);
  expect(host.link?.mode).toBe('attached');
  expect(did).toEqual(['embed /shop', 'socket /shop/engine.sock']);
});

test('an engine that cannot start says why, and the next try starts over', async () => {
  const { host, world } = setUp({ embed: async () => fail('config', 'run "ov init" first') });
  expect(await host.open()).toMatchObject({ ok: false, error: { message: 'run "ov init" first' } });
  world.live = ADDRESS;
  expect((await host.open()).ok).toBe(true);
});

test('an engine that never appears is given up after 15 seconds', async () => {
  const { host } = setUp({ canEmbed: false });
  expect(await host.open()).toMatchObject({ ok: false, error: { tag: 'timeout' } });
});

test('an attached engine that ended is replaced at the next connection', async () => {
  const { host, world, did } = setUp({ live: ADDRESS });
  await host.open();
  world.live = null;
  expect((await host.open()).ok).toBe(true);
  expect(host.link?.mode).toBe('embedded');
  expect(did).toEqual(['socket /shop/engine.sock', 'embed /shop', 'connect']);
});

test('a closed project opens nothing', async () => {
  const { host } = setUp({ live: ADDRESS });
  await host.close();
  expect(await host.open()).toMatchObject({ ok: false, error: { message: 'the project was closed' } });
});

test('an embedded engine whose project went is let go: the next connection looks for the project anew and says why', async () => {
  let gone = false;
  const { host, world, did } = setUp({
    embed: async () => ok({ connect: () => void did.push('connect'), isGone: () => gone, close: async () => {} }),
  });
  expect((await host.open()).ok).toBe(true);
  gone = true;
  world.embed = async () => fail('config', 'the project folder /shop does not exist');
  expect(await host.open()).toMatchObject({ ok: false, error: { message: 'the project folder /shop does not exist' } });
  expect(did).toEqual(['embed /shop', 'connect', 'embed /shop']);
  // It came back: an engine begins anew.
  gone = false;
  world.embed = async () => ok({ connect: () => void did.push('connect again'), close: async () => {} });
  expect((await host.open()).ok).toBe(true);
  expect(did.at(-1)).toBe('connect again');
});
