import type { Channel, Frame } from './channel.ts';
import { createChannelEvents } from './channelEvents.ts';

/**
 * Two ends of a pipe inside one process: what one sends the other hears, in order, never within the same call stack.
 * Bytes are copied, as every real transport does. `queuedBytes` is always 0.
 */
export function createMemoryPair(): readonly [Channel, Channel] {
  const left = createChannelEvents();
  const right = createChannelEvents();
  let toLeft = Promise.resolve();
  let toRight = Promise.resolve();

  const send = (frame: Frame): Frame =>
    // Uint8Array's own `slice`: that of Node's Buffer does not copy.
    typeof frame === 'string' ? frame : Uint8Array.prototype.slice.call(frame);
  const end = (mine: typeof left, theirs: typeof left, later: (run: () => void) => void) => ({
    onFrame: mine.onFrame,
    onClose: mine.onClose,
    queuedBytes: 0,
    send(frame: Frame) {
      if (mine.isClosed) return;
      const copy = send(frame);
      later(() => theirs.deliver(copy));
    },
    close(reason = 'closed') {
      // The peer hears of the end after every frame sent before it.
      if (mine.closed(reason)) later(() => theirs.closed(reason));
    },
  });
  return [
    end(left, right, (run) => {
      toRight = toRight.then(run);
    }),
    end(right, left, (run) => {
      toLeft = toLeft.then(run);
    }),
  ];
}
