import { LIMITS } from '../limits.ts';
import type { StreamWriter } from './definition.ts';
import { encodeBinary, HEADER_BYTES } from './frames.ts';

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

/** Where frames are put together, one at a time: a channel keeps nothing of them, and a flood would make garbage by the gigabyte. */
const frameMemory = new Uint8Array(HEADER_BYTES + LIMITS.outputBatchBytes);

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
  /** Sends as much of the bytes as one frame, window and channel take, and says how much. */
  const sendSome = (bytes: Uint8Array): number => {
    const room = LIMITS.streamWindowBytes - (sent - acknowledged);
    if (room <= 0 || ports.busy()) return 0;
    const size = Math.min(bytes.byteLength, room, LIMITS.outputBatchBytes);
    const part = size === bytes.byteLength ? bytes : bytes.subarray(0, size);
    const frame = encodeBinary({ kind: 'bytes', stream, offset: sent, bytes: part }, frameMemory);
    sent += size;
    ports.sendBinary(frame);
    return size;
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
    const size = sendSome(head);
    if (size === 0) return false;
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
      written += bytes.byteLength;
      pumpAll();
      let rest = bytes;
      while (!over && queue.length === 0 && rest.byteLength > 0) {
        const size = sendSome(rest);
        if (size === 0) break;
        rest = rest.subarray(size);
      }
      // Uint8Array's own `slice`: that of Node's Buffer does not copy.
      if (!over && rest.byteLength > 0) queue.push(Uint8Array.prototype.slice.call(rest));
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
