import { useSyncExternalStore } from 'react';
import { useRoom } from '../../stores/hooks.ts';

/** Milliseconds of watching between two questions about the moment shown while a replay plays. */
const LOOK_MS = 500;

const NEVER = (): (() => void) => () => {};

/**
 * Changes whenever a screen has to ask anew what was true at the moment shown: with every jump, and while it plays about
 * twice a second, however fast. Null in a live room.
 */
export function useReplayLook(): string | null {
  const { replay } = useRoom();
  return useSyncExternalStore(replay?.player.store.subscribe ?? NEVER, () => {
    if (replay === null) return null;
    const { at, playing, speed } = replay.player.store.getState();
    return playing ? `playing ${Math.floor(at / (LOOK_MS * speed))}` : String(at);
  });
}
