import type { Channel } from '../../contract/wire/channel.ts';
import { portChannel } from '../../contract/wire/portChannel.ts';

/** Wraps a page's MessagePort, the desktop room's way to its engine. The counterpart of main/platform/messagePortChannel.ts. */
export function messagePortChannel(port: MessagePort): Channel {
  const channel = portChannel({
    postMessage: (message) => port.postMessage(message),
    onMessage: (listener) => port.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data)),
    // Chromium tells when the other end is gone.
    onClose: (listener) => port.addEventListener('close', listener),
    close: () => port.close(),
  });
  port.start();
  return channel;
}
