import type { AgentView } from '../../contract/agents.ts';
import type { AttentionItem } from '../../contract/attention.ts';
import type { RoomContract } from '../../contract/room.ts';
import type { RoomStatus } from '../../contract/status.ts';
import type { TopicState } from '../../contract/wire/definition.ts';

/** What reading commands show. `status` is null when no engine runs. */
export interface RoomSnapshot {
  readonly agents: readonly AgentView[];
  readonly attention: readonly AttentionItem[];
  readonly status: RoomStatus | null;
}

/** The topics a snapshot of the room is made of, in the order of `snapshotOf`. */
export const SNAPSHOT_TOPICS = ['agents', 'attention', 'status'] as const;

/** Puts the states of the topics together. */
export function snapshotOf(
  agents: TopicState<RoomContract, 'agents'>,
  attention: TopicState<RoomContract, 'attention'>,
  status: TopicState<RoomContract, 'status'>,
): RoomSnapshot {
  return { agents: Object.values(agents.byId), attention: Object.values(attention.byId), status: status.value };
}
