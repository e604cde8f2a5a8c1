import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ReplayMark, ReplayOverview } from '../../../contract/replay.ts';
import type { RoomLink } from '../../client/link.ts';
import { advance, type Speed } from './playhead.ts';
import { createReel, NOTHING, type PastStates, type Reel } from './reel.ts';

/** What the person sees of a replay. Times in milliseconds since the epoch. */
export interface PlayerState {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly playing: boolean;
  readonly speed: Speed;
  readonly skipQuiet: boolean;
  /** True while the moment shown is not here yet. */
  readonly loading: boolean;
  /** One line when the past could not be read; null otherwise. */
  readonly problem: string | null;
  readonly overview: ReplayOverview | null;
}

/** How the playhead came where it is: by playing on, or by a jump, after which terminals are drawn anew. */
export type Move = 'played' | 'jumped';

export interface Player {
  readonly store: StoreApi<PlayerState>;
  /** The room at the moment shown. */
  states(): PastStates;
  /** Tells of every move of the playhead and every change of what it shows. Returns the end of it. */
  onMove(listener: (states: PastStates, move: Move) => void): () => void;
  play(): void;
  pause(): void;
  setSpeed(speed: Speed): void;
  setSkipQuiet(skip: boolean): void;
  seek(at: number): void;
  /** To the next or the previous change. */
  step(direction: 1 | -1): void;
  /** To the next or the previous time somebody was needed; false when there is none. */
  jump(direction: 1 | -1): boolean;
  dispose(): void;
}

export interface PlayerOptions {
  readonly link: Pick<RoomLink, 'call'>;
  readonly from: number;
  /** The end of what is replayed: a moment, or the present, which goes on. */
  readonly to: number | (() => number);
  readonly at: number;
  /** A clock for watching, in milliseconds. */
  readonly now: () => number;
  readonly every: (milliseconds: number, run: () => void) => () => void;
}

/** Milliseconds between two moves while playing. */
const TICK_MS = 50;
/** Milliseconds of watching that are fetched ahead. */
const AHEAD_MS = 10_000;
/** Milliseconds until what has just been found complete is asked for again. */
const AGAIN_MS = 500;
/** Milliseconds between two looks at what a run that goes on has added. */
const GROW_MS = 2_000;
/** Milliseconds within which changes are one step for a person: starting an agent alone is a handful of writes. */
const STEP_MS = 40;
/** Parts of the scrubber. */
const PARTS = 240;

const iso = (at: number): string => new Date(at).toISOString();

