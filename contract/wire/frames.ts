/**
 * Binary frames: `u8 kind | u32 stream | f64 offset | bytes`, big endian (engineering.md 2.4). Kind 1 carries bytes from
 * server to client, kind 2 the client's ack of everything below `offset`, kind 3 the client's end of reading.
 */
export type BinaryFrame =
  | { readonly kind: 'bytes'; readonly stream: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'ack'; readonly stream: number; readonly offset: number }
  | { readonly kind: 'close'; readonly stream: number };

/** Bytes before the payload: 1 + 4 + 8. */
export const HEADER_BYTES = 13;
/** Largest stream number: an unsigned 32-bit integer. */
export const STREAM_MAX = 0xffff_ffff;

const KINDS = { bytes: 1, ack: 2, close: 3 } as const;
const NOTHING = new Uint8Array(0);

/**
 * Writes a frame, so that the caller's bytes may be a view of something larger.
 * @param target memory to write into where it is large enough; without it the frame has memory of its own.
 */
export function encodeBinary(frame: BinaryFrame, target?: Uint8Array): Uint8Array {
  const payload = frame.kind === 'bytes' ? frame.bytes : NOTHING;
  const size = HEADER_BYTES + payload.byteLength;
  const encoded = target !== undefined && target.byteLength >= size ? target.subarray(0, size) : new Uint8Array(size);
  const view = new DataView(encoded.buffer, encoded.byteOffset, HEADER_BYTES);
  view.setUint8(0, KINDS[frame.kind]);
  view.setUint32(1, frame.stream);
  view.setFloat64(5, frame.kind === 'close' ? 0 : frame.offset);
  encoded.set(payload, HEADER_BYTES);
  return encoded;
}

/** Reads a frame; the payload is a view of the input. Null when it is none: too short, unknown kind, impossible offset. */
export function decodeBinary(encoded: Uint8Array): BinaryFrame | null {
  if (encoded.byteLength < HEADER_BYTES) return null;
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const stream = view.getUint32(1);
  const offset = view.getFloat64(5);
  if (!Number.isSafeInteger(offset) || offset < 0) return null;
  switch (view.getUint8(0)) {
    case KINDS.bytes:
      return { kind: 'bytes', stream, offset, bytes: encoded.subarray(HEADER_BYTES) };
    case KINDS.ack:
      return encoded.byteLength === HEADER_BYTES ? { kind: 'ack', stream, offset } : null;
    case KINDS.close:
      return encoded.byteLength === HEADER_BYTES ? { kind: 'close', stream } : null;
    default:
      return null;
  }
}

/** Bytes of a text in UTF-8; a lone surrogate counts as the replacement character does. */
export function textBytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      // A pair of two units is four bytes.
      bytes += 2;
      index += 1;
    } else bytes += 2;
  }
  return bytes;
}

/** True when a text is larger than `limit` bytes of UTF-8; counts only where the length does not already tell. */
export function exceeds(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && textBytes(text) > limit;
}

/** The longest beginning of a text that fits `limit` bytes of UTF-8, without half a character. */
export function truncateUtf8(text: string, limit: number): string {
  let end = Math.min(text.length, limit);
  while (textBytes(text.slice(0, end)) > limit) end -= 1;
  // Not between the two halves of a pair.
  if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
  return text.slice(0, end);
}
