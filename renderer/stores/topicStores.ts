import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RoomContract } from '../../contract/room.ts';
import { topics } from '../../contract/topics.ts';
import type { TopicState } from '../../contract/wire/definition.ts';
import type { RoomLink, TopicName } from '../client/link.ts';
import { reuseRows } from './reuse.ts';

/** What a face holds of one topic; `loaded` is false until the first snapshot, so that "empty" and "not here yet" differ. */
export interface TopicContent<State> {
  readonly state: State;
  readonly loaded: boolean;
}
export type TopicStores = { readonly [N in TopicName]: StoreApi<TopicContent<TopicState<RoomContract, N>>> };

function followTopic<N extends TopicName>(link: RoomLink, name: N): TopicStores[N] {
  type State = TopicState<RoomContract, N>;
  const store = createStore<TopicContent<State>>(() => ({ state: topics[name].initial as State, loaded: false }));
  link.subscribe(name, (state, delta) => {
    const held = store.getState();
    const next = delta === null && held.loaded ? reuseRows(held.state, state) : state;
    if (!held.loaded || next !== held.state) store.setState({ state: next, loaded: true }, true);
  });
  return store as TopicStores[N];
}

/** One vanilla store a topic, fed by the link for as long as the page lives. */
export function createTopicStores(link: RoomLink): TopicStores {
  return {
    status: followTopic(link, 'status'),
    agents: followTopic(link, 'agents'),
    runs: followTopic(link, 'runs'),
    mail: followTopic(link, 'mail'),
    tasks: followTopic(link, 'tasks'),
    merges: followTopic(link, 'merges'),
    attention: followTopic(link, 'attention'),
    terminals: followTopic(link, 'terminals'),
    timeline: followTopic(link, 'timeline'),
    evidence: followTopic(link, 'evidence'),
    drills: followTopic(link, 'drills'),
    radar: followTopic(link, 'radar'),
  };
}
