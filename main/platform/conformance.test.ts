import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../../contract/limits.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { conformanceCases, type Transport } from '../../contract/wire/conformance/index.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { webSocketChannel } from '../server/webSocketChannel.ts';
import { messagePortChannel } from './messagePortChannel.ts';
import { nodeScheduler } from './scheduler.ts';
import { connectSocket, listenSocket, type SocketListener } from './socketChannel.ts';

function conforms(transport: Transport): void {
  for (const each of conformanceCases) it(each.name, () => each.run(transport));
}

/** Hands the server's ends of connections to those who opened the client's, in order. */
function accepted(): { readonly push: (channel: Channel) => void; readonly next: () => Promise<Channel> } {
  const ready: Channel[] = [];
  const waiting: ((channel: Channel) => void)[] = [];
  return {
    push(channel) {
      const first = waiting.shift();
      if (first === undefined) ready.push(channel);
      else first(channel);
    },
    next() {
      const first = ready.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
  };
}

describe('memory', () => {
  conforms({
    name: 'memory',
    scheduler: nodeScheduler,
    async open() {
      const [server, client] = createMemoryPair();
      return { server, client };
    },
  });
});

describe('MessagePort', () => {
  conforms({
    name: 'MessagePort',
    scheduler: nodeScheduler,
    async open() {
      const { port1, port2 } = new MessageChannel();
      return { server: messagePortChannel(port1), client: messagePortChannel(port2) };
    },
  });
});

describe('unix socket', () => {
  const servers = accepted();
  let folder = '';
  let listener: SocketListener | null = null;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wire-'));
    const listening = await listenSocket(join(folder, 'run', 's.sock'), servers.push);
    if (!listening.ok) throw new Error(listening.error.message);
    listener = listening.value;
  });
  afterAll(async () => {
    await listener?.close();
    await rm(folder, { recursive: true, force: true });
  });
  conforms({
    name: 'unix socket',
    scheduler: nodeScheduler,
    async open() {
      const client = await connectSocket(join(folder, 'run', 's.sock'));
      if (!client.ok) throw new Error(client.error.message);
      return { server: await servers.next(), client: client.value };
    },
  });
});

describe('WebSocket', () => {
  const servers = accepted();
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: false,
  });
  server.on('connection', (socket) => servers.push(webSocketChannel(socket)));
  beforeAll(async () => {
    if (server.address() === null) await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  conforms({
    name: 'WebSocket',
    scheduler: nodeScheduler,
    async open() {
      const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const client = webSocketChannel(socket);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return { server: await servers.next(), client };
    },
  });
});
