import type { AgentView } from '../../../contract/agents.ts';
import { STATUS_RANK } from '../../components/StatusMark.tsx';
import { stableList } from '../../stores/reuse.ts';

/** Columns of the fleet table, left to right. */
export const FLEET_COLUMNS = ['state', 'agent', 'role', 'task', 'activity', 'turns', 'unread', 'cost', 'age'] as const;
export type FleetColumn = (typeof FLEET_COLUMNS)[number];

/** Columns that hold numbers: right-aligned, and largest first on the first click. */
export const NUMBER_COLUMNS: ReadonlySet<FleetColumn> = new Set(['turns', 'unread', 'cost', 'age']);

/** How the table is sorted. */
export interface FleetSort {
  readonly column: string;
  readonly descending: boolean;
}

function compare(column: string, left: AgentView, right: AgentView): number {
  switch (column) {
    case 'agent':
      return left.name.localeCompare(right.name);
    case 'role':
      return left.capability.localeCompare(right.capability);
    case 'task':
      return left.taskId.localeCompare(right.taskId);
    case 'activity':
      return left.activity.localeCompare(right.activity);
    case 'turns':
      return left.turnCount - right.turnCount;
    case 'unread':
      return left.unreadMail - right.unreadMail;
    case 'cost':
      return (left.costUsd ?? -1) - (right.costUsd ?? -1);
    case 'age':
      // The older the evidence, the greater the age.
      return right.lastEvidenceAt.localeCompare(left.lastEvidenceAt);
    default:
      return STATUS_RANK[left.status] - STATUS_RANK[right.status];
  }
}

/** Names of the agents in the order of the table; equal rows stand by name, so that nothing jumps. */
export function sortFleet(byId: Readonly<Record<string, AgentView>>, sort: FleetSort): readonly string[] {
  const direction = sort.descending ? -1 : 1;
  return Object.values(byId)
    .sort((left, right) => direction * compare(sort.column, left, right) || left.name.localeCompare(right.name))
    .map((agent) => agent.name);
}

export const selectFleet = stableList(sortFleet);

/** The sort after a click on a heading: the other direction, or that column in its natural one. */
export function nextSort(sort: FleetSort, column: FleetColumn): FleetSort {
  if (sort.column === column) return { column, descending: !sort.descending };
  return { column, descending: NUMBER_COLUMNS.has(column) };
}
