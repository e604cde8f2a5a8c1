import type { AgentState } from '../../../contract/agents.ts';
import { isPersistent } from './verdict.ts';

export interface RunMember {
  readonly agentName: string;
  readonly capability: string;
  readonly state: AgentState;
}

/** Everything known of a run when one asks whether it is over. */
export interface RunFacts {
  readonly runId: string;
  readonly members: readonly RunMember[];
  /** All workers had ended before, and the coordinator was told so; the workers it was told of. */
  readonly announced: readonly string[] | null;
  /** The coordinator that can still go on; null when there is none. */
  readonly coordinator: {
    readonly name: string;
    /** In a turn, with mail to read, or waiting for a person. */
    readonly busy: boolean;
    /** Milliseconds awake since it was last busy. */
    readonly idleMs: number;
  } | null;
  /** Branches that wait for their merge or are being merged. */
  readonly mergesWaiting: number;
}

export interface RunSummary {
  readonly completed: readonly string[];
  readonly dead: readonly string[];
  /** Sorted, each once. */
  readonly capabilities: readonly string[];
  /** The single capability, or `mixed`. */
  readonly phase: string;
}

export type RunStep =
  | { readonly do: 'nothing' }
  /** Workers have all ended: the coordinator is to know. */
  | { readonly do: 'announce'; readonly summary: RunSummary }
  /** Nobody is left who would go on. `failed` when no worker got its work done. */
  | { readonly do: 'complete'; readonly status: 'completed' | 'failed'; readonly summary: RunSummary };

/**
 * What a run needs (spec 01 §4.7). The reference announces and leaves the run active for ever; here a run is completed
 * once nobody works in it any more: no coordinator is left, or it was told, has had its turn, and has rested since with
 * nothing to do and nothing to merge for `graceMs`.
 */
export function runStep(facts: RunFacts, graceMs: number): RunStep {
  const workers = facts.members.filter((member) => !isPersistent(member.capability));
  if (workers.length === 0 || workers.some((worker) => !isEnded(worker.state))) return { do: 'nothing' };
  const summary = summarise(workers);
  const { coordinator } = facts;
  const told = facts.announced !== null && workers.every((worker) => facts.announced?.includes(worker.agentName));
  if (coordinator !== null && !told) return { do: 'announce', summary };
  if (facts.mergesWaiting > 0) return { do: 'nothing' };
  if (coordinator !== null && (coordinator.busy || coordinator.idleMs < graceMs)) return { do: 'nothing' };
  return { do: 'complete', status: summary.completed.length > 0 ? 'completed' : 'failed', summary };
}

function isEnded(state: AgentState): boolean {
  return state === 'completed' || state === 'zombie';
}

function summarise(workers: readonly RunMember[]): RunSummary {
  const capabilities = [...new Set(workers.map((worker) => worker.capability))].sort();
  const of = (state: AgentState): string[] =>
    workers.filter((worker) => worker.state === state).map((worker) => worker.agentName);
  return {
    completed: of('completed'),
    dead: of('zombie'),
    capabilities,
    phase: capabilities.length === 1 ? (capabilities[0] ?? 'mixed') : 'mixed',
  };
}

/** Label and closing sentence by capability, as the reference words them for its coordinator (spec 01 §4.7). */
const PHASES: Readonly<Record<string, readonly [label: string, tail: string]>> = {
  scout: ['scout', 'Ready for next phase.'],
  builder: ['builder', 'Awaiting lead verification.'],
  reviewer: ['reviewer', 'Reviews done.'],
  lead: ['lead', 'Ready for merge/cleanup.'],
  merger: ['merger', 'Merges done.'],
};

/** The line that tells a coordinator that all workers of a run have ended. */
export function announcement(runId: string, { completed, dead, capabilities, phase }: RunSummary): string {
  const count = completed.length + dead.length;
  const [name, tail] = PHASES[phase] ?? ['worker', 'Ready for next steps.'];
  const label = count === 1 ? name : `${name}s`;
  const verb = dead.length === 0 ? 'have completed' : 'have terminated';
  const qualifier = dead.length === 0 ? '' : ` (${completed.length} completed, ${dead.length} zombie)`;
  const list = PHASES[phase] === undefined ? ` (${capabilities.join(', ')})` : '';
  return `[WATCHDOG] All ${count} ${label} in run ${runId} ${verb}${qualifier}${list}. ${tail}`;
}
