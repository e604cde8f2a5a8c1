import { type AgentView, CAPABILITIES, type Capability, type SlingRequest } from '../../../contract/agents.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { isAlive } from '../../actions/agentActions.tsx';
import { treeRows } from '../../stores/agentTree.ts';
import type { DropPlace } from './boardRules.ts';

type Agents = Readonly<Record<string, AgentView>>;

/** Roles a person slings, in the order they are offered. */
export const SLING_ROLES = ['builder', 'scout', 'reviewer', 'lead', 'merger'] as const satisfies readonly Capability[];

/** Roles that have agents of their own under them. */
const PARENTS: ReadonlySet<Capability> = new Set(['coordinator', 'orchestrator', 'supervisor', 'lead']);
/** Roles that start without a parent (spec 02 §3.2 step 11). */
const PARENTLESS: ReadonlySet<Capability> = new Set(['lead', 'scout', 'builder']);

/** Where a task goes: which role, under whom, how deep. */
export interface SlingTarget {
  readonly role: Capability;
  /** Empty for none. */
  readonly parent: string;
}

/** Agents a new one can be put under, as in the agent tree. */
export function possibleParents(agents: Agents): readonly string[] {
  return treeRows(agents, new Set())
    .map((row) => row.name)
    .filter((name) => {
      const agent = agents[name];
      return agent !== undefined && isAlive(agent) && PARENTS.has(agent.capability);
    });
}

/** The parent of a role nobody chose one for: none where none is needed, else the most senior agent that takes one. */
export function usualParent(role: Capability, agents: Agents): string {
  return PARENTLESS.has(role) ? '' : (possibleParents(agents)[0] ?? '');
}

/**
 * What a drop on a role or an agent means: on a role, an agent of that role; on a coordinator or lead, a builder under
 * it; on a worker, another one like it beside it.
 */
export function slingTarget(place: Exclude<DropPlace, { kind: 'column' }>, agents: Agents): SlingTarget {
  if (place.kind === 'role') return { role: place.role, parent: usualParent(place.role, agents) };
  const agent = agents[place.name];
  if (agent === undefined) return { role: 'builder', parent: '' };
  if (PARENTS.has(agent.capability)) return { role: 'builder', parent: agent.name };
  return { role: agent.capability, parent: agent.parent ?? usualParent(agent.capability, agents) };
}

/** What the sling sheet holds. */
export interface SlingChoice extends SlingTarget {
  readonly taskId: string;
  /** Empty lets the engine choose. */
  readonly name: string;
  readonly files: readonly string[];
}

/** The request that stands for a choice; a parent puts the agent one level below it. */
export function slingRequest(choice: SlingChoice, agents: Agents): SlingRequest {
  const name = choice.name.trim();
  return {
    taskId: choice.taskId,
    capability: choice.role,
    files: [...choice.files],
    depth: choice.parent === '' ? 0 : (agents[choice.parent]?.depth ?? 0) + 1,
    from: OPERATOR,
    ...(name === '' ? {} : { name }),
    ...(choice.parent === '' ? {} : { parent: choice.parent }),
  };
}

/** Reads a role by its name. */
export function roleNamed(name: string): Capability {
  return CAPABILITIES.find((role) => role === name) ?? 'builder';
}

/** Paths out of a text field: one a line, or parted by commas. */
export function pathsIn(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .map((path) => path.trim())
    .filter((path) => path !== '');
}
