import { LIMITS } from '../limits.ts';
import type { Channel, Scheduler } from './channel.ts';
import { exceeds } from './frames.ts';

/**
 * The server's way out to one client. A message above `LIMITS.frameBytes` travels in parts, paced by what the channel
 * has not sent yet, and everything textual after it waits its turn, so order holds. Whoever can hold back (topics,
 * streams) asks `busy` first and goes on when `onRelief` is called.
 */
export interface Outbox {
  sendText(text: string): void;
  sendBinary(frame: Uint8Array): void;
  /** True while the client is behind; asking arms `onRelief`. Always false on transports that cannot tell. */
  busy(): boolean;
  onRelief(listener: () => void): void;
  /** Drops what waits and stops watching. */
  close(): void;
}

// JSON text of JSON text: quotes and backslashes double, other characters are at most three bytes, so a quarter always fits.
const PART_CHARACTERS = LIMITS.frameBytes / 4;

/** Creates the outbox; `onOverflow` is told when a client is so far behind that it must be cut off. */
export function createOutbox(channel: Channel, scheduler: Scheduler, onOverflow: () => void): Outbox {
  const listeners: (() => void)[] = [];
  let waiting: string[] = [];
  let waitingCharacters = 0;
  let cancelPoll: (() => void) | null = null;
  let closed = false;

  const busy = (): boolean => waiting.length > 0 || channel.queuedBytes > LIMITS.channelBusyBytes;
  const poll = (): void => {
    if (cancelPoll !== null || closed) return;
    cancelPoll = scheduler.after(LIMITS.channelPollMs, () => {
      cancelPoll = null;
      pump();
      if (busy()) poll();
      else for (const listener of listeners) listener();
    });
  };
  const pump = (): void => {
    let sent = 0;
    while (sent < waiting.length && channel.queuedBytes <= LIMITS.channelBusyBytes) {
      const text = waiting[sent] ?? '';
      waitingCharacters -= text.length;
      sent += 1;
      channel.send(text);
    }
    if (sent > 0) waiting = waiting.slice(sent);
  };
  const queue = (text: string): void => {
    waiting.push(text);
    waitingCharacters += text.length;
  };

  return {
    sendText(text) {
      if (closed) return;
      const large = exceeds(text, LIMITS.frameBytes);
      if (!large && waiting.length === 0) {
        channel.send(text);
        return;
      }
      if (!large) queue(text);
      else {
        for (let start = 0; start < text.length; start += PART_CHARACTERS) {
          const end = start + PART_CHARACTERS;
          queue(JSON.stringify({ t: 'part', more: end < text.length, text: text.slice(start, end) }));
        }
      }
      if (waitingCharacters > 2 * LIMITS.messageBytes) {
        onOverflow();
        return;
      }
      pump();
      if (waiting.length > 0) poll();
    },
    sendBinary(frame) {
      if (!closed) channel.send(frame);
    },
    busy() {
      const result = !closed && busy();
      if (result) poll();
      return result;
    },
    onRelief(listener) {
      listeners.push(listener);
    },
    close() {
      closed = true;
      waiting = [];
      waitingCharacters = 0;
      cancelPoll?.();
      cancelPoll = null;
    },
  };
}
