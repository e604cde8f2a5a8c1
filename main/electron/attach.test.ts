import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { fail, ok } from '../../contract/result.ts';
import { connectClient } from '../../contract/wire/client.ts';
import { type Contract, procedure } from '../../contract/wire/definition.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { serveClient } from '../../contract/wire/server.ts';
import { createTopicHub } from '../../contract/wire/topicHub.ts';
import { pipeWhenReady } from '../platform/channelPipe.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { connectSocket, listenSocket, type SocketListener } from '../platform/socketChannel.ts';
import { createEngineHost, type EngineHost } from './engineHost.ts';

const contract = {
  name: 'probe',
  protocol: 1,
  procedures: { double: procedure('admin', z.object({ value: z.number() }), z.object({ value: z.number() })) },
  topics: {},
} as const satisfies Contract;

let folder = '';
let listener: SocketListener;
let host: EngineHost;
let live = true;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-attach-'));
  live = true;
  const hub = createTopicHub({ contract, scheduler: nodeScheduler });
  const listening = await listenSocket(join(folder, 'engine.sock'), (channel) => {
    serveClient({
      contract,
      channel,
      hub,
      handlers: { double: ({ value }) => ok({ value: value * 2 }) },
      authorize: (hello) => (hello.token === 'secret' ? 'admin' : null),
      scheduler: nodeScheduler,
      log: () => {},
      epoch: 'one',
      build: '1',
    });
  });
  if (!listening.ok) throw new Error(listening.error.message);
  listener = listening.value;
  host = createEngineHost(
    {
      makeWay: async () => ok(null),
      findLiveEngine: async () => (live ? { socket: listener.path, token: 'secret' } : null),
      connectSocket,
      createMemoryPair,
      canEmbed: () => true,
      embed: async () => fail('config', 'nothing is embedded here'),
      startBackground: async () => {},
      scheduler: nodeScheduler,
    },
    folder,
  );
});
afterEach(async () => {
  await host.close();
  await listener.close();
  await rm(folder, { recursive: true, force: true });
});

test('a page without a token works with an engine behind a socket that asks for one', async () => {
  const [page, end] = createMemoryPair();
  pipeWhenReady(end, host.open());
  const client = await connectClient({ contract, channel: page, hello: { build: '1' }, scheduler: nodeScheduler });
  if (!client.ok) throw new Error(client.error.message);
  expect(await client.value.call('double', { value: 21 })).toEqual(ok({ value: 42 }));
  client.value.close();
});

test('a page hears why there is no engine', async () => {
  live = false;
  const [page, end] = createMemoryPair();
  pipeWhenReady(end, host.open());
  const client = await connectClient({ contract, channel: page, hello: { build: '1' }, scheduler: nodeScheduler });
  expect(client).toMatchObject({ ok: false, error: { message: 'nothing is embedded here' } });
});
