import type { Frame } from '../../contract/wire/channel.ts';

/**
 * Frames on a byte pipe: `u32 length of the payload (big endian) | u8 type (0 text, 1 binary) | payload`.
 */
const HEADER_BYTES = 5;
const TEXT = 0;
const BINARY = 1;

/** Bytes of a buffer that is used again: terminal output in its own frame (LIMITS.outputBatchBytes), and room. */
const POOLED_BYTES = 64 * 1024 + 64;
/** Bytes below which a frame has a buffer of its own: Node keeps those together. */
const SMALL_BYTES = 4 * 1024;
/** Buffers kept for the next frames, of all connections: as many as one window of a stream fills. */
const KEPT = 16;
const kept: Buffer[] = [];

/** One frame as one write. */
export interface SocketFrame {
  readonly bytes: Buffer;
  /** The bytes have left this process, and their memory may be used again. Not called for what did not. */
  left(): void;
}

/** Writes one frame into one buffer, so that it is one write. The frame's own memory is not needed any more after that. */
export function encodeSocketFrame(frame: Frame): SocketFrame {
  const isText = typeof frame === 'string';
  const length = isText ? Buffer.byteLength(frame, 'utf8') : frame.byteLength;
  const size = HEADER_BYTES + length;
  const isPooled = size > SMALL_BYTES && size <= POOLED_BYTES;
  const memory = isPooled ? (kept.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES)) : Buffer.allocUnsafe(size);
  memory.writeUInt32BE(length, 0);
  memory.writeUInt8(isText ? TEXT : BINARY, 4);
  if (isText) memory.write(frame, HEADER_BYTES, 'utf8');
  else memory.set(frame, HEADER_BYTES);
  return {
    bytes: isPooled ? memory.subarray(0, size) : memory,
    left() {
      if (isPooled && kept.length < KEPT) kept.push(memory);
    },
  };
}

/** Cuts a byte stream back into frames, however it was split on the way. */
export interface SocketFrameReader {
  /**
   * Takes the next bytes, whose memory is the caller's again afterwards, and hands on every complete frame. Returns what
   * is wrong with the stream, null when nothing is.
   */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): string | null;
}

/** Creates a reader that refuses payloads above `maxBytes` as soon as their header is read, before holding any of it. */
export function createSocketFrameReader(maxBytes: number): SocketFrameReader {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerFilled = 0;
  /** The payload of a frame that did not come whole. */
  let body: Buffer | null = null;
  let bodyFilled = 0;
  let wrong: string | null = null;

  const frameOf = (payload: Buffer): Frame => (header[4] === TEXT ? payload.toString('utf8') : payload);
  const faultOf = (length: number, type: number): string | null => {
    if (length > maxBytes) return `a frame of ${length} bytes is larger than ${maxBytes}`;
    return type === TEXT || type === BINARY ? null : `unknown frame type ${type}`;
  };

  return {
    push(chunk, onFrame) {
      let at = 0;
      while (wrong === null && at < chunk.length) {
        if (body !== null) {
          const part = chunk.copy(body, bodyFilled, at);
          at += part;
          bodyFilled += part;
          if (bodyFilled < body.length) break;
          const whole: Buffer = body;
          body = null;
          headerFilled = 0;
          onFrame(frameOf(whole));
          continue;
        }
        const part = chunk.copy(header, headerFilled, at, at + HEADER_BYTES - headerFilled);
        at += part;
        headerFilled += part;
        if (headerFilled < HEADER_BYTES) break;
        const length = header.readUInt32BE(0);
        wrong = faultOf(length, header.readUInt8(4));
        if (wrong !== null) break;
        if (chunk.length - at < length) {
          body = Buffer.allocUnsafeSlow(length);
          bodyFilled = 0;
          continue;
        }
        const payload = chunk.subarray(at, at + length);
        at += length;
        headerFilled = 0;
        onFrame(frameOf(header[4] === TEXT ? payload : ownCopy(payload)));
      }
      return wrong;
    },
  };
}

function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length);
  bytes.copy(copy);
  return copy;
}
