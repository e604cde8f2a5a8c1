import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { AgentStatus, AgentView } from '../../contract/agents.ts';
import type { RoomContract } from '../../contract/room.ts';
import type { RoomStatus } from '../../contract/status.ts';
import type { TopicState } from '../../contract/wire/definition.ts';
import type { LinkState, TopicName } from '../client/link.ts';
import type { MailboxState } from './mailbox.ts';
import type { Room } from './room.ts';
import type { TopicContent } from './topicStores.ts';
import type { UiState } from './uiStore.ts';

export const RoomContext = createContext<Room | null>(null);

/** The room this component stands in. */
export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (room === null) throw new Error('a component was rendered outside of RoomContext');
  return room;
}

/** Selects from a topic. The selector returns a primitive or a stored reference, never a new object (engineering.md 2.7). */
export function useTopic<N extends TopicName, Selected>(
  name: N,
  select: (state: TopicState<RoomContract, N>) => Selected,
): Selected {
  // The map of stores is keyed by topic name; indexing it by a type parameter loses that pairing, so it is said again.
  const store = useRoom().topics[name] as StoreApi<TopicContent<TopicState<RoomContract, N>>>;
  return useStore(store, (content) => select(content.state));
}

/** True once the first snapshot of a topic is here. */
export function useLoaded(name: TopicName): boolean {
  const store = useRoom().topics[name] as StoreApi<TopicContent<unknown>>;
  return useStore(store, (content) => content.loaded);
}

/** One agent, or undefined when it is gone; re-renders only with that agent. */
export function useAgent(name: string | null): AgentView | undefined {
  return useTopic('agents', ({ byId }) => (name === null ? undefined : byId[name]));
}

/** True while an agent of that name is known; unlike `useAgent` it renders nothing when the agent has news. */
export function useAgentKnown(name: string | null): boolean {
  return useTopic('agents', ({ byId }) => name !== null && byId[name] !== undefined);
}

/** State of one agent, or undefined when it is gone; re-renders only when the state changes. */
export function useAgentStatus(name: string): AgentStatus | undefined {
  return useTopic('agents', ({ byId }) => byId[name]?.status);
}

/** Selects from all mail held, older pages included. */
export function useMail<Selected>(select: (state: MailboxState) => Selected): Selected {
  return useStore(useRoom().mailbox.store, select);
}

/** Selects from the status value; null until it is here. */
export function useStatus<Selected>(select: (status: RoomStatus) => Selected): Selected | null {
  return useTopic('status', ({ value }) => (value === null ? null : select(value)));
}

export function useUi<Selected>(select: (state: UiState) => Selected): Selected {
  return useStore(useRoom().ui, select);
}

export function useLinkState<Selected>(select: (state: LinkState) => Selected): Selected {
  return useStore(useRoom().link.state, select);
}

/** Selects from the shared clock; return text or a coarse number, so that a tick re-renders only what it changes. */
export function useClock<Selected>(select: (now: number) => Selected): Selected {
  return useStore(useRoom().clock.store, ({ now }) => select(now));
}
