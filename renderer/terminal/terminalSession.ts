import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallError } from '../../contract/result.ts';
import type { TerminalAnchor, TerminalSize } from '../../contract/terminals.ts';
import { WholeCharacters } from '../../contract/utf8.ts';
import type { StreamReader } from '../../contract/wire/definition.ts';
import type { RoomLink } from '../client/link.ts';
import { createTerminalInput } from './terminalInput.ts';
import type { FrameBudget } from './writeCoalescer.ts';

/** What a session draws on: xterm in the room, a recorder in tests. */
export interface TerminalScreen {
  size(): TerminalSize;
  /** Parses in order; `parsed` is called when everything up to here is on the screen. */
  write(data: Uint8Array | string, parsed: () => void): void;
  resize(size: TerminalSize): void;
}

export type SessionState =
  /** Nobody looks: no stream. What is on the screen is as old as the last look. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'attaching' }
  | { readonly kind: 'live' }
  /** Attaching failed; another attempt follows by itself. */
  | { readonly kind: 'waiting'; readonly reason: string }
  /** There is no such terminal (yet). */
  | { readonly kind: 'absent'; readonly reason: string };

/** One terminal as this room watches it. It outlives lost connections and being hidden. */
export interface TerminalSession {
  readonly state: StoreApi<SessionState>;
  /** Attaches at the screen's present size, or goes on where it stopped. */
  show(): void;
  /** Cuts the stream, so that output nobody sees costs nothing. */
  hide(): void;
  /** Tries again at once, for instance when an absent terminal has come. */
  retry(): void;
  /**
   * What a person typed, or an answer of the screen to a device query. Typed keys wait while it attaches and replays; an
   * answer then is one to what is replayed, which somebody answered before, and is dropped.
   */
  input(data: string, typed: boolean): void;
  /** Gives screen and pty another size, after a rest and once the screen has parsed what it has. */
  resize(size: TerminalSize): void;
  dispose(): void;
}

export interface TerminalSessionOptions {
  readonly id: string;
  readonly link: Pick<RoomLink, 'call' | 'openStream' | 'state'>;
  readonly screen: TerminalScreen;
  /** Of all terminals in this page. */
  readonly frames: FrameBudget;
  readonly after: (milliseconds: number, run: () => void) => () => void;
  /** Input that the program did not get. */
  readonly onInputRefused: (error: CallError) => void;
}

/** Milliseconds a size has to rest before the program is told (engineering.md 2.5). */
const RESIZE_REST_MS = 100;
/** Characters typed ahead that are kept while a terminal attaches; nobody types more in the time that takes. */
const TYPED_AHEAD = 4_096;
/** Milliseconds between attempts to attach: doubled from the first to the last. */
const RETRY_MS = { first: 250, last: 5_000 } as const;
/**
 * A snapshot replaces everything on the screen: full reset, then drawn as one frame (synchronised output), so that a
 * reattach shows neither a blank nor a half-drawn screen. In the byte order, because a reset from outside would overtake
 * bytes that are not parsed yet.
 */
const REPLAY = { begin: '\x1bc\x1b[?2026h', end: '\x1b[?2026l' } as const;

