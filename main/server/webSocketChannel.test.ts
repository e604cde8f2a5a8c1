import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../../contract/limits.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { webSocketChannel } from './webSocketChannel.ts';

let server: WebSocketServer;
beforeEach(async () => {
  server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: false,
  });
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** A raw client of a channel of ours, so that the test can misbehave. */
async function rawPeer(): Promise<{ readonly channel: Channel; readonly socket: WebSocket }> {
  const accepted = once(server, 'connection');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const [ours] = (await accepted) as [WebSocket];
  const channel = webSocketChannel(ours);
  await once(socket, 'open');
  return { channel, socket };
}

const closeOf = (channel: Channel) => new Promise<string>((resolve) => channel.onClose(resolve));

describe('a WebSocket channel', () => {
  it('cuts off a peer that reads nothing at 8 MiB, and never holds much more', async () => {
    const { channel, socket } = await rawPeer();
    socket.pause();
    const closed = closeOf(channel);
    let peak = 0;
    for (let frames = 0; frames < 100; frames += 1) {
      channel.send(new Uint8Array(512 * 1024));
      peak = Math.max(peak, channel.queuedBytes);
    }
    expect(await closed).toContain('lagging');
    expect(peak).toBeLessThanOrEqual(LIMITS.channelCutBytes + 1024 * 1024);
  });
  it('ends with a reason on a frame that is too large', async () => {
    const { channel, socket } = await rawPeer();
    const peerClosed = once(socket, 'close');
    socket.send('x'.repeat(LIMITS.frameBytes + 1));
    expect(await closeOf(channel)).toContain('the connection broke');
    expect((await peerClosed)[0]).toBe(1009);
  });
  it('ends with a reason on bytes that break the protocol', async () => {
    const { channel, socket } = await rawPeer();
    socket.on('error', () => {});
    (socket as unknown as { readonly _socket: Socket })._socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect(await closeOf(channel)).toContain('the connection broke');
  });
  it('passes on the reason of the other side, cut to what a close frame holds', async () => {
    const { channel, socket } = await rawPeer();
    const peerClosed = once(socket, 'close');
    channel.close('ä'.repeat(200));
    const [code, reason] = (await peerClosed) as [number, Buffer];
    expect([code, reason.toString('utf8')]).toEqual([1000, 'ä'.repeat(61)]);

    const second = await rawPeer();
    second.socket.close(1000, 'page left');
    expect(await closeOf(second.channel)).toBe('page left');
  });
  it('says in words why a connection without a reason closed', async () => {
    const { channel, socket } = await rawPeer();
    socket.terminate();
    expect(await closeOf(channel)).toBe('the connection was lost');
  });
});
