import type { StreamWriter } from '../../../contract/wire/definition.ts';
import type { PtyHostClient } from '../../pty-host/protocol.ts';

/**
 * Passes a terminal's bytes from the pty host to one viewer. The engine keeps none of them: the viewer's own
 * acknowledgements go through to the host, so that the window holds over the whole way and a slow viewer holds back its
 * own stream only.
 */
export function relayStream(client: PtyHostClient, stream: number, viewer: StreamWriter): void {
  let over = false;
  const reader = client.openStream(stream, {
    onBytes(bytes) {
      if (!over) viewer.write(bytes);
    },
    onEnd(reason) {
      over = true;
      viewer.end(reason);
    },
  });
  viewer.onAcknowledge((offset) => reader.ack(offset));
  viewer.onClose(() => {
    over = true;
    reader.close();
  });
}
