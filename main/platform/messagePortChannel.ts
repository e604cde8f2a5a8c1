import type { Channel } from '../../contract/wire/channel.ts';
import { portChannel } from '../../contract/wire/portChannel.ts';

/** What a worker's MessagePort and Electron's main-process port have in common. */
export interface PortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start?(): void;
  close(): void;
}

/** Electron hands over an event, a worker's port the value itself. */
function payloadOf(raw: unknown): unknown {
  const isEvent = typeof raw === 'object' && raw !== null && 'data' in raw && !(raw instanceof Uint8Array);
  return isEvent ? raw.data : raw;
}

/** Wraps a MessagePort of the main side. */
export function messagePortChannel(port: PortLike): Channel {
  const channel = portChannel({
    postMessage: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', (raw) => listener(payloadOf(raw))),
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  });
  port.start?.();
  return channel;
}
