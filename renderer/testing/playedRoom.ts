import { createStore } from 'zustand/vanilla';
import { ok, type Result } from '../../contract/result.ts';
import type { RoomContract } from '../../contract/room.ts';
import { topics } from '../../contract/topics.ts';
import type { TopicDelta, TopicState } from '../../contract/wire/definition.ts';
import type { LinkState, RoomLink, TopicName } from '../client/link.ts';
import type { PreferenceStorage } from '../stores/preferences.ts';
import { createRoom, type Room } from '../stores/room.ts';
import { NOW } from './fixtures.ts';

/** A call the room made. */
export interface RecordedCall {
  readonly name: string;
  readonly input: unknown;
}

/** How a played engine answers a call. */
export type Answer = (input: unknown) => Promise<Result<unknown>> | Result<unknown>;

/** A room over a link whose engine is played. The stores, selectors and actions are the real ones. */
export interface PlayedRoom {
  readonly room: Room;
  readonly calls: RecordedCall[];
  /** Publishes a delta, as the engine would; the first one of a topic arrives as its snapshot. */
  publish<N extends TopicName>(name: N, delta: TopicDelta<RoomContract, N>): void;
  /** Sends the whole present state again in fresh objects, as after a reconnect. */
  resend(name: TopicName): void;
  /** Decides the answer to every later call of that name. */
  answer(name: string, reply: Answer): void;
  /** Moves the clock to so many seconds after `NOW`. */
  tick(seconds: number): void;
  setLink(state: LinkState): void;
}

export interface PlayedRoomOptions {
  /** False leaves all topics unloaded. */
  readonly loaded?: boolean;
  readonly storage?: PreferenceStorage;
  /** Answer to calls that nothing else answers; an empty success by default. */
  readonly otherwise?: (name: string) => Result<unknown>;
  /** What a stream sends when it is opened. */
  readonly stream?: RoomLink['openStream'];
  /** Runs each piece of news; tests wait for React in it. */
  readonly around?: (run: () => void) => void;
}

/** Builds the room with all topics loaded and empty, its clock standing still at `NOW`. */
export function createPlayedRoom(options: PlayedRoomOptions = {}): PlayedRoom {
  const around = options.around ?? ((run) => run());
  const states = new Map<string, unknown>();
  const listeners = new Map<string, (state: never, delta: never) => void>();
  const answers = new Map<string, Answer>([
    ['projects.list', () => ok({ projects: [] })],
    ['agents.runtimes', () => ok({ runtimes: [] })],
  ]);
  const calls: RecordedCall[] = [];
  const linkState = createStore<LinkState>(() => ({
    kind: 'online',
    connection: 1,
    serverTime: new Date(NOW).toISOString(),
    scope: 'admin',
  }));
  const link: RoomLink = {
    state: linkState,
    call: (async (name: string, input: unknown) => {
      calls.push({ name, input });
      return (await answers.get(name)?.(input)) ?? options.otherwise?.(name) ?? ok({});
    }) as RoomLink['call'],
    openStream: options.stream ?? (() => ({ ack() {}, close() {} })),
    subscribe(name, listener) {
      listeners.set(name, listener as (state: never, delta: never) => void);
      return () => listeners.delete(name);
    },
    retryNow() {},
    close() {},
  };
  let now = NOW;
  let tick = () => {};
  const room = createRoom({
    link,
    desktop: null,
    storage: options.storage ?? null,
    clockSource: {
      now: () => now,
      every(_milliseconds, run) {
        tick = run;
        return () => {};
      },
      hidden: () => false,
      onVisibility: () => () => {},
    },
    after: () => {},
  });
  const tell = (name: string, delta: unknown) =>
    around(() => listeners.get(name)?.(states.get(name) as never, delta as never));
  if (options.loaded !== false) {
    for (const [name, topic] of Object.entries(topics)) {
      states.set(name, topic.initial);
      tell(name, null);
    }
  }
  return {
    room,
    calls,
    publish(name, delta) {
      const topic = topics[name] as { initial: unknown; reduce(state: unknown, delta: unknown): unknown };
      states.set(name, topic.reduce(states.get(name) ?? topic.initial, delta));
      tell(name, delta);
    },
    resend(name) {
      states.set(name, structuredClone(states.get(name)) as TopicState<RoomContract, TopicName>);
      tell(name, null);
    },
    answer: (name, reply) => void answers.set(name, reply),
    tick(seconds) {
      now = NOW + seconds * 1_000;
      around(() => tick());
    },
    setLink: (state) => around(() => linkState.setState(state, true)),
  };
}
