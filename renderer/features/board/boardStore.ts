import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TaskView } from '../../../contract/tasks.ts';
import { callEngine } from '../../actions/calls.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import {
  boardColumns,
  type DropPlace,
  dropCall,
  moveWords,
  type PendingMove,
  type PendingMoves,
} from './boardRules.ts';

/** What the board remembers while the page lives. */
export interface BoardState {
  /** The card the keyboard stands on. */
  readonly current: string | null;
  /** The card that takes the focus as soon as it is rendered. */
  readonly focus: string | null;
  readonly dragging: string | null;
  /** Where the dragged card is now. */
  readonly over: DropPlace | null;
  readonly moves: PendingMoves;
  /** What was said last to a screen reader. */
  readonly said: string;
}

const stores = new WeakMap<Room, StoreApi<BoardState>>();

export function boardStore(room: Room): StoreApi<BoardState> {
  const held = stores.get(room);
  if (held !== undefined) return held;
  const made = createStore<BoardState>(() => ({
    current: null,
    focus: null,
    dragging: null,
    over: null,
    moves: {},
    said: '',
  }));
  stores.set(room, made);
  return made;
}

export function useBoard<Selected>(select: (state: BoardState) => Selected): Selected {
  return useStore(boardStore(useRoom()), select);
}

export function tasksOf(room: Room): Readonly<Record<string, TaskView>> {
  return room.topics.tasks.getState().state.byId;
}

/** Milliseconds a confirmed move waits for the board's news of it, before the engine's order is shown as it is. */
const NEWS_MS = 2_000;

function withMove(moves: PendingMoves, id: string, move: PendingMove | null): PendingMoves {
  const { [id]: _former, ...rest } = moves;
  return move === null ? rest : { ...rest, [id]: move };
}

/** Shows a move at once and tells the engine; a refused one goes back to where the card was. */
export async function moveTask(room: Room, id: string, place: DropPlace): Promise<void> {
  const store = boardStore(room);
  const call = dropCall(id, place, tasksOf(room), store.getState().moves);
  if (call === null || call.do !== 'move') return;
  const { shown } = call;
  store.setState(({ moves }) => ({ moves: withMove(moves, id, shown) }));
  store.setState({ said: moveWords(id, boardColumns(tasksOf(room), store.getState().moves)) });
  const drop = () => store.setState(({ moves }) => (moves[id] === shown ? { moves: withMove(moves, id, null) } : {}));
  const moved = await callEngine(room, 'tasks.update', call.input);
  if (!moved.ok) {
    drop();
    store.setState({ said: `${id} was not moved: ${moved.error.message}` });
    return;
  }
  // The news comes by the topic, a moment after the answer: until then the card stays where it was put.
  const arrived = () => (tasksOf(room)[id]?.updatedAt ?? '') >= moved.value.updatedAt;
  if (arrived()) {
    drop();
    return;
  }
  const timer = setTimeout(() => finish(), NEWS_MS);
  const stop = room.topics.tasks.subscribe(() => arrived() && finish());
  const finish = () => {
    clearTimeout(timer);
    stop();
    drop();
  };
}
