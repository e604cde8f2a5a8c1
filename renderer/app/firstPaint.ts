import type { Room } from '../stores/room.ts';

/** Milliseconds the room's first snapshots may hold up its first picture: an engine that is slower is waited for on screen. */
export const HOLD_MS = 150;

/**
 * Calls `draw` once there is something to show: every topic has its first snapshot, or it is known that none will come
 * (no project, no permission, no engine), or `HOLD_MS` are over. A page that is drawn empty first builds its frame, its
 * lists and their layout twice, and says "nothing here yet" for the blink of an eye.
 */
export function drawWhenKnown(
  room: Pick<Room, 'link' | 'topics' | 'desktop'>,
  after: (milliseconds: number, run: () => void) => () => void,
  draw: () => void,
): void {
  const topics = Object.values(room.topics);
  const known = (): boolean => {
    const link = room.link.state.getState().kind;
    const said = room.desktop?.project.getState().said ?? null;
    if (link === 'offline' || link === 'refused' || said?.project === null) return true;
    return topics.every((topic) => topic.getState().loaded);
  };
  if (known()) {
    draw();
    return;
  }
  const finish = (): void => {
    for (const stop of stops) stop();
    draw();
  };
  const look = (): void => {
    if (known()) finish();
  };
  const stops = [
    after(HOLD_MS, finish),
    room.link.state.subscribe(look),
    ...(room.desktop === null ? [] : [room.desktop.project.subscribe(look)]),
    ...topics.map((topic) => topic.subscribe(look)),
  ];
}