export function createTerminalSession(options: TerminalSessionOptions): TerminalSession {
  const { id, link, screen } = options;
  const state = createStore<SessionState>(() => ({ kind: 'hidden' }));
  const set = (next: SessionState) => state.setState(next, true);
  /** Counts attempts: what belongs to an earlier one is ignored. */
  let attempt = 0;
  let reader: StreamReader | null = null;
  /** Where the screen stands; null when it has to start anew. */
  let anchor: TerminalAnchor | null = null;
  let parsedTo = 0;
  let replaying = false;
  let wait: number = RETRY_MS.first;
  let cancelRetry: (() => void) | null = null;
  let cancelResize: (() => void) | null = null;
  let typedAhead = '';
  let wantedSize: TerminalSize | null = null;
  let sentSize: TerminalSize | null = null;
  const input = createTerminalInput(link, id, options.onInputRefused);
  /** A recording: the screen takes the size it is given. */
  let fixedSize = false;

  const characters = new WholeCharacters();
  const coalescer = options.frames.join((bytes, end) => {
    const written = attempt;
    screen.write(characters.push(bytes), () => {
      // Counted when parsed, not when received: holding the program back follows what is really drawn.
      if (written !== attempt) return;
      parsedTo = end;
      reader?.ack(end);
    });
  });

  const isWanted = () => state.getState().kind !== 'hidden';
  const cut = () => {
    coalescer.flush();
    attempt += 1;
    reader?.close();
    reader = null;
    replaying = false;
    cancelRetry?.();
    cancelRetry = null;
  };
  const again = (reason: string) => {
    // Who sees that there is no connection does not expect keys of before to arrive after it.
    typedAhead = '';
    input.clear();
    set({ kind: 'waiting', reason });
    cancelRetry?.();
    cancelRetry = options.after(wait, () => {
      cancelRetry = null;
      if (isWanted()) void attach();
    });
    wait = Math.min(wait * 2, RETRY_MS.last);
  };

  async function attach(): Promise<void> {
    // The screen starts anew.
    if (anchor === null) coalescer.drop();
    cut();
    const mine = attempt;
    set({ kind: 'attaching' });
    const size = wantedSize ?? screen.size();
    const attached = await link.call('terminals.attach', {
      terminalId: id,
      size,
      ...(anchor === null ? {} : { anchor }),
    });
    if (mine !== attempt) {
      // Hidden or replaced meanwhile: the stream that was opened for nobody is closed at once.
      if (attached.ok) link.openStream(attached.value.stream, { onBytes() {}, onEnd() {} }).close();
      return;
    }
    if (!attached.ok) {
      if (attached.error.tag === 'notFound') {
        typedAhead = '';
        set({ kind: 'absent', reason: attached.error.message });
      } else again(attached.error.message);
      return;
    }
    const { snapshot, stream, anchor: start } = attached.value;
    fixedSize = attached.value.fixedSize ?? false;
    sentSize = size;
    anchor = start;
    parsedTo = start.offset;
    if (snapshot !== null) {
      replaying = true;
      characters.reset();
      screen.resize(fixedSize ? attached.value.size : size);
      screen.write(`${REPLAY.begin}${snapshot}${REPLAY.end}`, () => {
        if (mine !== attempt) return;
        replaying = false;
        sendTyped();
      });
    }
    const opened = link.openStream(stream, {
      onBytes(bytes, offset) {
        if (mine !== attempt || anchor === null) return;
        if (offset !== anchor.offset) {
          // Bytes are missing: what is on the screen cannot be continued.
          anchor = null;
          void attach();
          return;
        }
        anchor = { epoch: anchor.epoch, offset: offset + bytes.byteLength };
        coalescer.push(bytes, anchor.offset);
      },
      onEnd(reason) {
        if (mine !== attempt) return;
        if (reason === 'lagging') {
          anchor = null;
          void attach();
        } else if (reason === 'closed') {
          cut();
          anchor = null;
          set({ kind: 'absent', reason: 'this terminal was closed' });
        } else {
          cut();
          again(reason);
        }
      },
    });
    if (mine !== attempt) {
      opened.close();
      return;
    }
    reader = opened;
    reader.ack(parsedTo);
    wait = RETRY_MS.first;
    set({ kind: 'live' });
    sendTyped();
    if (wantedSize !== null) applySize(wantedSize);
  }

  function applySize(size: TerminalSize): void {
    wantedSize = size;
    if (fixedSize) return;
    if (replaying) {
      // The snapshot is drawn for the size it was asked with; afterwards this is looked at again.
      screen.write('', () => applySize(size));
      return;
    }
    coalescer.flush();
    screen.write('', () => {
      if (wantedSize !== size) return;
      screen.resize(size);
      if (state.getState().kind !== 'live' || (sentSize?.cols === size.cols && sentSize.rows === size.rows)) return;
      sentSize = size;
      void link.call('terminals.resize', { terminalId: id, size });
    });
  }

  function sendTyped(): void {
    if (replaying || state.getState().kind !== 'live' || typedAhead === '') return;
    input.push(typedAhead);
    typedAhead = '';
  }

  const stopFollowing = link.state.subscribe((now, before) => {
    // A new connection: do not wait for the next attempt.
    if (now.kind === 'online' && before.kind !== 'online' && state.getState().kind === 'waiting') void attach();
  });

  return {
    state,
    show() {
      if (!isWanted()) void attach();
    },
    hide() {
      if (!isWanted()) return;
      typedAhead = '';
      // What waits is not drawn for nobody: the next look goes on before it.
      const dropped = coalescer.drop();
      if (anchor !== null) anchor = { epoch: anchor.epoch, offset: anchor.offset - dropped };
      cut();
      set({ kind: 'hidden' });
    },
    retry() {
      const { kind } = state.getState();
      if (kind === 'absent' || kind === 'waiting') void attach();
    },
    input(data, typed) {
      if (typed) coalescer.typed();
      const { kind } = state.getState();
      if (kind === 'live' && !replaying) input.push(data);
      else if (typed && (kind === 'live' || kind === 'attaching'))
        typedAhead = `${typedAhead}${data}`.slice(0, TYPED_AHEAD);
    },
    resize(size) {
      cancelResize?.();
      cancelResize = options.after(RESIZE_REST_MS, () => {
        cancelResize = null;
        applySize(size);
      });
    },
    dispose() {
      stopFollowing();
      cancelResize?.();
      cut();
      coalescer.dispose();
      set({ kind: 'hidden' });
    },
  };
}
