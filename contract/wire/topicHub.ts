import { LIMITS } from '../limits.ts';
import type { Scheduler } from './channel.ts';
import type { Contract, Topic, TopicDelta, TopicState } from './definition.ts';

/** Some deltas of a topic joined into one: it takes a holder of `base` to `seq`. */
export interface TopicBatch {
  readonly base: number;
  readonly seq: number;
  readonly delta: unknown;
  /** The control frame that carries it, written once for all clients. */
  readonly text: string;
}

/** What a new or returning viewer needs before the batches that follow. */
export type CatchUp =
  | { readonly kind: 'snapshot'; readonly seq: number; readonly state: unknown }
  | { readonly kind: 'delta'; readonly base: number; readonly seq: number; readonly delta: unknown }
  | { readonly kind: 'current'; readonly seq: number };

/** The server's live values. Whoever changes something publishes a delta; every connection passes it on. */
export interface TopicHub<C extends Contract> {
  /** Applies a delta and sends it on: the first of a burst at once, what follows within `LIMITS.topicBatchMs` joined. A delta that changes nothing is dropped. */
  publish<N extends keyof C['topics'] & string>(name: N, delta: TopicDelta<C, N>): void;
  /** The state with everything published, sent or not. */
  state<N extends keyof C['topics'] & string>(name: N): TopicState<C, N>;
  /** Sends what waits to be joined, for shutdown. */
  flush(): void;
  /** For connections: joins the viewers of a topic, having held everything up to `since`. */
  attach(
    name: string,
    since: number | null,
    onBatch: (batch: TopicBatch) => void,
  ): { readonly catchUp: CatchUp; readonly detach: () => void };
}

export interface TopicHubOptions<C extends Contract> {
  readonly contract: C;
  readonly scheduler: Scheduler;
  /** Checks every published delta against its schema and throws on a wrong one; for development and tests. */
  readonly validate?: boolean;
}

/** The control frame of a batch. */
export function deltaText(topic: string, base: number, seq: number, delta: unknown): string {
  return JSON.stringify({ t: 'delta', topic, base, seq, delta });
}

interface Live {
  attach(since: number | null, onBatch: (batch: TopicBatch) => void): ReturnType<TopicHub<Contract>['attach']>;
  publish(delta: unknown): void;
  flush(): void;
  state(): unknown;
}

function createLive(name: string, topic: Topic<unknown, unknown>, scheduler: Scheduler, validate: boolean): Live {
  const viewers = new Set<(batch: TopicBatch) => void>();
  let state = topic.initial;
  let seq = 0;
  let pending: { readonly delta: unknown } | null = null;
  let sentAt = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | null = null;
  let history: TopicBatch[] = [];
  let historyCharacters = 0;

  const flush = (): void => {
    cancelTimer?.();
    cancelTimer = null;
    if (pending === null) return;
    const { delta } = pending;
    pending = null;
    sentAt = scheduler.now();
    const batch = { base: seq, seq: seq + 1, delta, text: deltaText(name, seq, seq + 1, delta) };
    seq = batch.seq;
    history.push(batch);
    historyCharacters += batch.text.length;
    let dropped = 0;
    while (history.length - dropped > LIMITS.topicHistory || historyCharacters > LIMITS.topicHistoryBytes) {
      historyCharacters -= history[dropped]?.text.length ?? 0;
      dropped += 1;
    }
    if (dropped > 0) history = history.slice(dropped);
    for (const viewer of [...viewers]) viewer(batch);
  };

  return {
    state: () => state,
    flush,
    publish(delta) {
      if (validate) topic.delta.parse(delta);
      const next = topic.reduce(state, delta);
      if (next === state) return;
      state = next;
      pending = { delta: pending === null ? delta : topic.squash(pending.delta, delta) };
      if (cancelTimer !== null) return;
      const wait = sentAt + LIMITS.topicBatchMs - scheduler.now();
      if (wait <= 0) flush();
      else cancelTimer = scheduler.after(wait, flush);
    },
    attach(since, onBatch) {
      // Waiting deltas leave first, so that the newcomer starts on a border between batches.
      flush();
      viewers.add(onBatch);
      const detach = () => {
        viewers.delete(onBatch);
      };
      if (since === seq) return { catchUp: { kind: 'current', seq }, detach };
      const from = since === null ? -1 : history.findIndex((batch) => batch.base === since);
      const first = history[from];
      if (first === undefined) return { catchUp: { kind: 'snapshot', seq, state }, detach };
      const delta = history
        .slice(from + 1)
        .reduce((joined: unknown, batch) => topic.squash(joined, batch.delta), first.delta);
      return { catchUp: { kind: 'delta', base: first.base, seq, delta }, detach };
    },
  };
}

/** Creates the hub with every topic of the contract at its initial state. */
export function createTopicHub<C extends Contract>(options: TopicHubOptions<C>): TopicHub<C> {
  const live = new Map<string, Live>();
  for (const [name, topic] of Object.entries(options.contract.topics)) {
    live.set(name, createLive(name, topic, options.scheduler, options.validate ?? false));
  }
  const get = (name: string): Live => {
    const found = live.get(name);
    if (found === undefined) throw new Error(`no topic ${name} in contract ${options.contract.name}`);
    return found;
  };
  return {
    publish: (name, delta) => get(name).publish(delta),
    state: <N extends keyof C['topics'] & string>(name: N) => get(name).state() as TopicState<C, N>,
    flush() {
      for (const topic of live.values()) topic.flush();
    },
    attach: (name, since, onBatch) => get(name).attach(since, onBatch),
  };
}
