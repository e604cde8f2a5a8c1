import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Player } from '../features/replay/player.ts';
import type { Room } from './room.ts';

/** A replay as its room carries it. */
export interface Replaying {
  readonly player: Player;
  /** The room that goes on meanwhile: what it waits for stays in sight. */
  readonly live: Room;
  /** Leaves the replay. */
  goLive(): void;
}

/** Which room is on screen: the live one, or a replay. There is one at a time, and they share no topic. */
export interface Stage {
  /** Null until the live room is made. */
  readonly front: StoreApi<{ readonly room: Room | null }>;
}

export function createStage(): Stage {
  return { front: createStore<{ readonly room: Room | null }>(() => ({ room: null })) };
}

/** The room on screen, for what hears keys wherever they are pressed. */
export function frontRoom(room: Room): Room {
  return room.stage.front.getState().room ?? room;
}

/** The room that is connected to the engine, whatever is on screen. */
export function liveRoom(room: Room): Room {
  return room.replay?.live ?? room;
}

/** Leaves a replay, if one is on screen. */
export function goLive(room: Room): void {
  frontRoom(room).replay?.goLive();
}
