import { LIMITS } from '../limits.ts';
import { fail, type Result } from '../result.ts';
import type { Channel, Scheduler } from './channel.ts';
import { connectClient, firstState, type HelloOptions } from './client.ts';
import type { Client, Contract, TopicDelta, TopicState, Welcome } from './definition.ts';
import type { CallOptions } from './rpcClient.ts';
import { createTopicMirror } from './topicMirror.ts';

/** Where a room stands with its engine. */
export type ConnectionState =
  /** The first attempt is under way; calls wait for it. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly welcome: Welcome }
  /** Attempts go on by themselves; calls fail at once. `refused` means the engine answered and said no: a reload or sign-in may be due. */
  | { readonly kind: 'lost'; readonly reason: string; readonly refused: boolean; readonly attempts: number };

/** A client for a face that stays: subscriptions live over lost connections, streams and calls do not. */
export interface ReconnectingClient<C extends Contract>
  extends Pick<Client<C>, 'call' | 'subscribe' | 'snapshot' | 'openStream' | 'close'> {
  readonly connection: ConnectionState;
  /** Called on every change. Returns its removal. */
  onConnection(listener: (connection: ConnectionState) => void): () => void;
  /** Tries again now instead of waiting, for instance when the machine wakes or the person asks. */
  retry(): void;
}

export interface ReconnectOptions<C extends Contract> {
  readonly contract: C;
  /** Makes a fresh channel. A failure is retried like a lost connection. */
  readonly connect: () => Promise<Result<Channel>>;
  readonly hello: HelloOptions;
  readonly scheduler: Scheduler;
  /** Also checks outputs, snapshots and deltas against their schemas; for development and tests. */
  readonly validate?: boolean;
}

/** Starts connecting and stays connected until `close`: waits double from 100 ms to 5 s and start over after a welcome. */
export function createReconnectingClient<C extends Contract>(options: ReconnectOptions<C>): ReconnectingClient<C> {
  const { contract, scheduler, hello, validate = false } = options;
  const mirror = createTopicMirror({ contract, scheduler, validate });
  const listeners = new Set<(connection: ConnectionState) => void>();
  const waiters = new Set<(result: Result<never>) => void>();
  let queued: (() => void)[] = [];
  let connection: ConnectionState = { kind: 'connecting' };
  let client: Client<C> | null = null;
  let wait: number = LIMITS.reconnectMs.first;
  let attempts = 0;
  let attempting = false;
  let cancelRetry: (() => void) | null = null;
  let closed = false;

  const move = (next: ConnectionState): void => {
    connection = next;
    for (const listener of [...listeners]) listener(next);
    const waiting = queued;
    queued = [];
    for (const run of waiting) run();
  };
  const lost = (reason: string, refused: boolean): void => {
    client = null;
    if (closed) return;
    attempts += 1;
    cancelRetry = scheduler.after(wait, attempt);
    wait = Math.min(wait * 2, LIMITS.reconnectMs.last);
    move({ kind: 'lost', reason, refused, attempts });
  };
  const connectOnce = async (): Promise<Result<Client<C>>> => {
    const channel = await options.connect();
    if (!channel.ok) return channel;
    return await connectClient({ contract, channel: channel.value, hello, scheduler, validate, mirror });
  };
  const attempt = (): void => {
    if (attempting || closed) return;
    attempting = true;
    cancelRetry?.();
    cancelRetry = null;
    connectOnce()
      // `connect` is the caller's; what it throws is as good as no connection, and is shown with the state.
      .catch(
        (error: unknown): Result<Client<C>> =>
          fail('unavailable', error instanceof Error ? error.message : String(error)),
      )
      .then((result) => {
        attempting = false;
        if (!result.ok) {
          lost(result.error.message, result.error.data?.refused === true);
          return;
        }
        if (closed) {
          result.value.close();
          return;
        }
        client = result.value;
        attempts = 0;
        wait = LIMITS.reconnectMs.first;
        move({ kind: 'open', welcome: client.welcome });
        result.value.onClose((reason) => lost(reason, false));
      });
  };
  const notOpen = (): Result<never> =>
    fail('unavailable', connection.kind === 'lost' ? `not connected: ${connection.reason}` : 'not connected yet');

  attempt();
  return {
    get connection() {
      return connection;
    },
    onConnection(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call(name, input, callOptions: CallOptions = {}) {
      if (client !== null) return client.call(name, input, callOptions);
      if (closed || connection.kind !== 'connecting' || queued.length >= LIMITS.callsQueued) {
        return Promise.resolve(notOpen());
      }
      const { signal, timeoutMs = LIMITS.callTimeoutMs } = callOptions;
      if (signal?.aborted) return Promise.resolve(fail('cancelled', `${name} was cancelled`));
      return new Promise((resolve) => {
        const leave = (): void => {
          queued = queued.filter((other) => other !== run);
          cancelTimer();
          signal?.removeEventListener('abort', onAbort);
        };
        const run = (): void => {
          leave();
          resolve(client === null ? notOpen() : client.call(name, input, callOptions));
        };
        const onAbort = (): void => {
          leave();
          resolve(fail('cancelled', `${name} was cancelled`));
        };
        const cancelTimer = scheduler.after(timeoutMs, () => {
          leave();
          resolve(fail('timeout', `${name} waited ${timeoutMs / 1_000} s for a connection`));
        });
        signal?.addEventListener('abort', onAbort, { once: true });
        queued.push(run);
      });
    },
    subscribe: <N extends keyof C['topics'] & string>(
      name: N,
      listener: (state: TopicState<C, N>, delta: TopicDelta<C, N> | null) => void,
    ) =>
      mirror.subscribe(name, (state, delta) => listener(state as TopicState<C, N>, delta as TopicDelta<C, N> | null)),
    snapshot: <N extends keyof C['topics'] & string>(name: N) =>
      firstState(mirror, name, scheduler, closed ? 'closed by this side' : null, waiters) as Promise<
        Result<TopicState<C, N>>
      >,
    openStream(stream, sink) {
      if (client !== null) return client.openStream(stream, sink);
      // The connection the number belonged to is gone, and the stream with it.
      sink.onEnd('the connection is gone');
      return { ack() {}, close() {} };
    },
    retry() {
      if (connection.kind === 'lost') attempt();
    },
    close() {
      if (closed) return;
      closed = true;
      cancelRetry?.();
      const open = client;
      client = null;
      open?.close();
      for (const waiter of [...waiters]) waiter(fail('unavailable', 'closed by this side'));
      move({ kind: 'lost', reason: 'closed by this side', refused: false, attempts: 0 });
    },
  };
}
