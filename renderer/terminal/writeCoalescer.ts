/** Asks for one call before the next frame is painted; returns its cancellation. */
export type RequestFrame = (run: () => void) => () => void;

export interface WriteCoalescer {
  /** Takes bytes that end at an absolute offset of the stream. */
  push(bytes: Uint8Array, endOffset: number): void;
  /** Writes what waits now. */
  flush(): void;
  /** Bytes that wait for the next frame. */
  readonly waiting: number;
  dispose(): void;
}

/** Bytes that may wait for a frame: frames stop in a hidden window, the bytes must not pile up (engineering.md 2.5). */
export const FORCED_WRITE_BYTES = 1024 * 1024;

/**
 * Joins terminal output to one write a frame. After a quiet frame the first bytes are written at once, so that the echo
 * of a key does not wait for the frame after the next one; what follows within the frame is joined.
 *
 * @param write gets joined bytes and the absolute offset at which they end, to be acknowledged once parsed.
 */
export function createWriteCoalescer(
  write: (bytes: Uint8Array, endOffset: number) => void,
  requestFrame: RequestFrame,
): WriteCoalescer {
  let pieces: Uint8Array[] = [];
  let size = 0;
  let end = 0;
  let cancelFrame: (() => void) | null = null;

  const flush = () => {
    if (size === 0) return;
    const bytes = joined(pieces, size);
    pieces = [];
    size = 0;
    write(bytes, end);
  };
  const onFrame = () => {
    cancelFrame = null;
    if (size === 0) return;
    arm();
    flush();
  };
  const arm = () => {
    cancelFrame ??= requestFrame(onFrame);
  };
  return {
    push(bytes, endOffset) {
      if (bytes.byteLength === 0) return;
      pieces.push(bytes);
      size += bytes.byteLength;
      end = endOffset;
      const quiet = cancelFrame === null;
      arm();
      if (quiet || size >= FORCED_WRITE_BYTES) flush();
    },
    flush,
    get waiting() {
      return size;
    },
    dispose() {
      cancelFrame?.();
      cancelFrame = null;
      pieces = [];
      size = 0;
    },
  };
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
