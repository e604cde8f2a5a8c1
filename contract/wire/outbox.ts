import { LIMITS } from '../limits.ts';
import type { Channel, Scheduler } from './channel.ts';
import { exceeds } from './frames.ts';

/**
 * The server's way out to one client. It keeps count of the text the client has not read yet (`seen` tells, because a
 * MessagePort does not) and of what the channel has not sent. While either is too much the client is behind: text waits
 * its turn, and whoever can hold back (topics, streams) asks `busy` first and goes on when `onRelief` is called. A
 * message above `LIMITS.frameBytes` travels in parts.
 */
export interface Outbox {
  sendText(text: string): void;
  sendBinary(frame: Uint8Array): void;
  /** The client has read this many characters of text since its welcome. Returns false when that is more than was sent. */
  seen(characters: number): boolean;
  /** True while the client is behind. */
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
  let sentCharacters = 0;
  let seenCharacters = 0;
  let wantsRelief = false;
  let cancelPoll: (() => void) | null = null;
  let closed = false;

  const unsent = (): boolean => channel.queuedBytes > LIMITS.channelBusyBytes;
  const unseen = (): boolean => sentCharacters - seenCharacters > LIMITS.channelBusyBytes;
  const send = (text: string): void => {
    sentCharacters += text.length;
    channel.send(text);
  };
  const pump = (): void => {
    let sent = 0;
    while (sent < waiting.length && !unsent() && !unseen()) {
      const text = waiting[sent] ?? '';
      waitingCharacters -= text.length;
      sent += 1;
      send(text);
    }
    if (sent > 0) waiting = waiting.slice(sent);
  };
  const behind = (): boolean => waiting.length > 0 || unsent() || unseen();
  /** Looks again by the clock at what the channel has not sent; what is unread is told by `seen`. */
  const watch = (): void => {
    if (unseen() && !unsent()) return;
    cancelPoll ??= scheduler.after(LIMITS.channelPollMs, () => {
      cancelPoll = null;
      advance();
    });
  };
  /** Goes on where it can. */
  const advance = (): void => {
    if (closed) return;
    pump();
    if (behind()) {
      watch();
      return;
    }
    if (!wantsRelief) return;
    wantsRelief = false;
    for (const listener of listeners) listener();
  };
  const queue = (text: string): void => {
    waiting.push(text);
    waitingCharacters += text.length;
  };

  return {
    sendText(text) {
      if (closed) return;
      const large = exceeds(text, LIMITS.frameBytes);
      if (!large && !behind()) {
        send(text);
        return;
      }
      if (waitingCharacters > LIMITS.messageBytes) {
        onOverflow();
        return;
      }
      if (!large) queue(text);
      else {
        for (let start = 0; start < text.length; start += PART_CHARACTERS) {
          const end = start + PART_CHARACTERS;
          queue(JSON.stringify({ t: 'part', more: end < text.length, text: text.slice(start, end) }));
        }
      }
      advance();
    },
    sendBinary(frame) {
      if (!closed) channel.send(frame);
    },
    seen(characters) {
      if (characters > sentCharacters) return false;
      seenCharacters = Math.max(seenCharacters, characters);
      advance();
      return true;
    },
    busy() {
      if (closed || !behind()) return false;
      wantsRelief = true;
      // Never relieves from in here: who asks has not noted yet what it holds back.
      watch();
      return true;
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
