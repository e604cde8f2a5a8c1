import { createStore, type StoreApi } from 'zustand/vanilla';

/** A line that tells the person what just happened; it leaves by itself, so nothing that matters stands only here. */
export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'error';
  readonly text: string;
}
export interface Notices {
  readonly store: StoreApi<{ readonly items: readonly Notice[] }>;
  say(tone: Notice['tone'], text: string): void;
  dismiss(id: number): void;
}

/** Notices kept at once; older ones give way. */
const MOST = 4;
/** Milliseconds a notice stays; an error longer, because it has to be read. */
const STAY_MS = { info: 4_000, error: 9_000 } as const;

/** `after` runs something once after so many milliseconds. Equal lines fold into one. */
export function createNotices(after: (milliseconds: number, run: () => void) => void): Notices {
  const store = createStore<{ readonly items: readonly Notice[] }>(() => ({ items: [] }));
  let lastId = 0;
  const dismiss = (id: number) => store.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
  return {
    store,
    dismiss,
    say(tone, text) {
      lastId += 1;
      const notice: Notice = { id: lastId, tone, text };
      store.setState(({ items }) => ({
        items: [...items.filter((item) => item.text !== text), notice].slice(-MOST),
      }));
      after(STAY_MS[tone], () => dismiss(notice.id));
    },
  };
}
