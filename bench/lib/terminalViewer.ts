import type { Result } from '../../contract/result.ts';
import type { AttachTerminalReply } from '../../contract/terminals.ts';
import type { StreamReader, StreamSink } from '../../contract/wire/definition.ts';
import { must } from './must.ts';

/** The one method of a client that a viewer needs: room clients and pty host clients both have it. */
interface StreamSource {
  openStream(stream: number, sink: StreamSink): StreamReader;
}

/** Follows a terminal, acknowledging at once, as a page that keeps up does. */
export function viewTerminal(
  client: StreamSource,
  attached: Result<AttachTerminalReply>,
  onBytes: (bytes: Uint8Array) => void,
): void {
  const { stream, anchor } = must(attached);
  let position = anchor.offset;
  let reader: StreamReader | null = null;
  reader = client.openStream(stream, {
    onBytes(bytes, offset) {
      position = offset + bytes.length;
      reader?.ack(position);
      onBytes(bytes);
    },
    onEnd(reason) {
      if (reason === 'lagging') throw new Error('the bench itself lagged behind a terminal');
    },
  });
  reader.ack(position);
}
