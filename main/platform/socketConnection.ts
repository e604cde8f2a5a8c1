import { connect, type Socket } from 'node:net';
import { LIMITS } from '../../contract/limits.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { createChannelEvents } from '../../contract/wire/channelEvents.ts';
import { createSocketFrameReader, encodeSocketFrame } from './socketFrames.ts';

/** Milliseconds a closing side waits for its last frames to leave before it drops the connection. */
const LINGER_MS = 1_000;

/** Bytes read at once by a connection to somebody else: several of their frames. */
const READ_BYTES = 256 * 1024;
/** Where such connections read into, one after the other: what is read is copied out before the next read. */
let readMemory: Buffer | null = null;

/**
 * Wraps a connected unix socket or named pipe. A peer that leaves 8 MiB unread is cut off as lagging.
 * @param onRead how bytes arrive, where that is not the socket's own event. Their memory is only lent.
 */
export function socketChannel(socket: Socket, onRead?: (listener: (chunk: Buffer) => void) => void): Channel {
  const events = createChannelEvents();
  const reader = createSocketFrameReader(LIMITS.frameBytes);

  const end = (reason: string): void => {
    if (!events.closed(reason)) return;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  };
  const take = (chunk: Buffer): void => {
    if (events.isClosed) return;
    const wrong = reader.push(chunk, events.deliver);
    if (wrong !== null) end(`protocol error: ${wrong}`);
  };
  if (onRead === undefined) socket.on('data', take);
  else onRead(take);
  socket.on('error', (error: NodeJS.ErrnoException) => {
    events.closed(`the connection broke (${error.code ?? error.message})`);
    socket.destroy();
  });
  socket.on('end', () => end('the other side closed the connection'));
  socket.on('close', () => events.closed('the other side closed the connection'));

  return {
    onFrame: events.onFrame,
    onClose: events.onClose,
    get queuedBytes() {
      return socket.writableLength;
    },
    send(frame) {
      if (events.isClosed || !socket.writable) return;
      const { bytes, left } = encodeSocketFrame(frame);
      socket.write(bytes, (error) => {
        // What a broken connection had not sent may still be in its hands.
        if (error === null || error === undefined) left();
      });
      if (socket.writableLength <= LIMITS.channelCutBytes) return;
      events.closed(`lagging: the other side left ${LIMITS.channelCutBytes} bytes unread`);
      socket.destroy();
    },
    close: (reason = 'closed') => end(reason),
  };
}

/** Connects to a unix socket or named pipe. Fails with `unavailable` when nobody listens there. */
export function connectSocket(path: string): Promise<Result<Channel>> {
  return new Promise((resolve) => {
    let take: (chunk: Buffer) => void = () => {};
    readMemory ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const socket = connect({
      path,
      // Into memory of ours: the stream machinery would make garbage of every read.
      onread: {
        buffer: readMemory,
        callback(bytes, memory) {
          take(Buffer.from(memory.buffer, memory.byteOffset, bytes));
          return true;
        },
      },
    });
    const onError = (error: NodeJS.ErrnoException): void => {
      socket.destroy();
      resolve(fail('unavailable', `nobody listens on ${path} (${error.code ?? error.message})`));
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      // The channel listens before this handler is gone: an error never goes unheard.
      const channel = socketChannel(socket, (listener) => {
        take = listener;
      });
      socket.off('error', onError);
      resolve(ok(channel));
    });
  });
}
