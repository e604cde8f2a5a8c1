import type { CallError, Result } from '../../contract/result.ts';
import type { Channel, Frame } from '../../contract/wire/channel.ts';
import type { Scope } from '../../contract/wire/definition.ts';

/** Frames of a page kept while its engine is not there yet (engineering.md 2.4). */
const WAITING_FRAMES = 256;

/**
 * Joins a page's channel to an engine's that may still be on its way. Frames keep their order; whichever side ends first
 * ends the other with the same reason; an engine that cannot be had ends the page's channel with the error's line.
 */
export function pipeWhenReady(page: Channel, engine: Promise<Result<Channel, CallError>>): void {
  let waiting: Frame[] = [];
  let target: Channel | null = null;
  let gone = false;
  page.onFrame((frame) => {
    if (target !== null) target.send(frame);
    else if (waiting.push(frame) > WAITING_FRAMES) page.close('too many calls before the engine was ready');
  });
  page.onClose((reason) => {
    gone = true;
    waiting = [];
    target?.close(reason);
  });
  void engine.then((opened) => {
    if (!opened.ok) return page.close(opened.error.message);
    if (gone) return opened.value.close('the page is gone');
    target = opened.value;
    target.onFrame((frame) => page.send(frame));
    target.onClose((reason) => page.close(reason));
    for (const frame of waiting) target.send(frame);
    waiting = [];
  });
}

/**
 * The engine's socket asks for a token that the page must never see: the first frame a page sends, its hello, gets it
 * on the way. Anything else as a first frame passes unchanged and is refused by the engine.
 */
export function withToken(channel: Channel, token: string): Channel {
  return withHello(channel, { token });
}

/** Holds whoever sends over this channel to a scope, whatever its own hello asks for: the engine refuses the rest. */
export function limitedTo(channel: Channel, most: Scope): Channel {
  return withHello(channel, { most });
}

function withHello(channel: Channel, fields: Readonly<Record<string, string>>): Channel {
  let first = true;
  return {
    onFrame: channel.onFrame.bind(channel),
    onClose: channel.onClose.bind(channel),
    close: channel.close.bind(channel),
    get queuedBytes() {
      return channel.queuedBytes;
    },
    send(frame) {
      channel.send(first ? extended(frame, fields) : frame);
      first = false;
    },
  };
}

function extended(frame: Frame, fields: Readonly<Record<string, string>>): Frame {
  if (typeof frame !== 'string') return frame;
  try {
    const hello: unknown = JSON.parse(frame);
    if (typeof hello !== 'object' || hello === null || !('t' in hello) || hello.t !== 'hello') return frame;
    return JSON.stringify({ ...hello, ...fields });
  } catch {
    // Not JSON: no hello, and the engine says so better than we could.
    return frame;
  }
}
