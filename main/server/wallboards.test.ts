import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Result } from '../../contract/result.ts';
import { type RoomClient, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import { createTestProject, type TestProject } from '../core/testEngine.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { type BrowserRoom, startBrowserRoom } from './browserRoom.ts';
import { webSocketChannel } from './webSocketChannel.ts';

/** Wallboards over the end of their engine: real engines one after the other, and the browser's way into each. */

let project: TestProject;
let client: RoomClient;
let room: BrowserRoom;
const sockets: WebSocket[] = [];

async function start(port: number): Promise<void> {
  const started = await project.start();
  client = started.client;
  const served = await startBrowserRoom({
    rendererDirectory: join(project.root, 'no-renderer'),
    port,
    instanceId: 'instance-1',
    onChannel: (channel, authorize) => void started.engine.connect(channel, authorize),
    wallLinks: started.engine.wallLinks,
  });
  if (!served.ok) throw new Error(served.error.message);
  room = served.value;
}

async function restart(): Promise<void> {
  const { port } = room;
  await room.close();
  await project.stopEngine();
  await start(port);
}

beforeAll(async () => {
  project = await createTestProject();
  await start(0);
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await room.close();
  await project.dispose();
});

const host = (): string => `127.0.0.1:${room.port}`;

async function signIn(link: string): Promise<string> {
  const sent = request({
    host: '127.0.0.1',
    port: room.port,
    path: '/api/session',
    method: 'POST',
    headers: { Host: host(), Origin: `http://${host()}` },
  });
  sent.end(JSON.stringify({ ticket: new URL(link).hash.slice('#ticket='.length) }));
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  let body = '';
  for await (const chunk of response) body += chunk.toString();
  return (JSON.parse(body) as { token: string }).token;
}

async function enter(token: string): Promise<{ readonly entered: Result<RoomClient>; readonly socket: WebSocket }> {
  const socket = new WebSocket(`ws://${host()}/ws`, { origin: `http://${host()}` });
  // What breaks after it opened ends as a closed connection.
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'open');
  const entered = await connectClient({
    contract: roomContract,
    channel: webSocketChannel(socket),
    hello: { build: PRODUCT_VERSION, token },
    scheduler: nodeScheduler,
  });
  return { entered, socket };
}

async function refusedAt(headers: { readonly origin: string; readonly Host?: string }): Promise<number> {
  const { origin, ...rest } = headers;
  const socket = new WebSocket(`ws://${host()}/ws`, { origin, headers: rest });
  socket.on('error', () => {});
  sockets.push(socket);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  return response.statusCode;
}

describe('a wallboard that is signed in', () => {
  it('watches on after its engine was replaced, and may still do nothing else', async () => {
    const token = await signIn(room.link('read', 'wallboard'));
    await restart();
    const { entered } = await enter(token);
    if (!entered.ok) throw new Error(entered.error.message);
    const wall = entered.value;
    expect((await wall.snapshot('status')).ok).toBe(true);
    for (const refused of [
      wall.call('fleet.pause', { paused: true }),
      wall.call('engine.browserLink', {}),
      wall.call('engine.wallLinks', {}),
      wall.call('engine.endWallLink', { id: null }),
      wall.call('projects.list', {}),
    ])
      expect(await refused).toMatchObject({ ok: false, error: { tag: 'unauthorized' } });
  });

  it('is let in by no other Host and no other Origin than before', async () => {
    expect(await refusedAt({ origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await refusedAt({ origin: 'http://evil.test', Host: 'evil.test' })).toBe(421);
    expect(await refusedAt({ origin: `http://evil.test:${room.port}`, Host: `evil.test:${room.port}` })).toBe(421);
  });

  it('is the only one to outlive the engine: neither another watching page nor one with every right does', async () => {
    const tokens = await Promise.all([
      signIn(room.link('read')),
      signIn(room.link('admin')),
      signIn(room.link('admin', 'wallboard')),
    ]);
    await restart();
    for (const token of tokens)
      expect((await enter(token)).entered).toMatchObject({ ok: false, error: { tag: 'unauthorized' } });
  });

  it('is cut off at once when its link is taken back, and by no later engine let in again', async () => {
    const token = await signIn(room.link('read', 'wallboard'));
    const { entered, socket } = await enter(token);
    expect(entered.ok).toBe(true);
    const told = await client.call('engine.wallLinks', {});
    if (!told.ok) throw new Error(told.error.message);
    expect(told.value.links[0]).toMatchObject({ address: `http://${host()}` });
    const closed = once(socket, 'close');
    expect((await client.call('engine.endWallLink', { id: told.value.links[0]?.id ?? '' })).ok).toBe(true);
    await closed;
    expect((await enter(token)).entered).toMatchObject({ ok: false, error: { tag: 'unauthorized' } });
    await restart();
    expect((await enter(token)).entered).toMatchObject({ ok: false, error: { tag: 'unauthorized' } });
  });
});
