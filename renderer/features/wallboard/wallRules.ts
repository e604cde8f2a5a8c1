import type { AgentStatus, AgentView } from '../../../contract/agents.ts';
import type { GovernorView } from '../../../contract/governor.ts';
import type { MergeStatus, MergeView } from '../../../contract/merges.ts';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { STATUS_RANK } from '../../components/StatusMark.tsx';
import { stableList } from '../../stores/reuse.ts';

/** Counts on the wall, in this order; `starting` and `in turn` count as working there. */
export const WALL_STATES = ['needsYou', 'working', 'resting', 'stalled', 'dead', 'done'] as const;
export type WallState = (typeof WALL_STATES)[number];

/** The count a status belongs to. */
export function wallState(status: AgentStatus): WallState {
  return status === 'starting' || status === 'inTurn' ? 'working' : status;
}

/** Agents that stand under each other in one column; while fewer are at work, those who are done fill it. */
const ONE_COLUMN = 8;

/**
 * Agents that have not ended, what calls for a person first; those at rest come after those at work. Where that leaves room,
 * those who ended last follow.
 */
export const selectWallAgents = stableList((byId: Readonly<Record<string, AgentView>>) => {
  const agents = Object.values(byId);
  const open = agents
    .filter((agent) => agent.status !== 'done')
    .sort((one, other) => STATUS_RANK[one.status] - STATUS_RANK[other.status] || one.name.localeCompare(other.name));
  const ended = agents
    .filter((agent) => agent.status === 'done')
    .sort((one, other) => other.lastEvidenceAt.localeCompare(one.lastEvidenceAt) || one.name.localeCompare(other.name));
  return [...open, ...ended.slice(0, Math.max(0, ONE_COLUMN - open.length))].map((agent) => agent.name);
});

/** How agents are laid out so that every one has its place without scrolling: few are large, fifty are small. */
export function wallGrid(count: number): { readonly columns: number; readonly rows: number } {
  const columns = count <= ONE_COLUMN ? 1 : count <= 24 ? 2 : count <= 45 ? 3 : 4;
  return { columns, rows: Math.max(6, Math.ceil(count / columns)) };
}

const QUEUED: ReadonlySet<MergeStatus> = new Set(['pending', 'merging', 'conflict', 'failed']);

/** Merges that are not over, in their order. */
export const selectWallMerges = stableList((byId: Readonly<Record<string, MergeView>>) =>
  Object.values(byId)
    .filter((merge) => QUEUED.has(merge.status))
    .sort((one, other) => one.enqueuedAt.localeCompare(other.enqueuedAt)),
);

/** Events worth a wall: how turns end, mail, merges, states and errors; not each call of a tool. */
const TOLD: ReadonlySet<TimelineItem['kind']> = new Set(['turnEnd', 'mail', 'merge', 'state', 'error']);

/** The newest of them, newest first. */
export const selectWallEvents = stableList((items: readonly TimelineItem[], most: number) =>
  items
    .filter((item) => TOLD.has(item.kind))
    .slice(-most)
    .reverse(),
);

/** The run's cap in dollars; null without one. */
export function runCap(governor: GovernorView): number | null {
  return governor.caps.find((cap) => cap.scope === 'run' && cap.measure === 'usd')?.limit ?? null;
}
