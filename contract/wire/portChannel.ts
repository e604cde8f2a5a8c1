import type { Channel } from './channel.ts';
import { createChannelEvents } from './channelEvents.ts';
import { farewell, readPortMessage, toPortMessage } from './portMessages.ts';

/** A message port, whoever made it: a page, a worker or Electron's main process. */
export interface PortSide {
  postMessage(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called when the other end is gone, for instance with its process. */
  onClose(listener: () => void): void;
  close(): void;
}

/**
 * A channel over a message port. Ports tell neither what is unsent (`queuedBytes` is 0: acks bound byte streams) nor why
 * they closed, so the reason travels as a message of its own.
 */
export function portChannel(port: PortSide): Channel {
  const events = createChannelEvents();
  const end = (reason: string): void => {
    if (events.closed(reason)) port.close();
  };
  const close = (reason: string): void => {
    if (!events.isClosed) port.postMessage(farewell(reason));
    end(reason);
  };
  port.onMessage((raw) => {
    const message = readPortMessage(raw);
    switch (message.kind) {
      case 'frame':
        return events.deliver(message.frame);
      case 'farewell':
        return end(message.reason);
      case 'unknown':
        return close('protocol error: neither text nor bytes came through the port');
    }
  });
  port.onClose(() => void events.closed('the other side closed the connection'));

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
