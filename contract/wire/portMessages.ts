import type { Frame } from './channel.ts';

/** What travels through a MessagePort: a frame as it is, or the reason of a close, which ports do not carry themselves. */
export type PortMessage =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'farewell'; readonly reason: string }
  | { readonly kind: 'unknown' };

/** A frame ready to be cloned: a view of a larger buffer would take the whole buffer along. */
export function toPortMessage(frame: Frame): Frame {
  if (typeof frame === 'string') return frame;
  // Uint8Array's own `slice`: that of Node's Buffer does not copy.
  return frame.byteLength === frame.buffer.byteLength ? frame : Uint8Array.prototype.slice.call(frame);
}

/** The message that says why this side closes. */
export function farewell(reason: string): { readonly farewell: string } {
  return { farewell: reason };
}

/** Reads what came through a port. */
export function readPortMessage(data: unknown): PortMessage {
  if (typeof data === 'string') return { kind: 'frame', frame: data };
  if (data instanceof Uint8Array) return { kind: 'frame', frame: data };
  if (typeof data === 'object' && data !== null && 'farewell' in data && typeof data.farewell === 'string') {
    return { kind: 'farewell', reason: data.farewell };
  }
  return { kind: 'unknown' };
}
