import { LIMITS } from '../limits.ts';
import type { StreamWriter } from './definition.ts';
import { encodeBinary } from './frames.ts';

/** The connection's side of a stream. */
export interface StreamControl {
  readonly writer: StreamWriter;
  /** Takes an ack. Returns false for an offset that was never sent: the client is broken. */
  acknowledge(offset: number): boolean;
  /** Sends one piece if window and channel allow. Returns false when there was nothing to do. */
  pump(): boolean;
  /** The reader closed or the connection is gone: nothing more is sent. */
  abandon(): void;
}

export interface StreamPorts {
  readonly sendBinary: (frame: Uint8Array) => void;
  readonly sendEnd: (reason: string) => void;
  /** True while the channel is behind. */
  readonly busy: () => boolean;
  /** Called once when the stream is over, whoever ended it. */
  readonly onOver: () => void;
}

/** Creates a stream that starts at an absolute offset and never has more than one window unacknowledged on its way. */
export function createStreamWriter(stream: number, startOffset: number, ports: StreamPorts): StreamControl {
  const drainListeners: (() => void)[] = [];
  const acknowledgeListeners: ((offset: number) => void)[] = [];
  let closeListeners: (() => void)[] = [];
  let queue: Uint8Array[] = [];
  let written = startOffset;
  let sent = startOffset;
  let acknowledged = startOffset;
  let full = false;
  let ending: string | null = null;
  let over = false;
  let abandoned = false;

  const finish = (): void => {
    over = true;
    queue = [];
    ports.onOver();
  };
  const abandon = (): void => {
    if (abandoned) return;
    abandoned = true;
    if (!over) finish();
    const listeners = closeListeners;
    closeListeners = [];
    for (const listener of listeners) listener();
  };
  const pump = (): boolean => {
    if (over) return false;
    const head = queue[0];
    if (head === undefined) {
      if (ending === null) return false;
      ports.sendEnd(ending);
      finish();
      return false;
    }
    const room = LIMITS.streamWindowBytes - (sent - acknowledged);
    if (room <= 0 || ports.busy()) return false;
    const size = Math.min(head.byteLength, room, LIMITS.outputBatchBytes);
    ports.sendBinary(encodeBinary({ kind: 'bytes', stream, offset: sent, bytes: head.subarray(0, size) }));
    sent += size;
    if (size === head.byteLength) queue.shift();
    else queue[0] = head.subarray(size);
    return true;
  };
  const pumpAll = (): void => {
    while (pump());
  };

  const writer: StreamWriter = {
    stream,
    write(bytes) {
      if (over || ending !== null) return true;
      if (written - acknowledged >= LIMITS.streamCutBytes) {
        ports.sendEnd('lagging');
        abandon();
        return true;
      }
      if (bytes.byteLength > 0) {
        queue.push(bytes);
        written += bytes.byteLength;
        pumpAll();
      }
      if (written - acknowledged >= LIMITS.streamWindowBytes) full = true;
      return !full;
    },
    onDrain(listener) {
      drainListeners.push(listener);
    },
    onAcknowledge(listener) {
      acknowledgeListeners.push(listener);
    },
    onClose(listener) {
      if (abandoned) listener();
      else closeListeners.push(listener);
    },
    get acknowledged() {
      return acknowledged;
    },
    end(reason) {
      if (over || ending !== null) return;
      ending = reason;
      pumpAll();
    },
  };
  return {
    writer,
    pump,
    abandon,
    acknowledge(offset) {
      if (offset > sent) return false;
      if (over || offset <= acknowledged) return true;
      acknowledged = offset;
      pumpAll();
      for (const listener of acknowledgeListeners) listener(offset);
      if (full && written - acknowledged < LIMITS.streamResumeBytes) {
        full = false;
        for (const listener of drainListeners) listener();
      }
      return true;
    },
  };
}
