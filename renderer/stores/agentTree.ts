import { type AgentView, CAPABILITIES } from '../../contract/agents.ts';
import { stableList } from './reuse.ts';

/** One visible row of the agent tree; the agent itself is read by the row, so that only it renders again. */
export interface TreeRow {
  readonly name: string;
  /** 0 for a root. */
  readonly depth: number;
  readonly hasChildren: boolean;
  readonly folded: boolean;
  /** Place among its siblings, from 1, and their number: what a screen reader says. */
  readonly position: number;
  readonly siblings: number;
}

/** Who stands above whom where the parents do not say it: coordinator, then leads, then workers. */
const RANK: Readonly<Record<string, number>> = {
  ...Object.fromEntries(CAPABILITIES.map((capability) => [capability, 3])),
  coordinator: 0,
  orchestrator: 0,
  supervisor: 1,
  monitor: 1,
  lead: 2,
};

function bySeniority(left: AgentView, right: AgentView): number {
  const rank = (RANK[left.capability] ?? 3) - (RANK[right.capability] ?? 3);
  if (rank !== 0) return rank;
  // Times are all of one form, which sorts as it stands; comparing by language is for what people read.
  if (left.startedAt !== right.startedAt) return left.startedAt < right.startedAt ? -1 : 1;
  return left.name.localeCompare(right.name);
}

/**
 * The rows of the agent tree, top down: every agent exactly once, children under their parent, oldest first. An agent
 * whose parent is unknown is a root; agents that name each other as parents in a ring are still shown, from the oldest.
 */
export function treeRows(byId: Readonly<Record<string, AgentView>>, folded: ReadonlySet<string>): readonly TreeRow[] {
  const children = new Map<string, AgentView[]>();
  const roots: AgentView[] = [];
  for (const agent of Object.values(byId)) {
    if (agent.parent === null || agent.parent === agent.name || byId[agent.parent] === undefined) roots.push(agent);
    else children.set(agent.parent, [...(children.get(agent.parent) ?? []), agent]);
  }
  const rows: TreeRow[] = [];
  const placed = new Set<string>();
  const place = (group: readonly AgentView[], depth: number, visible: boolean) => {
    const fresh = group.filter((agent) => !placed.has(agent.name)).sort(bySeniority);
    fresh.forEach((agent, index) => {
      placed.add(agent.name);
      const below = children.get(agent.name) ?? [];
      const isFolded = folded.has(agent.name);
      if (visible)
        rows.push({
          name: agent.name,
          depth,
          hasChildren: below.length > 0,
          folded: isFolded,
          position: index + 1,
          siblings: fresh.length,
        });
      place(below, depth + 1, visible && !isFolded);
    });
  };
  place(roots, 0, true);
  const agents = Object.values(byId);
  // Only parents in a ring leave somebody over.
  if (placed.size < agents.length)
    for (const agent of agents.sort(bySeniority)) if (!placed.has(agent.name)) place([agent], 0, true);
  return rows;
}

function sameRow(left: TreeRow, right: TreeRow): boolean {
  return (
    left.name === right.name &&
    left.depth === right.depth &&
    left.hasChildren === right.hasChildren &&
    left.folded === right.folded &&
    left.position === right.position &&
    left.siblings === right.siblings
  );
}

/** `treeRows`, memoised; the same list as long as the tree's shape is the same. */
export const selectTreeRows = stableList(treeRows, sameRow);
