import type { Contract, Topic } from './definition.ts';
import { deltaText, type TopicBatch, type TopicHub } from './topicHub.ts';

/** One client's subscriptions. While the client is behind, batches are joined instead of queued: a slow viewer costs one delta a topic. */
export interface TopicSender {
  /** Starts or restarts a topic; `since` is what the client holds, null for nothing. */
  subscribe(name: string, since: number | null): void;
  unsubscribe(name: string): void;
  /** The client has caught up. */
  relief(): void;
  close(): void;
}

interface Subscription {
  readonly topic: Topic<unknown, unknown>;
  detach: () => void;
  held: { readonly base: number; readonly seq: number; readonly delta: unknown } | null;
}

/** Creates the subscriptions of one connection. */
export function createTopicSender<C extends Contract>(
  contract: C,
  hub: TopicHub<C>,
  sendText: (text: string) => void,
  busy: () => boolean,
): TopicSender {
  const subscriptions = new Map<string, Subscription>();

  const unsubscribe = (name: string): void => {
    subscriptions.get(name)?.detach();
    subscriptions.delete(name);
  };
  const pass = (subscription: Subscription, batch: TopicBatch): void => {
    const { held, topic } = subscription;
    if (held !== null) {
      subscription.held = { base: held.base, seq: batch.seq, delta: topic.squash(held.delta, batch.delta) };
    } else if (busy()) {
      subscription.held = { base: batch.base, seq: batch.seq, delta: batch.delta };
    } else {
      sendText(batch.text);
    }
  };
  return {
    subscribe(name, since) {
      unsubscribe(name);
      const topic = contract.topics[name];
      if (topic === undefined) return;
      const subscription: Subscription = { topic, detach: () => {}, held: null };
      const { catchUp, detach } = hub.attach(name, since, (batch) => pass(subscription, batch));
      subscription.detach = detach;
      subscriptions.set(name, subscription);
      switch (catchUp.kind) {
        case 'snapshot':
          sendText(JSON.stringify({ t: 'snapshot', topic: name, seq: catchUp.seq, state: catchUp.state }));
          break;
        case 'delta':
          sendText(deltaText(name, catchUp.base, catchUp.seq, catchUp.delta));
          break;
        case 'current':
          sendText(JSON.stringify({ t: 'current', topic: name, seq: catchUp.seq }));
          break;
      }
    },
    unsubscribe,
    relief() {
      for (const [name, subscription] of subscriptions) {
        if (subscription.held === null || busy()) continue;
        const { base, seq, delta } = subscription.held;
        subscription.held = null;
        sendText(deltaText(name, base, seq, delta));
      }
    },
    close() {
      for (const name of [...subscriptions.keys()]) unsubscribe(name);
    },
  };
}
