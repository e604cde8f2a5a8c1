import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { MergeView } from '../../../contract/merges.ts';
import { showScreen } from '../../actions/navigation.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';

export const MERGE_PARTS = ['queue', 'radar'] as const;
export type MergePart = (typeof MERGE_PARTS)[number];

export const DETAIL_PARTS = ['steps', 'conflicts', 'audit', 'checks', 'commit'] as const;
export type DetailPart = (typeof DETAIL_PARTS)[number];

/** Two worktrees of the radar; `other` null is the target. */
export interface ChosenPair {
  readonly one: string;
  readonly other: string | null;
}

/** What the Merge screen remembers while the page lives. */
export interface MergeScreenState {
  readonly part: MergePart;
  /** Id of the entry that is shown; null: the first one. */
  readonly chosen: string | null;
  readonly detail: DetailPart;
  /** The pair whose conflicts are shown. */
  readonly pair: ChosenPair | null;
  /** The cell the keyboard stands on, by row and column of the matrix. */
  readonly cell: { readonly row: string; readonly column: string | null } | null;
  readonly looking: boolean;
}

const stores = new WeakMap<Room, StoreApi<MergeScreenState>>();

export function mergeStore(room: Room): StoreApi<MergeScreenState> {
  const held = stores.get(room);
  if (held !== undefined) return held;
  const made = createStore<MergeScreenState>(() => ({
    part: 'queue',
    chosen: null,
    detail: 'steps',
    pair: null,
    cell: null,
    looking: false,
  }));
  stores.set(room, made);
  return made;
}

export function useMergeScreen<Selected>(select: (state: MergeScreenState) => Selected): Selected {
  return useStore(mergeStore(useRoom()), select);
}

/** The entry with the keyboard's and the actions' attention, or null. */
export function chosenMerge(room: Room): MergeView | null {
  const { chosen } = mergeStore(room).getState();
  return chosen === null ? null : (room.topics.merges.getState().state.byId[chosen] ?? null);
}

/** Shows one entry on the Merge screen. */
export function showMerge(room: Room, id: number, detail: DetailPart = 'steps'): void {
  mergeStore(room).setState({ part: 'queue', chosen: String(id), detail });
  showScreen(room, 'merge');
}

/** Shows what two agents would collide in. */
export function showCollision(room: Room, pair: ChosenPair): void {
  mergeStore(room).setState({ part: 'radar', pair, cell: { row: pair.one, column: pair.other } });
  showScreen(room, 'merge');
}