export function createPlayer(options: PlayerOptions): Player {
  const { link } = options;
  const listeners = new Set<(states: PastStates, move: Move) => void>();
  const endNow = () => (typeof options.to === 'number' ? options.to : options.to());
  let reel: Reel | null = null;
  let shown: PastStates = NOTHING;
  let fetching: 'seek' | 'ahead' | null = null;
  let watchedTo = options.now();
  let grownAt = options.now();
  /** When there was nothing more to read yet. */
  let caughtUpAt: number | null = null;
  let over = false;
  const clamp = (at: number) => Math.min(Math.max(at, options.from), Math.max(options.from, endNow()));
  const store = createStore<PlayerState>(() => ({
    at: clamp(options.at),
    from: options.from,
    to: endNow(),
    playing: false,
    speed: 1,
    skipQuiet: true,
    loading: true,
    problem: null,
    overview: null,
  }));

  function tell(move: Move): void {
    if (reel === null) return;
    shown = reel.stateAt(store.getState().at);
    for (const listener of listeners) listener(shown, move);
  }

  /** Reads a stretch: around a moment that is not here, or the one that follows. One at a time; the newest wish counts. */
  async function fetch(kind: 'seek' | 'ahead'): Promise<void> {
    if (over || fetching !== null) return;
    fetching = kind;
    const from = kind === 'ahead' && reel !== null ? reel.until : store.getState().at;
    const got = await link.call('replay.window', { from: iso(from), to: iso(Math.max(from, endNow())) });
    fetching = null;
    if (over) return;
    if (!got.ok) {
      store.setState({ problem: got.error.message, loading: false, playing: false });
      return;
    }
    store.setState({ problem: null });
    const { at } = store.getState();
    if (kind === 'ahead' && reel !== null && reel.until === got.value.from) {
      caughtUpAt = got.value.until > reel.until ? null : options.now();
      reel.append(got.value);
      return;
    }
    if (reel === null || kind === 'seek') {
      const fresh = createReel(got.value);
      if (!fresh.covers(at)) return void fetch('seek');
      reel = fresh;
      store.setState({ loading: false });
      tell('jumped');
    }
  }

  function seek(wanted: number): void {
    const at = clamp(wanted);
    store.setState({ at, to: endNow() });
    if (reel?.covers(at) === true) {
      store.setState({ loading: false });
      tell('jumped');
      return;
    }
    store.setState({ loading: true });
    void fetch('seek');
  }

  function grow(): void {
    if (typeof options.to === 'number' || options.now() - grownAt < GROW_MS) return;
    grownAt = options.now();
    store.setState({ to: endNow() });
    void readOverview();
  }

  let reading = false;
  async function readOverview(): Promise<void> {
    if (reading) return;
    reading = true;
    const { from, to } = store.getState();
    const got = await link.call('replay.overview', { from: iso(from), to: iso(to), parts: PARTS });
    reading = false;
    // Without it the scrubber is bare; that the past cannot be read is told by the window.
    if (!over && got.ok) store.setState({ overview: got.value });
  }

  function tick(): void {
    const now = options.now();
    const watched = now - watchedTo;
    watchedTo = now;
    grow();
    const { at, playing, speed, skipQuiet, to, loading } = store.getState();
    if (!playing || loading || reel === null) return;
    const end = Math.min(to, reel.until);
    const mayBeMore = caughtUpAt === null || now - caughtUpAt >= AGAIN_MS;
    if (reel.until < to && end - at < AHEAD_MS * speed && mayBeMore) void fetch('ahead');
    const next = advance(at, watched, speed, reel.nextAfter(at), skipQuiet);
    if (at < end) {
      store.setState({ at: Math.min(next, end) });
      tell('played');
    }
    if (store.getState().at >= to && (typeof options.to === 'number' || at >= endNow() - TICK_MS * speed))
      store.setState({ playing: false });
  }

  const stopTicking = options.every(TICK_MS, tick);
  void fetch('seek');
  void readOverview();

  function marks(): readonly ReplayMark[] {
    return (store.getState().overview?.marks ?? []).filter((mark) => mark.kind === 'attention');
  }

  /** The last of the changes that follow each other at once. */
  function endOfBurst(held: Reel, first: number | null): number | null {
    let last = first;
    for (let next = first; next !== null && last !== null && next - last < STEP_MS; next = held.nextAfter(next))
      last = next;
    return last;
  }

  /** The last change before those that led to this moment at once. */
  function beforeBurst(held: Reel, at: number): number | null {
    let before = held.lastBefore(at);
    for (let later = at; before !== null && later - before < STEP_MS; before = held.lastBefore(before)) later = before;
    return before;
  }

  return {
    store,
    states: () => shown,
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    play() {
      watchedTo = options.now();
      const { at, from, to } = store.getState();
      // At its end it begins anew, as every player does; a run that goes on has no end yet.
      if (at >= to && typeof options.to === 'number') seek(from);
      store.setState({ playing: true });
    },
    pause: () => store.setState({ playing: false }),
    setSpeed: (speed) => store.setState({ speed }),
    setSkipQuiet: (skipQuiet) => store.setState({ skipQuiet }),
    seek,
    step(direction) {
      store.setState({ playing: false });
      const { at, to } = store.getState();
      if (reel === null) return;
      const found = direction === 1 ? endOfBurst(reel, reel.nextAfter(at)) : beforeBurst(reel, at);
      if (found !== null) seek(found);
      else if (direction === 1 && reel.until < to) seek(reel.until);
    },
    jump(direction) {
      const { at } = store.getState();
      const found = direction === 1 ? marks().find((mark) => mark.at > at) : marks().findLast((mark) => mark.at < at);
      if (found === undefined) return false;
      store.setState({ playing: false });
      seek(found.at);
      return true;
    },
    dispose() {
      over = true;
      stopTicking();
      listeners.clear();
    },
  };
}
