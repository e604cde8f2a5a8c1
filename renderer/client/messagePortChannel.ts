import type { Channel } from '../../contract/wire/channel.ts';
import { createChannelEvents } from '../../contract/wire/channelEvents.ts';
import { farewell, readPortMessage, toPortMessage } from '../../contract/wire/portMessages.ts';

/** Wraps a page's MessagePort, the desktop room's way to its engine. The counterpart of main/platform/messagePortChannel.ts. */
export function messagePortChannel(port: MessagePort): Channel {
  const events = createChannelEvents();
  const end = (reason: string): void => {
    if (events.closed(reason)) port.close();
  };
  const close = (reason: string): void => {
    if (!events.isClosed) port.postMessage(farewell(reason));
    end(reason);
  };
  port.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = readPortMessage(event.data);
    switch (message.kind) {
      case 'frame':
        return events.deliver(message.frame);
      case 'farewell':
        return end(message.reason);
      case 'unknown':
        return close('protocol error: neither text nor bytes came through the port');
    }
  });
  // Chromium tells when the other end is gone, for instance with its process.
  port.addEventListener('close', () => events.closed('the other side closed the connection'));
  port.start();

  return {
    onFrame: events.onFrame,
    onClose: events.onClose,
    queuedBytes: 0,
    send(frame) {
      if (!events.isClosed) port.postMessage(toPortMessage(frame));
    },
    close: (reason = 'closed') => close(reason),
  };
}
