import type { Page } from 'playwright-core';

/** A commit of React. */
export interface Commit {
  /**
   * Milliseconds in one piece on the page's thread: rendering, changes of the document and effects. Of rendering that
   * React does in slices it is the longest slice.
   */
  readonly ms: number;
  /** True when React rendered it in one go. */
  readonly whole: boolean;
  /** Of these, rendering. */
  readonly renderMs: number;
}

/** What runs inside the page; it is sent there as text, so it uses nothing from here. */
interface CommitProbe {
  /** Gives what was committed since the last call, and begins anew. */
  take(): Commit[];
}
declare global {
  interface Window {
    commits: CommitProbe;
  }
}

/** Milliseconds of a frame at 60 Hz: what a slower commit delays. */
export const FRAME_MS = 16;

/**
 * Listens to what the profiling build of React tells the browser's performance panel by `console.timeStamp`: when it
 * rendered, committed and ran effects. Must be called before the page is loaded.
 */
export async function placeCommitProbe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface Open {
      start: number;
      ms: number;
      end: number;
      whole: boolean;
      readonly renderMs: number;
    }
    let done: { ms: number; whole: boolean; renderMs: number }[] = [];
    let open: Open | null = null;
    /** Runs of React's scheduler, which takes its slices in messages of a channel. */
    let slices: { readonly start: number; readonly end: number }[] = [];
    let sliceStart: number | null = null;
    const close = (): void => {
      if (open === null) return;
      const { ms, whole, renderMs } = open;
      done.push({ ms, whole, renderMs });
      open = null;
      if (slices.length > 200) slices = slices.slice(-50);
    };
    /** The longest piece of a stretch of time in which the page did nothing else. */
    const longest = (from: number, until: number): number =>
      Math.max(
        0,
        ...[...slices, { start: sliceStart ?? from, end: until }].map(
          (slice) => Math.min(slice.end, until) - Math.max(slice.start, from),
        ),
      );
    console.timeStamp = (label?: string, start?: unknown, end?: unknown, track?: unknown) => {
      if (typeof label !== 'string' || typeof start !== 'number' || typeof end !== 'number') return;
      if (label === 'Render') {
        close();
        open = { start, ms: end - start, end, whole: track === 'Blocking', renderMs: end - start };
      } else if (label === 'Commit' && open !== null) {
        open.end = end;
        open.ms = open.whole ? end - open.start : longest(open.start, end);
      } else if (label === 'Remaining Effects' && open !== null) {
        // Effects that wait for the next turn of the loop hold nothing up together with the rest.
        if (start - open.end < 1) open.ms += end - start;
        close();
      }
    };
    const port = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
    Object.defineProperty(MessagePort.prototype, 'onmessage', {
      ...port,
      set(this: MessagePort, handler: ((event: MessageEvent) => unknown) | null) {
        port?.set?.call(
          this,
          handler === null
            ? null
            : (event: MessageEvent) => {
                const start = performance.now();
                sliceStart = start;
                try {
                  return handler.call(this, event);
                } finally {
                  slices.push({ start, end: performance.now() });
                  sliceStart = null;
                }
              },
        );
      },
    });
    window.commits = {
      take() {
        close();
        const taken = done;
        done = [];
        return taken;
      },
    };
  });
}
