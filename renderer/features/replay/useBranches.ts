import { useSyncExternalStore } from 'react';
import type { PastBranch } from '../../../contract/replay.ts';
import { stableList } from '../../stores/reuse.ts';
import type { Room } from '../../stores/room.ts';

/** The project's own checkout is no branch; the status bar shows it. */
const PROJECT_HEAD = 'HEAD';
const NONE: readonly PastBranch[] = [];

/** Those that moved last come first. */
const select = stableList((byId: Readonly<Record<string, PastBranch>>) =>
  Object.values(byId)
    .filter(({ name }) => name !== PROJECT_HEAD)
    .sort((one, other) => other.at.localeCompare(one.at) || one.name.localeCompare(other.name)),
);

/** Where branches were at the moment a replay shows; none in a live room. */
export function useBranches(room: Room): readonly PastBranch[] {
  const player = room.replay?.player;
  return useSyncExternalStore(
    (changed) => player?.onMove(changed) ?? (() => {}),
    () => (player === undefined ? NONE : select(player.states().branches.byId)),
  );
}
