/** Milliseconds after a turn's start or end until evidence is read again: long enough for all turns of one wake-up. */
const SOON_MS = 250;

/** Reads evidence again for faces, from time to time and when something is known to have changed. */
export interface Refresher {
  /** @param everyMs milliseconds between two readings. */
  start(everyMs: number): void;
  /** Reads soon, once for all who ask meanwhile; nothing before the start. */
  soon(): void;
  /** Resolves when no reading is under way any more. */
  stop(): Promise<void>;
}

/** @param read never runs twice at a time; what it throws goes to `onFault`. */
export function createRefresher(read: () => Promise<void>, onFault: (error: unknown) => void): Refresher {
  let timer: NodeJS.Timeout | null = null;
  let early: NodeJS.Timeout | null = null;
  let reading: Promise<void> | null = null;
  const now = (): void => {
    reading ??= read()
      .catch(onFault)
      .finally(() => {
        reading = null;
      });
  };
  return {
    start(everyMs) {
      timer = setInterval(now, everyMs);
      timer.unref();
    },
    soon() {
      if (timer === null || early !== null) return;
      early = setTimeout(() => {
        early = null;
        now();
      }, SOON_MS);
      early.unref();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      if (early !== null) clearTimeout(early);
      timer = null;
      early = null;
      await reading;
    },
  };
}
