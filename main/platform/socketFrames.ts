import type { Frame } from '../../contract/wire/channel.ts';

/**
 * Frames on a byte pipe: `u32 length of the payload (big endian) | u8 type (0 text, 1 binary) | payload`.
 */
const HEADER_BYTES = 5;
const TEXT = 0;
const BINARY = 1;

/** Writes one frame into one buffer, so that it is one write. */
export function encodeSocketFrame(frame: Frame): Buffer {
  const isText = typeof frame === 'string';
  const length = isText ? Buffer.byteLength(frame, 'utf8') : frame.byteLength;
  const encoded = Buffer.allocUnsafe(HEADER_BYTES + length);
  encoded.writeUInt32BE(length, 0);
  encoded.writeUInt8(isText ? TEXT : BINARY, 4);
  if (isText) encoded.write(frame, HEADER_BYTES, 'utf8');
  else encoded.set(frame, HEADER_BYTES);
  return encoded;
}

/** Cuts a byte stream back into frames, however it was split on the way. */
export interface SocketFrameReader {
  /** Takes the next bytes and hands on every complete frame. Returns what is wrong with the stream, null when nothing is. */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): string | null;
}

/** Creates a reader that refuses payloads above `maxBytes` as soon as their header is read, before holding any of it. */
export function createSocketFrameReader(maxBytes: number): SocketFrameReader {
  let chunks: Buffer[] = [];
  let held = 0;
  /** Bytes needed before looking again: without it a large frame in small pieces would be joined once per piece. */
  let needed = HEADER_BYTES;
  let wrong: string | null = null;

  return {
    push(chunk, onFrame) {
      if (wrong !== null) return wrong;
      chunks.push(chunk);
      held += chunk.byteLength;
      if (held < needed) return null;
      let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks, held);
      while (rest.byteLength >= HEADER_BYTES) {
        const length = rest.readUInt32BE(0);
        const type = rest.readUInt8(4);
        if (length > maxBytes) wrong = `a frame of ${length} bytes is larger than ${maxBytes}`;
        else if (type !== TEXT && type !== BINARY) wrong = `unknown frame type ${type}`;
        if (wrong !== null) {
          chunks = [];
          return wrong;
        }
        const end = HEADER_BYTES + length;
        if (rest.byteLength < end) break;
        const payload = rest.subarray(HEADER_BYTES, end);
        rest = rest.subarray(end);
        onFrame(type === TEXT ? payload.toString('utf8') : payload);
      }
      needed = rest.byteLength >= HEADER_BYTES ? HEADER_BYTES + rest.readUInt32BE(0) : HEADER_BYTES;
      chunks = rest.byteLength > 0 ? [rest] : [];
      held = rest.byteLength;
      return null;
    },
  };
}
