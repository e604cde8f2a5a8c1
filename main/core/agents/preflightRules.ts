import type { Preflight } from '../../../contract/agents.ts';
import type { PlannedCollision } from '../../../contract/radar.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { GuardState } from '../../../contract/runtimes.ts';
import type { TaskColumn } from '../../../contract/tasks.ts';

/** Everything a preflight looks at, read once (product.md B6). */
export interface PreflightFacts {
  /** What the rules of a sling decided: the agent's name, or the first refusal. */
  readonly decision: Result<{ readonly agentName: string; readonly warnings: readonly string[] }>;
  readonly runtime: { readonly id: string; readonly ready: boolean; readonly detail: string };
  /** How far the runtime's guards hold; absent when nobody knows. */
  readonly guard?: GuardState | undefined;
  /** What it will ask a person about trust, in one line; absent or null: nothing. */
  readonly trust?: string | null;
  readonly capacity: Preflight['capacity'];
  /** Running agents whose files the task's files meet. */
  readonly collisions: readonly PlannedCollision[];
  /** US dollars of the newest agents of that role, newest first. */
  readonly pastCosts: readonly number[];
}

/** What a sling would meet, in one answer for the command line, the board and coordinators alike. Pure. */
export function judgePreflight(facts: PreflightFacts): Omit<Preflight, 'capability'> {
  const { decision, runtime } = facts;
  const refusal = decision.ok ? (runtime.ready ? null : runtime.detail) : decision.error.message;
  return {
    allowed: refusal === null,
    refusal,
    capacity: facts.capacity,
    runtime,
    ...(facts.guard === undefined ? {} : { guard: facts.guard }),
    trust: facts.trust ?? null,
    agentName: decision.ok ? decision.value.agentName : '',
    collisions: [...facts.collisions],
    estimate: estimateOf(facts.pastCosts),
    warnings: decision.ok ? [...decision.value.warnings] : [],
  };
}

/** The middle of what such agents have cost, and the span of all but the extreme ones; null without a past. */
export function estimateOf(costs: readonly number[]): Preflight['estimate'] {
  if (costs.length === 0) return null;
  const sorted = [...costs].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { usd: at(0.5), lowUsd: at(0.1), highUsd: at(0.9), agents: sorted.length };
}

/**
 * Whether a task may be worked on (spec 02 §3.2 steps 22 and 23): one that is done needs `--recover`. A task nobody has
 * written down may: the board makes its card.
 */
export function checkTaskOpen(
  taskId: string,
  column: TaskColumn | null,
  options: { readonly recover: boolean; readonly skipTaskCheck: boolean },
): Result<{ readonly warning: string | null }, CallError> {
  if (options.skipTaskCheck || column !== 'done') return ok({ warning: null });
  if (options.recover) return ok({ warning: `task ${taskId} is done already: it is worked on again` });
  return fail('validation', `task ${taskId} is not workable: it is done; pass --recover to work on it again`, {
    field: 'taskId',
    data: { status: 'closed' },
  });
}
