import { createStore } from 'zustand/vanilla';
import type { RunView } from '../../../contract/runs.ts';
import { topics } from '../../../contract/topics.ts';
import type { TopicName } from '../../client/link.ts';
import { createMailbox } from '../../stores/mailbox.ts';
import type { Room } from '../../stores/room.ts';
import { frontRoom, liveRoom } from '../../stores/stage.ts';
import { createTopicStores, type TopicStores } from '../../stores/topicStores.ts';
import { dropTerminals } from '../../terminal/roomTerminals.ts';
import { createPlayer, type Player, type PlayerOptions } from './player.ts';
import { createReplayLink } from './replayLink.ts';

/** What is replayed. Times in milliseconds since the epoch. */
export interface Stretch {
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
}

/** Milliseconds between two ticks of a room's clock. */
const TICK_MS = 1_000;
/** Milliseconds shown before the first and after the last thing of a run. */
const MARGIN_MS = 2_000;
/** Milliseconds after its first thing at which a run is shown first: there is something to see then. */
const OPENING_MS = 1_000;
/** Milliseconds between two moves of a replayed room's clock: ages change by the second, lanes smoothly. */
const CLOCK_MS = 100;

/** The stretch of a run, with a little on both sides. */
export function stretchOf(run: Pick<RunView, 'startedAt' | 'completedAt'>): Stretch {
  return {
    from: Date.parse(run.startedAt) - MARGIN_MS,
    to: run.completedAt === null ? null : Date.parse(run.completedAt) + MARGIN_MS,
  };
}

/** The moment a run is opened at: its beginning, with what began it on screen. */
export function openingOf({ from, to }: Stretch): number {
  const opening = from + MARGIN_MS + OPENING_MS;
  return to === null ? opening : Math.min(opening, to);
}

/** The run a moment lies in, else the newest; null when there is no run. */
export function runAt(byId: Readonly<Record<string, RunView>>, at: number | null): RunView | null {
  const runs = Object.values(byId).sort((one, other) => other.startedAt.localeCompare(one.startedAt));
  if (at === null) return runs[0] ?? null;
  const within = runs.find((run) => {
    const { from, to } = stretchOf(run);
    return at >= from && (to === null || at <= to);
  });
  return within ?? null;
}

/** What a player runs on in a page. */
export type PageTimers = Pick<PlayerOptions, 'now' | 'every'>;

const PAGE: PageTimers = {
  now: () => performance.now(),
  every(milliseconds, run) {
    const timer = setInterval(run, milliseconds);
    return () => clearInterval(timer);
  },
};

/** Ages in a replay are those of the moment shown. */
function playersClock(player: Player): Room['clock'] {
  const store = createStore<{ readonly now: number }>(() => ({ now: player.store.getState().at }));
  player.store.subscribe(({ at, playing }) => {
    const { now } = store.getState();
    if (now !== at && (!playing || Math.abs(now - at) >= CLOCK_MS)) store.setState({ now: at });
  });
  return { store, align() {}, stop() {} };
}

/**
 * Puts the whole room into a replay: the same screens over stores of their own, which no live delta reaches. A replay that
 * is on screen already goes to that moment, or gives way to another run's.
 */
export function startReplay(room: Room, stretch: Stretch, at: number, timers: PageTimers = PAGE): Room {
  const live = liveRoom(room);
  const former = frontRoom(live).replay;
  if (former !== null) former.goLive();
  const player = createPlayer({
    link: live.link,
    from: stretch.from,
    // The shared clock ticks by the second; what happened since its last tick belongs to it too.
    to: stretch.to ?? (() => live.clock.store.getState().now + TICK_MS),
    at,
    ...timers,
  });
  const link = createReplayLink(live.link, player, (name: TopicName) => topics[name].initial);
  const stores: TopicStores = createTopicStores(link);
  const replayed: Room = {
    ...live,
    link,
    topics: stores,
    mailbox: createMailbox(link, stores.mail),
    clock: playersClock(player),
    replay: {
      player,
      live,
      goLive() {
        if (live.stage.front.getState().room !== replayed) return;
        live.slots.dialog.setState({ content: null });
        live.stage.front.setState({ room: live });
        player.dispose();
        link.close();
        dropTerminals(replayed);
      },
    },
  };
  live.slots.dialog.setState({ content: null });
  live.stage.front.setState({ room: replayed });
  return replayed;
}

/** Replays the run a moment lies in, from that moment on; all that is recorded when it lies in none. */
export function showMoment(room: Room, at: number): Room {
  const live = liveRoom(room);
  const run = runAt(live.topics.runs.getState().state.byId, at);
  const current = frontRoom(live).replay;
  if (current !== null) {
    const { from, to } = current.player.store.getState();
    if (at >= from && at <= to) {
      current.player.pause();
      current.player.seek(at);
      return frontRoom(live);
    }
  }
  return startReplay(live, run === null ? { from: at - DAY_MS, to: null } : stretchOf(run), at);
}

const DAY_MS = 86_400_000;

/** Replays the newest run from its beginning; false when there has been none. */
export function replayNewestRun(room: Room): boolean {
  const live = liveRoom(room);
  const run = runAt(live.topics.runs.getState().state.byId, null);
  if (run === null) return false;
  const stretch = stretchOf(run);
  startReplay(live, stretch, openingOf(stretch));
  return true;
}
