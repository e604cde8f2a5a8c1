import { LIMITS } from '../../../contract/limits.ts';

/** Folder of branches that belong to agents. */
export const BRANCH_PREFIX = 'overstory/';

/** Branch of one agent's work on one task (spec 02 §3.5). */
export function branchName(agentName: string, taskId: string): string {
  return `${BRANCH_PREFIX}${agentName}/${taskId}`;
}

/** Agent and task of a branch made by `branchName`, or null for any other branch. */
export function parseBranchName(branch: string): { readonly agentName: string; readonly taskId: string } | null {
  const match = /^overstory\/([^/]+)\/([^/]+)$/.exec(branch);
  const [, agentName, taskId] = match ?? [];
  return agentName === undefined || taskId === undefined ? null : { agentName, taskId };
}

/** What a new agent's name must not collide with. */
export interface TakenNames {
  /** Names of sessions that are still active. */
  readonly active: ReadonlySet<string>;
  /** Local branch names. */
  readonly branches: ReadonlySet<string>;
  /** Folder names under the worktree folder. */
  readonly worktrees: ReadonlySet<string>;
}

/** Numbered names tried before the clock makes one unique (spec 02 §3.2, auto name). */
const LAST_NUMBER = 100;

/**
 * First free name for an agent: `<capability>-<taskId>`, then `-2` to `-100`, then the epoch milliseconds (spec 02 §3.2).
 * Beyond the reference, a name is also taken while its branch or worktree is left over: git would refuse it later
 * (spec 02 §3.5, re-spawning). Names are cut to the length an agent name may have.
 */
export function chooseAgentName(capability: string, taskId: string, taken: TakenNames, now: number): string {
  const stem = `${capability}-${taskId}`;
  const first = withSuffix(stem, '');
  if (isFree(first, taskId, taken)) return first;
  for (let number = 2; number <= LAST_NUMBER; number += 1) {
    const name = withSuffix(stem, `-${number}`);
    if (isFree(name, taskId, taken)) return name;
  }
  return withSuffix(stem, `-${now}`);
}

/** Why a name cannot be given to a new worktree, or null when git would accept it. */
export function leftoverOf(name: string, taskId: string, taken: Omit<TakenNames, 'active'>): string | null {
  const branch = branchName(name, taskId);
  if (taken.branches.has(branch)) return `branch ${branch}`;
  return taken.worktrees.has(name) ? `worktree ${name}` : null;
}

function isFree(name: string, taskId: string, taken: TakenNames): boolean {
  return !taken.active.has(name) && leftoverOf(name, taskId, taken) === null;
}

function withSuffix(stem: string, suffix: string): string {
  const cut = stem.slice(0, LIMITS.nameLength - suffix.length);
  return cut.replace(/(?:\.lock|\.)+$/, '') + suffix;
}
