import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Result } from '../../contract/result.ts';
import { type RoomClient, type RoomContract, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import type { Channel, Scheduler } from '../../contract/wire/channel.ts';
import type { Scope, TopicDelta, TopicState } from '../../contract/wire/definition.ts';
import { createReconnectingClient } from '../../contract/wire/reconnect.ts';

/** Where the connection to the engine stands. */
export type LinkState =
  | { readonly kind: 'connecting' }
  /** `connection` counts up with every new one: byte streams of an earlier number are gone and must be attached again. */
  | { readonly kind: 'online'; readonly connection: number; readonly serverTime: string; readonly scope: string }
  | { readonly kind: 'offline'; readonly reason: string; readonly attempts: number }
  /** The engine answered and said no: signing in, or loading the page again, is due. */
  | { readonly kind: 'refused'; readonly reason: string };

export type TopicName = keyof RoomContract['topics'] & string;
export type TopicListener<N extends TopicName> = (
  state: TopicState<RoomContract, N>,
  delta: TopicDelta<RoomContract, N> | null,
) => void;

/** The room's connection to its engine, as the stores and the terminals see it. It outlives lost connections. */
export interface RoomLink {
  readonly state: StoreApi<LinkState>;
  readonly call: RoomClient['call'];
  readonly openStream: RoomClient['openStream'];
  subscribe<N extends TopicName>(name: N, listener: TopicListener<N>): () => void;
  retryNow(): void;
  close(): void;
}

/** A way to the engine: how to open a channel, and the secret that goes into the hello (null where the channel itself is the proof). */
export interface Route {
  readonly open: () => Promise<Result<Channel>>;
  readonly token: (() => string | null) | null;
  /** True where a refusal can only be cured by the person, so that trying again is pointless (browser). */
  readonly refusalEnds: boolean;
}

/**
 * Connects over a route and stays connected.
 * @param most what this page wants to be let do at most, where that is less than everything.
 */
export function createRoomLink(route: Route, scheduler: Scheduler, most?: Scope): RoomLink {
  const state = createStore<LinkState>(() => ({ kind: 'connecting' }));
  const { token } = route;
  const wish = most === undefined ? {} : { most };
  let connections = 0;
  const client = createReconnectingClient({
    contract: roomContract,
    connect: route.open,
    // The hello is read anew at every attempt, by which time the ticket has been traded for a token.
    hello:
      token === null
        ? { build: PRODUCT_VERSION, ...wish }
        : {
            build: PRODUCT_VERSION,
            ...wish,
            get token() {
              return token() ?? '';
            },
          },
    scheduler,
  });
  const stopListening = client.onConnection((connection) => {
    switch (connection.kind) {
      case 'connecting':
        state.setState({ kind: 'connecting' }, true);
        return;
      case 'open': {
        connections += 1;
        const { serverTime, scope } = connection.welcome;
        state.setState({ kind: 'online', connection: connections, serverTime, scope }, true);
        return;
      }
      case 'lost': {
        const { reason, attempts, refused } = connection;
        state.setState(refused ? { kind: 'refused', reason } : { kind: 'offline', reason, attempts }, true);
        if (refused && route.refusalEnds) {
          stopListening();
          client.close();
        }
      }
    }
  });
  return {
    state,
    call: client.call,
    openStream: client.openStream,
    subscribe: client.subscribe,
    retryNow: client.retry,
    close: client.close,
  };
}
