import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { callEngine } from '../../actions/calls.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';

/** Items held at most; beyond that the oldest pages go and can be asked for again. */
export const HELD_ITEMS = 20_000;

export interface TimelineItems {
  /** Oldest first, by id. */
  readonly items: readonly TimelineItem[];
  readonly loadingOlder: boolean;
  /** True when there is nothing older than the first item. */
  readonly complete: boolean;
}

/**
 * Adds news to what is held: by id, each item once. A window that does not reach back to what is held would leave a gap
 * that cannot be seen, and one that ends earlier is of another history: both replace it.
 */
export function withNews(held: readonly TimelineItem[], window: readonly TimelineItem[]): readonly TimelineItem[] {
  const last = held.at(-1);
  const first = window[0];
  if (first === undefined) return held;
  if (last === undefined || first.id > last.id + 1 || (window.at(-1)?.id ?? 0) < last.id) return window;
  const fresh = window.filter((item) => item.id > last.id);
  return fresh.length === 0 ? held : [...held, ...fresh].slice(-HELD_ITEMS);
}

/** Puts an older page before what is held. */
export function withOlder(held: readonly TimelineItem[], page: readonly TimelineItem[]): readonly TimelineItem[] {
  const first = held[0];
  const older = [...page]
    .sort((left, right) => left.id - right.id)
    .filter((item) => first === undefined || item.id < first.id);
  return older.length === 0 ? held : [...older, ...held];
}

/** Items of a run and of a stretch of time; both may be null for all. */
export function filterItems(
  items: readonly TimelineItem[],
  runId: string | null,
  brush: { readonly start: number; readonly end: number } | null,
): readonly TimelineItem[] {
  if (runId === null && brush === null) return items;
  return items.filter((item) => {
    if (runId !== null && item.runId !== runId) return false;
    if (brush === null) return true;
    const at = Date.parse(item.at);
    return at >= brush.start && at <= brush.end;
  });
}

const stores = new WeakMap<Room, StoreApi<TimelineItems>>();

/** The items of a room: the live window, and the older pages that were asked for. */
export function timelineStore(room: Room): StoreApi<TimelineItems> {
  const held = stores.get(room);
  if (held !== undefined) return held;
  const { timeline } = room.topics;
  const made = createStore<TimelineItems>(() => ({
    items: timeline.getState().state.items,
    loadingOlder: false,
    complete: false,
  }));
  timeline.subscribe(({ state }) => {
    const { items } = made.getState();
    const next = withNews(items, state.items);
    if (next !== items) made.setState({ items: next, ...(next === state.items ? { complete: false } : {}) });
  });
  stores.set(room, made);
  return made;
}

export function useTimelineItems<Selected>(select: (items: TimelineItems) => Selected): Selected {
  return useStore(timelineStore(useRoom()), select);
}

/** Asks for the page before the first item held. */
export async function loadOlder(room: Room): Promise<void> {
  const store = timelineStore(room);
  const { items, loadingOlder } = store.getState();
  const first = items[0];
  if (loadingOlder || first === undefined || items.length >= HELD_ITEMS) return;
  store.setState({ loadingOlder: true });
  const page = await callEngine(room, 'timeline.page', { before: first.id });
  if (!page.ok) {
    store.setState({ loadingOlder: false });
    return;
  }
  store.setState((state) => ({
    items: withOlder(state.items, page.value.items),
    loadingOlder: false,
    complete: page.value.items.length === 0,
  }));
}
