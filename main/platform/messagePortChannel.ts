import type { Channel } from '../../contract/wire/channel.ts';
import { createChannelEvents } from '../../contract/wire/channelEvents.ts';
import { farewell, readPortMessage, toPortMessage } from '../../contract/wire/portMessages.ts';

/** What a worker's MessagePort and Electron's main-process port have in common. */
export interface PortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start?(): void;
  close(): void;
}

/**
 * Wraps a MessagePort of the main side. Ports tell neither what is unsent (`queuedBytes` is 0: acks bound byte streams)
 * nor why they closed, so the reason travels as a message of its own.
 */
export function messagePortChannel(port: PortLike): Channel {
  const events = createChannelEvents();
  const end = (reason: string): void => {
    if (events.closed(reason)) port.close();
  };
  const close = (reason: string): void => {
    if (!events.isClosed) port.postMessage(farewell(reason));
    end(reason);
  };
  port.on('message', (raw) => {
    // Electron hands over an event, a worker's port the value itself.
    const isEvent = typeof raw === 'object' && raw !== null && 'data' in raw && !(raw instanceof Uint8Array);
    const message = readPortMessage(isEvent ? raw.data : raw);
    switch (message.kind) {
      case 'frame':
        return events.deliver(message.frame);
      case 'farewell':
        return end(message.reason);
      case 'unknown':
        return close('protocol error: neither text nor bytes came through the port');
    }
  });
  port.on('close', () => events.closed('the other side closed the connection'));
  port.start?.();

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
