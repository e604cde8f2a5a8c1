import { LIMITS } from '../../contract/limits.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { createChannelEvents } from '../../contract/wire/channelEvents.ts';
import { closeReason } from '../../contract/wire/closeCodes.ts';
import { truncateUtf8 } from '../../contract/wire/frames.ts';

/** Opens a WebSocket to the room's server. Fails with `unavailable` when it does not open. */
export function openWebSocketChannel(url: string): Promise<Result<Channel>> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    const events = createChannelEvents();
    let opened = false;

    socket.addEventListener('open', () => {
      opened = true;
      resolve(ok(channel));
    });
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') events.deliver(event.data);
      else if (event.data instanceof ArrayBuffer) events.deliver(new Uint8Array(event.data));
    });
    // An `error` event says nothing and is always followed by `close`, which is where the story is told.
    socket.addEventListener('close', (event) => {
      if (!opened) {
        resolve(fail('unavailable', `the room's server at ${new URL(url).host} does not answer`));
        return;
      }
      events.closed(closeReason(event.code, event.reason));
    });

    const channel: Channel = {
      onFrame: events.onFrame,
      onClose: events.onClose,
      get queuedBytes() {
        return socket.bufferedAmount;
      },
      send(frame) {
        if (events.isClosed || socket.readyState !== WebSocket.OPEN) return;
        socket.send(typeof frame === 'string' ? frame : new Uint8Array(frame));
        if (socket.bufferedAmount > LIMITS.channelCutBytes) channel.close('lagging: the server does not read');
      },
      close(reason = 'closed') {
        if (events.closed(reason)) socket.close(1000, truncateUtf8(reason, 123));
      },
    };
  });
}
