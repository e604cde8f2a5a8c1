import {
  freshNotices,
  isQuiet,
  keysOf,
  type NoticeSettings,
  type PastNotice,
  type PastNotices,
  type WatchedRoom,
} from '../../../contract/notices.ts';
import type { RoomChanges } from '../../../contract/replay.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { topics } from '../../../contract/topics.ts';
import { timestamp } from '../../platform/clock.ts';
import type { Replay } from './replayService.ts';

/** Changes read at once, and how often that is done for one answer. */
const WINDOW = 2_000;
const MOST_WINDOWS = 100;
/** Notices in one answer; the newest are kept. */
const MOST_NOTICES = 500;

/**
 * What would have rung between a moment and now: the recorded room is played through the very rules the desktop rings by
 * (ui.md "Settings"). Kinds that are off and quiet hours are those of now, so that a person sees what a change would do.
 * @param from, now milliseconds since the epoch.
 */
export async function pastNotices(
  replay: Pick<Replay, 'window' | 'settled'>,
  settings: NoticeSettings,
  from: number,
  now: number,
): Promise<Result<PastNotices>> {
  // What happened a moment before somebody asks is in the answer.
  await replay.settled(now);
  const found: PastNotice[] = [];
  const told = new Map<string, number>();
  let room: WatchedRoom | null = null;
  let begun = from;
  let position = from;
  for (let windows = 0; position < now; windows += 1) {
    if (windows === MOST_WINDOWS)
      return fail('capacity', 'too much has happened to look at all of it: ask for fewer hours');
    const read = await replay.window({ from: timestamp(position), to: timestamp(now), limit: WINDOW });
    if (!read.ok) return read;
    const { start, steps, until } = read.value;
    if (room === null) {
      room = apply({ agents: {}, attention: {}, runs: {} }, start);
      begun = read.value.from;
    }
    for (const { at, changes } of steps) {
      const next = apply(room, changes);
      for (const notice of freshNotices(room, next, told, at)) {
        for (const key of keysOf(notice)) told.set(key, at);
        const silent = settings.off.includes(notice.kind) ? 'off' : isQuiet(settings, at) ? 'quiet' : null;
        const { kind, title, body, target } = notice;
        found.push({ at: timestamp(at), kind, title, body, agent: target.agent ?? null, silent });
      }
      room = next;
    }
    if (until <= position) break;
    position = until;
  }
  const shown = found.slice(-MOST_NOTICES);
  const oldest = shown[0];
  const since = found.length > shown.length && oldest !== undefined ? oldest.at : timestamp(begun);
  return ok({ notices: shown.reverse(), from: since });
}

/** The room after a step, in the reducers every face uses. */
function apply(room: WatchedRoom, { agents, attention, runs }: RoomChanges): WatchedRoom {
  return {
    agents: agents === undefined ? room.agents : topics.agents.reduce({ byId: room.agents }, agents).byId,
    attention:
      attention === undefined ? room.attention : topics.attention.reduce({ byId: room.attention }, attention).byId,
    runs: runs === undefined ? room.runs : topics.runs.reduce({ byId: room.runs }, runs).byId,
  };
}
