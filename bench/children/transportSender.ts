// Sends bytes over one transport as fast as the other side takes them: bare, or as a channel of ours.
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Channel } from '../../contract/wire/channel.ts';
import { connectSocket } from '../../main/platform/socketChannel.ts';
import { webSocketChannel } from '../../main/server/webSocketChannel.ts';
import { must } from '../lib/must.ts';

const [kind = '', target = '', frames = '0', frameBytes = '0'] = process.argv.slice(2);
const frame = new Uint8Array(Number(frameBytes)).fill(0x61);
/** Bytes unsent at which a sender waits, as the wire's own streams do. */
const HIGH = 1024 * 1024;

async function overChannel(channel: Channel): Promise<void> {
  for (let sent = 0; sent < Number(frames); sent += 1) {
    channel.send(frame);
    while (channel.queuedBytes > HIGH) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function main(): Promise<void> {
  if (kind === 'unix') return overChannel(must(await connectSocket(target)));
  if (kind === 'plain-unix') {
    const socket = connect(target);
    await once(socket, 'connect');
    for (let sent = 0; sent < Number(frames); sent += 1) if (!socket.write(frame)) await once(socket, 'drain');
    return;
  }
  const socket = new WebSocket(target, { perMessageDeflate: false });
  await once(socket, 'open');
  if (kind === 'web') return overChannel(webSocketChannel(socket));
  for (let sent = 0; sent < Number(frames); sent += 1) {
    socket.send(frame);
    while (socket.bufferedAmount > HIGH) await new Promise((resolve) => setImmediate(resolve));
  }
}

process.once('message', () => void main());
process.send?.({ ready: true });
process.on('disconnect', () => process.exit(0));
