// Sends bytes over one transport as fast as the other side takes them: bare, or as a channel of ours.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Channel } from '../../contract/wire/channel.ts';
import { connectSocket } from '../../main/platform/socketChannel.ts';
import { webSocketChannel } from '../../main/server/webSocketChannel.ts';
import { must } from '../lib/must.ts';

const [kind = '', target = '', frames = '0', frameBytes = '0'] = process.argv.slice(2);
const frame = new Uint8Array(Number(frameBytes)).fill(0x61);
/** Bytes unsent at which a sender waits, and at which it goes on: half of what a channel is cut off at. */
const UNSENT = { high: 4 * 1024 * 1024, low: 1024 * 1024 };

/** The same loop for every transport, so that only the transport differs. */
async function pump(send: () => void, unsent: () => number): Promise<void> {
  for (let sent = 0; sent < Number(frames); sent += 1) {
    send();
    if (unsent() <= UNSENT.high) continue;
    while (unsent() > UNSENT.low) await sleep(1);
  }
}

function overChannel(channel: Channel): Promise<void> {
  return pump(
    () => channel.send(frame),
    () => channel.queuedBytes,
  );
}

async function main(): Promise<void> {
  if (kind === 'unix') return overChannel(must(await connectSocket(target)));
  if (kind === 'plain-unix') {
    const socket = connect(target);
    await once(socket, 'connect');
    return pump(
      () => void socket.write(frame),
      () => socket.writableLength,
    );
  }
  const socket = new WebSocket(target, { perMessageDeflate: false });
  await once(socket, 'open');
  if (kind === 'web') return overChannel(webSocketChannel(socket));
  return pump(
    () => socket.send(frame),
    () => socket.bufferedAmount,
  );
}

process.once('message', () => void main());
process.send?.({ ready: true });
process.on('disconnect', () => process.exit(0));
