import type { ReactNode } from 'react';
import { createStore, type StoreApi } from 'zustand/vanilla';

/** Places of the frame that a screen may fill while it is open. */
export interface Slots {
  /** A dialogue on top of everything. `close` ends it; focus returns to where it was. */
  readonly dialog: StoreApi<{ readonly content: ((close: () => void) => ReactNode) | null }>;
  /** Content under one row of the agent tree: the preflight of a drop target. */
  readonly underAgent: StoreApi<{ readonly agent: string | null; readonly content: ReactNode }>;
}

/** Builds empty slots. */
export function createSlots(): Slots {
  return {
    dialog: createStore<{ readonly content: ((close: () => void) => ReactNode) | null }>(() => ({ content: null })),
    underAgent: createStore<{ readonly agent: string | null; readonly content: ReactNode }>(() => ({
      agent: null,
      content: null,
    })),
  };
}
