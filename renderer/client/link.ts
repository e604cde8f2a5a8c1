import { createStore, type StoreApi } from 'zustand/vanilla';
import { type CallError, fail, type Result } from '../../contract/result.ts';
import type { RoomClient, RoomContract } from '../../contract/room.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import type { TopicDelta, TopicState } from '../../contract/wire/definition.ts';

/** Where the connection to the engine stands. Times are milliseconds of the scheduler's clock. */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online'; readonly connection: number; readonly serverTime: string; readonly scope: string }
  | { readonly kind: 'offline'; readonly reason: string; readonly retryAt: number }
  /** The engine refused us; trying again with the same proof is useless. */
  | { readonly kind: 'refused'; readonly reason: string };

export type TopicName = keyof RoomContract['topics'] & string;
export type TopicListener<N extends TopicName> = (
  state: TopicState<RoomContract, N>,
  delta: TopicDelta<RoomContract, N> | null,
) => void;

/** A connection to the engine that outlives its channels: subscriptions are renewed after every reconnect. */
export interface RoomLink {
  readonly state: StoreApi<LinkState>;
  readonly call: RoomClient['call'];
  subscribe<N extends TopicName>(name: N, listener: TopicListener<N>): () => void;
  /** The client of the present connection, for byte streams; null while there is none. */
  current(): RoomClient | null;
  retryNow(): void;
  close(): void;
}

/** Opens one connection and says hello. `unauthorized` ends the attempts, every other error is retried. */
export type Dial = () => Promise<Result<RoomClient>>;

/** Milliseconds before the next attempt; the last value repeats. */
const RETRY_DELAYS_MS = [250, 500, 1_000, 2_000, 4_000, 8_000] as const;

/** Line for a call made while there is no connection. */
const NOT_CONNECTED = 'Not connected to the engine; wait for the connection or start it with `ov serve`.';

interface Subscription {
  start(client: RoomClient): () => void;
  stop: () => void;
}

/** Builds the link and dials at once. */
export function createRoomLink(dial: Dial, scheduler: Scheduler): RoomLink {
  const state = createStore<LinkState>(() => ({ kind: 'connecting' }));
  const subscriptions = new Set<Subscription>();
  let client: RoomClient | null = null;
  let attempt = 0;
  let connections = 0;
  let closed = false;
  let cancelRetry: () => void = () => {};

  function scheduleRetry(reason: string): void {
    const delay = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 8_000;
    attempt += 1;
    state.setState({ kind: 'offline', reason, retryAt: scheduler.now() + delay }, true);
    cancelRetry = scheduler.after(delay, () => void connect());
  }

  function stopped(error: CallError): void {
    if (error.tag === 'unauthorized') state.setState({ kind: 'refused', reason: error.message }, true);
    else scheduleRetry(error.message);
  }

  function adopt(next: RoomClient): void {
    client = next;
    attempt = 0;
    connections += 1;
    next.onClose((reason) => {
      if (client !== next) return;
      client = null;
      for (const subscription of subscriptions) subscription.stop = () => {};
      if (!closed) scheduleRetry(reason);
    });
    if (client !== next) return;
    for (const subscription of subscriptions) subscription.stop = subscription.start(next);
    state.setState(
      { kind: 'online', connection: connections, serverTime: next.welcome.serverTime, scope: next.welcome.scope },
      true,
    );
  }

  async function connect(): Promise<void> {
    cancelRetry();
    if (closed || client !== null) return;
    if (state.getState().kind !== 'offline') state.setState({ kind: 'connecting' }, true);
    const dialled = await dial();
    if (closed) {
      if (dialled.ok) dialled.value.close();
      return;
    }
    if (dialled.ok) adopt(dialled.value);
    else stopped(dialled.error);
  }

  void connect();

  return {
    state,
    async call(name, input, options) {
      return client === null ? fail('unavailable', NOT_CONNECTED) : client.call(name, input, options);
    },
    subscribe(name, listener) {
      const subscription: Subscription = {
        start: (on) => on.subscribe(name, listener),
        stop: () => {},
      };
      subscriptions.add(subscription);
      if (client !== null) subscription.stop = subscription.start(client);
      return () => {
        subscriptions.delete(subscription);
        subscription.stop();
      };
    },
    current: () => client,
    retryNow() {
      if (state.getState().kind === 'offline') void connect();
    },
    close() {
      closed = true;
      cancelRetry();
      client?.close();
    },
  };
}
