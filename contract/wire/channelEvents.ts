import type { Channel, Frame } from './channel.ts';

/** The listening half of a channel, shared by every transport so that all keep and order frames alike. */
export interface ChannelEvents extends Pick<Channel, 'onFrame' | 'onClose'> {
  /** Hands a frame to the listeners, or keeps it until there is one. Ignored after `closed`. */
  deliver(frame: Frame): void;
  /** Tells the end, once. Returns false when it was told before. */
  closed(reason: string): boolean;
  readonly isClosed: boolean;
}

/** Creates the listening half. Frames that came before the end are still handed to a first listener that comes after it. */
export function createChannelEvents(): ChannelEvents {
  const frameListeners = new Set<(frame: Frame) => void>();
  const closeListeners = new Set<(reason: string) => void>();
  let kept: Frame[] = [];
  let end: string | null = null;

  return {
    deliver(frame) {
      if (end !== null) return;
      if (frameListeners.size === 0) kept.push(frame);
      else for (const listener of [...frameListeners]) listener(frame);
    },
    closed(reason) {
      if (end !== null) return false;
      end = reason;
      for (const listener of [...closeListeners]) listener(reason);
      closeListeners.clear();
      return true;
    },
    get isClosed() {
      return end !== null;
    },
    onFrame(listener) {
      frameListeners.add(listener);
      const waiting = kept;
      kept = [];
      for (const frame of waiting) listener(frame);
      return () => frameListeners.delete(listener);
    },
    onClose(listener) {
      if (end !== null) {
        listener(end);
        return () => {};
      }
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
  };
}
