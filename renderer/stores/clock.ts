import { createStore, type StoreApi } from 'zustand/vanilla';

/** The one ticking clock behind every age on screen: all of them change in the same frame. */
export interface Clock {
  /** Milliseconds since 1970, on the engine's clock. */
  readonly store: StoreApi<{ readonly now: number }>;
  /** Aligns with the engine's clock, so that a browser on a machine with a wrong clock shows right ages. */
  align(serverTime: string): void;
  stop(): void;
}

/** What the clock needs of its page; `onVisibility` tells when the page is hidden or shown again. */
export interface ClockSource {
  now(): number;
  every(milliseconds: number, run: () => void): () => void;
  hidden(): boolean;
  onVisibility(listener: () => void): () => void;
}

const TICK_MS = 1_000;

/** Starts ticking once a second; stops while the page is hidden (engineering.md 2.7). */
export function createClock(source: ClockSource): Clock {
  let offset = 0;
  let stopTicking: (() => void) | null = null;
  const store = createStore<{ readonly now: number }>(() => ({ now: source.now() }));
  const tick = () => store.setState({ now: source.now() + offset });

  function follow(): void {
    if (source.hidden()) {
      stopTicking?.();
      stopTicking = null;
    } else if (stopTicking === null) {
      tick();
      stopTicking = source.every(TICK_MS, tick);
    }
  }
  const stopFollowing = source.onVisibility(follow);
  follow();

  return {
    store,
    align(serverTime) {
      const server = Date.parse(serverTime);
      if (Number.isNaN(server)) return;
      offset = server - source.now();
      tick();
    },
    stop() {
      stopFollowing();
      stopTicking?.();
      stopTicking = null;
    },
  };
}

/** The clock source of a real page. */
export function pageClockSource(): ClockSource {
  return {
    now: () => Date.now(),
    every(milliseconds, run) {
      const timer = setInterval(run, milliseconds);
      return () => clearInterval(timer);
    },
    hidden: () => document.hidden,
    onVisibility(listener) {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
  };
}
