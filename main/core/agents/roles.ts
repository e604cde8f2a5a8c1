import type { Capability } from '../../../contract/agents.ts';
import { BUILDER_ROLE } from './roles/builder.ts';
import { CO_CREATION_PROFILE } from './roles/coCreation.ts';
import { COORDINATOR_ROLE } from './roles/coordinator.ts';
import { LEAD_ROLE } from './roles/lead.ts';
import { MERGER_ROLE } from './roles/merger.ts';
import { MONITOR_ROLE } from './roles/monitor.ts';
import { ORCHESTRATOR_ROLE } from './roles/orchestrator.ts';
import { REVIEWER_ROLE } from './roles/reviewer.ts';
import { SCOUT_ROLE } from './roles/scout.ts';
import { SUPERVISOR_ROLE } from './roles/supervisor.ts';

/** Built-in text of every role; a project's own copy in `agent-defs` wins. */
export const ROLE_TEXTS: Readonly<Record<Capability, string>> = {
  scout: SCOUT_ROLE,
  builder: BUILDER_ROLE,
  reviewer: REVIEWER_ROLE,
  lead: LEAD_ROLE,
  merger: MERGER_ROLE,
  orchestrator: ORCHESTRATOR_ROLE,
  coordinator: COORDINATOR_ROLE,
  supervisor: SUPERVISOR_ROLE,
  monitor: MONITOR_ROLE,
};

/** Files `ov init` puts into `agent-defs`: eight roles and the optional profile, not the deprecated supervisor (spec 03 §5.5). */
export const ROLE_FILES: Readonly<Record<string, string>> = {
  'builder.md': BUILDER_ROLE,
  'coordinator.md': COORDINATOR_ROLE,
  'lead.md': LEAD_ROLE,
  'merger.md': MERGER_ROLE,
  'monitor.md': MONITOR_ROLE,
  'orchestrator.md': ORCHESTRATOR_ROLE,
  'ov-co-creation.md': CO_CREATION_PROFILE,
  'reviewer.md': REVIEWER_ROLE,
  'scout.md': SCOUT_ROLE,
};

/** Roles that may change files (spec 02 §0.7). */
const IMPLEMENTATION: readonly string[] = ['builder', 'merger'];
/** Roles that may `git add` and `git commit` without writing files (spec 02 §0.7). */
const COORDINATION: readonly string[] = ['coordinator', 'orchestrator', 'supervisor', 'monitor'];
/** Roles whose assignment ends with a report instead of gates and commits (spec 02 §0.7). */
const READ_ONLY: readonly string[] = ['scout', 'reviewer'];
/** Roles that live in the project root, without a worktree of their own. */
const ROOTED: readonly string[] = ['coordinator', 'orchestrator', 'supervisor', 'monitor'];

/** Roles that go on until somebody stops them (spec 02 §0.7); an orchestrator's `result` ends it here. */
const PERSISTENT: readonly string[] = ['coordinator', 'monitor'];

/** True for coordinator and monitor. */
export function isPersistent(capability: string): boolean {
  return PERSISTENT.includes(capability);
}

/** True for builder and merger; an unknown role is none. */
export function isImplementation(capability: string): boolean {
  return IMPLEMENTATION.includes(capability);
}

/** True for the roles that coordinate: they may commit metadata. */
export function isCoordination(capability: string): boolean {
  return COORDINATION.includes(capability);
}

/** True for scout and reviewer. */
export function isReadOnly(capability: string): boolean {
  return READ_ONLY.includes(capability);
}

/** True for roles without a worktree. */
export function livesInProjectRoot(capability: string): boolean {
  return ROOTED.includes(capability);
}
