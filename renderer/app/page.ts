import type { Scheduler } from '../../contract/wire/channel.ts';
import type { PreferenceStorage } from '../stores/preferences.ts';

/** Timers of the page, in the shape the wire wants them. */
export function pageScheduler(): Scheduler {
  return {
    now: () => Date.now(),
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}

/** Local storage, or null where the browser forbids it. */
export function pageStorage(): PreferenceStorage {
  try {
    return window.localStorage;
  } catch {
    // Blocked storage throws on access; the room then simply forgets its layout.
    return null;
  }
}
