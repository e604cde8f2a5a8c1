import type { Scheduler } from './channel.ts';
import type { Contract, Topic } from './definition.ts';
import type { ServerMessage } from './serverMessages.ts';

/** Follows one topic: the state, and the delta that led to it or null for a snapshot. */
export type TopicListener = (state: unknown, delta: unknown) => void;

/**
 * The client's copies of topics. It outlives a connection: on the next one it says what it holds and gets only what it
 * missed. A gap is never guessed over: it asks again.
 */
export interface TopicMirror {
  subscribe(name: string, listener: TopicListener): () => void;
  /** The state once there is one, at once when there is one already. Returns its removal. */
  whenReady(name: string, listener: (state: unknown) => void): () => void;
  /** A connection is open: starts or resumes every topic in use. */
  attach(epoch: string, send: (text: string) => void): void;
  detach(): void;
  /** Takes a checked message. Returns what is wrong with it, null when nothing is. */
  receive(message: Extract<ServerMessage, { t: 'snapshot' | 'delta' | 'current' }>): string | null;
}

export interface TopicMirrorOptions {
  readonly contract: Contract;
  readonly scheduler: Scheduler;
  /** Checks snapshots and deltas against their schemas; for development and tests. */
  readonly validate: boolean;
}

/** Milliseconds after which an unanswered question for what was missed is asked again. */
const RESYNC_MS = 1_000;

type AnyTopic = Topic<unknown, unknown>;
/** What is needed of a topic; an outline's has no schemas. */
type MirroredTopic = Pick<AnyTopic, 'reduce'> & Partial<Pick<AnyTopic, 'state' | 'delta'>>;

/** Stands for each topic of an outline: nobody listens past the first state, so no delta is ever applied. */
const FIRST_STATE: MirroredTopic = { reduce: (state) => state };

interface Copy {
  readonly topic: MirroredTopic;
  /** Primed listeners have been given a state; the others get theirs soon, whole. */
  readonly listeners: Map<TopicListener, { primed: boolean }>;
  /** Null until the first snapshot. `epoch` is the server's start it belongs to. */
  held: { readonly state: unknown; readonly seq: number; readonly epoch: string } | null;
  askedAt: number | null;
}

/** Creates a mirror that holds nothing and has no connection. */
export function createTopicMirror({ contract, scheduler, validate }: TopicMirrorOptions): TopicMirror {
  const copies = new Map<string, Copy>();
  let link: { readonly epoch: string; readonly send: (text: string) => void } | null = null;

  const ask = (name: string, copy: Copy): void => {
    if (link === null) return;
    copy.askedAt = scheduler.now();
    const { held } = copy;
    link.send(
      JSON.stringify({
        t: 'subscribe',
        topic: name,
        ...(held === null ? {} : { epoch: held.epoch, seq: held.seq }),
      }),
    );
  };
  const tell = (copy: Copy, state: unknown, delta: unknown): void => {
    for (const [listener, entry] of [...copy.listeners]) {
      if (!entry.primed) {
        entry.primed = true;
        listener(state, null);
      } else listener(state, delta);
    }
  };
  const subscribe = (name: string, listener: TopicListener): (() => void) => {
    const topic = contract.topics[name] ?? (contract.outline === true ? FIRST_STATE : undefined);
    if (topic === undefined) throw new Error(`no topic ${name} in contract ${contract.name}`);
    let copy = copies.get(name);
    if (copy === undefined) {
      copy = { topic, listeners: new Map(), held: null, askedAt: null };
      copies.set(name, copy);
    }
    const mine = copy;
    // A key of its own, so that one function subscribed twice counts twice.
    const key: TopicListener = (state, delta) => listener(state, delta);
    const entry = { primed: false };
    const isFirst = mine.listeners.size === 0;
    mine.listeners.set(key, entry);
    if (isFirst) ask(name, mine);
    if (mine.held !== null) {
      // Never from within `subscribe`: the caller does not hold the way out yet.
      Promise.resolve().then(() => {
        if (entry.primed || !mine.listeners.has(key) || mine.held === null) return;
        entry.primed = true;
        key(mine.held.state, null);
      });
    }
    return () => {
      if (!mine.listeners.delete(key) || mine.listeners.size > 0) return;
      if (copies.get(name) === mine) copies.delete(name);
      link?.send(JSON.stringify({ t: 'unsubscribe', topic: name }));
    };
  };

  return {
    subscribe,
    whenReady(name, listener) {
      let done = false;
      const end = subscribe(name, (state) => {
        if (done) return;
        done = true;
        end();
        listener(state);
      });
      return end;
    },
    attach(epoch, send) {
      link = { epoch, send };
      for (const [name, copy] of copies) ask(name, copy);
    },
    detach() {
      link = null;
      for (const copy of copies.values()) copy.askedAt = null;
    },
    receive(message) {
      const copy = copies.get(message.topic);
      // Nobody listens any more: the server had not heard of it yet.
      if (copy === undefined || link === null) return null;
      const { topic, held } = copy;
      switch (message.t) {
        case 'snapshot': {
          if (validate && topic.state !== undefined) {
            const checked = topic.state.safeParse(message.state);
            if (!checked.success) return `snapshot of ${message.topic} breaks the contract: ${checked.error.message}`;
          }
          copy.askedAt = null;
          copy.held = { state: message.state, seq: message.seq, epoch: link.epoch };
          tell(copy, message.state, null);
          return null;
        }
        case 'current':
          copy.askedAt = null;
          return null;
        case 'delta': {
          if (held === null) return null;
          if (message.base !== held.seq) {
            // A gap. What was asked for is on its way, unless that was long ago.
            if (copy.askedAt === null || scheduler.now() - copy.askedAt >= RESYNC_MS) ask(message.topic, copy);
            return null;
          }
          if (validate && topic.delta !== undefined) {
            const checked = topic.delta.safeParse(message.delta);
            if (!checked.success) return `delta of ${message.topic} breaks the contract: ${checked.error.message}`;
          }
          copy.askedAt = null;
          const state = topic.reduce(held.state, message.delta);
          copy.held = { state, seq: message.seq, epoch: held.epoch };
          if (state !== held.state) tell(copy, state, message.delta);
          return null;
        }
      }
    },
  };
}
