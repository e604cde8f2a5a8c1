import { LIMITS } from '../limits.ts';
import type { Scheduler } from './channel.ts';
import type { StreamReader, StreamSink } from './definition.ts';
import { encodeBinary } from './frames.ts';

/** The reading ends of one connection's byte streams. */
export interface StreamTable {
  open(stream: number, sink: StreamSink): StreamReader;
  bytes(stream: number, offset: number, bytes: Uint8Array): void;
  end(stream: number, reason: string): void;
  /** The connection is gone: every open stream ends with the reason. */
  close(reason: string): void;
}

interface Unopened {
  readonly pieces: { readonly offset: number; readonly bytes: Uint8Array }[];
  size: number;
  ended: string | null;
}
interface Opened {
  readonly sink: StreamSink;
  /** Highest offset the owner has consumed, and the highest the server was told. */
  consumed: number;
  told: number;
  cancelTimer: (() => void) | null;
}

/** Creates the table; `send` takes binary frames. */
export function createStreamTable(scheduler: Scheduler, send: (frame: Uint8Array) => void): StreamTable {
  const unopened = new Map<number, Unopened>();
  const opened = new Map<number, Opened>();
  // Closed by us; bytes that were on their way are dropped until the server's end would have come.
  const closed = new Set<number>();
  let gone: string | null = null;

  const keep = (stream: number): Unopened | null => {
    if (closed.has(stream)) return null;
    const known = unopened.get(stream);
    if (known !== undefined) return known;
    const fresh: Unopened = { pieces: [], size: 0, ended: null };
    unopened.set(stream, fresh);
    for (const oldest of unopened.keys()) {
      if (unopened.size <= LIMITS.unopenedStreams) break;
      drop(oldest);
    }
    return fresh;
  };
  const drop = (stream: number): void => {
    const known = unopened.get(stream);
    unopened.delete(stream);
    if (known?.ended === null) shut(stream);
  };
  const shut = (stream: number): void => {
    closed.add(stream);
    // Numbers only grow: old ones cannot come back, so a short memory is enough.
    for (const oldest of closed) {
      if (closed.size <= 1_024) break;
      closed.delete(oldest);
    }
    if (gone === null) send(encodeBinary({ kind: 'close', stream }));
  };
  const tell = (stream: number, entry: Opened): void => {
    entry.cancelTimer?.();
    entry.cancelTimer = null;
    if (entry.consumed <= entry.told || gone !== null) return;
    entry.told = entry.consumed;
    send(encodeBinary({ kind: 'ack', stream, offset: entry.consumed }));
  };
  const finish = (stream: number, entry: Opened): void => {
    entry.cancelTimer?.();
    entry.cancelTimer = null;
    opened.delete(stream);
  };

  return {
    open(stream, sink) {
      const early = unopened.get(stream);
      unopened.delete(stream);
      const entry: Opened = { sink, consumed: 0, told: 0, cancelTimer: null };
      if (gone !== null) {
        sink.onEnd(gone);
      } else {
        opened.set(stream, entry);
        for (const piece of early?.pieces ?? []) {
          if (opened.get(stream) === entry) sink.onBytes(piece.bytes, piece.offset);
        }
        if (early !== undefined && early.ended !== null && opened.get(stream) === entry) {
          finish(stream, entry);
          sink.onEnd(early.ended);
        }
      }
      return {
        ack(offset) {
          if (offset <= entry.consumed || opened.get(stream) !== entry) return;
          entry.consumed = offset;
          if (offset - entry.told >= LIMITS.streamAckBytes) tell(stream, entry);
          else entry.cancelTimer ??= scheduler.after(LIMITS.streamAckMs, () => tell(stream, entry));
        },
        close() {
          if (opened.get(stream) !== entry) return;
          finish(stream, entry);
          shut(stream);
        },
      };
    },
    bytes(stream, offset, bytes) {
      const entry = opened.get(stream);
      if (entry !== undefined) {
        entry.sink.onBytes(bytes, offset);
        return;
      }
      const early = keep(stream);
      if (early === null) return;
      early.pieces.push({ offset, bytes });
      early.size += bytes.byteLength;
      // An honest server stops at one window.
      if (early.size > LIMITS.streamCutBytes) drop(stream);
    },
    end(stream, reason) {
      const entry = opened.get(stream);
      if (entry !== undefined) {
        finish(stream, entry);
        entry.sink.onEnd(reason);
        return;
      }
      const early = keep(stream);
      if (early !== null) early.ended = reason;
      closed.delete(stream);
    },
    close(reason) {
      gone = reason;
      unopened.clear();
      for (const [stream, entry] of [...opened]) {
        finish(stream, entry);
        entry.sink.onEnd(reason);
      }
    },
  };
}
