import type { WebSocket } from 'ws';
import { LIMITS } from '../../contract/limits.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { createChannelEvents } from '../../contract/wire/channelEvents.ts';
import { closeReason } from '../../contract/wire/closeCodes.ts';
import { truncateUtf8 } from '../../contract/wire/frames.ts';

/** Milliseconds a closing side waits for the peer's half of the close before it drops the connection. */
const LINGER_MS = 1_000;
/** Bytes a close frame has for its reason (RFC 6455 §5.5). */
const REASON_BYTES = 123;

/**
 * Wraps an accepted, open WebSocket of the `ws` library. Its owner sets `maxPayload` (`LIMITS.frameBytes`), checks Host
 * and Origin, and pings. A peer that leaves 8 MiB unread is cut off as lagging.
 */
export function webSocketChannel(socket: WebSocket): Channel {
  const events = createChannelEvents();
  const end = (code: number, reason: string): void => {
    if (!events.closed(reason)) return;
    socket.close(code, truncateUtf8(reason, REASON_BYTES));
    const timer = setTimeout(() => socket.terminate(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  };
  socket.on('message', (data, isBinary) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
    events.deliver(isBinary ? bytes : bytes.toString('utf8'));
  });
  socket.on('close', (code, reason) => {
    events.closed(closeReason(code, reason.toString('utf8')));
  });
  // Too large a frame or broken framing: the library closes by itself after this.
  socket.on('error', (error) => {
    events.closed(`the connection broke (${error.message})`);
  });

  return {
    onFrame: events.onFrame,
    onClose: events.onClose,
    get queuedBytes() {
      return socket.bufferedAmount;
    },
    send(frame) {
      if (events.isClosed || socket.readyState !== socket.OPEN) return;
      // The library keeps what it is given until it is sent.
      socket.send(typeof frame === 'string' ? frame : Uint8Array.prototype.slice.call(frame));
      if (socket.bufferedAmount <= LIMITS.channelCutBytes) return;
      events.closed(`lagging: the other side left ${LIMITS.channelCutBytes} bytes unread`);
      socket.terminate();
    },
    close: (reason = 'closed') => end(1000, reason),
  };
}
