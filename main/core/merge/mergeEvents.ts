import type { MergeTier, MergeView } from '../../../contract/merges.ts';

/** What happened to a queue entry. */
export type MergePhase =
  | 'queued'
  | 'started'
  | 'merged'
  | 'conflict'
  | 'failed'
  | 'held'
  | 'cancelled'
  | 'skipped'
  | 'recovered';

const WARNINGS: ReadonlySet<MergePhase> = new Set<MergePhase>(['conflict', 'failed', 'held', 'cancelled']);

/** One line of the timeline; the engine stores it as a `custom` event whose data says `type: 'merge'`. */
export interface MergeEvent {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly phase: MergePhase;
  readonly level: 'info' | 'warn';
  readonly mergeId: number;
  readonly branchName: string;
  readonly agentName: string;
  readonly taskId: string;
  readonly target: string | null;
  readonly tier: MergeTier | null;
  readonly summary: string;
}

/** Draws the event of a phase from the entry as it is now. */
export function mergeEvent(phase: MergePhase, view: MergeView, at: string): MergeEvent {
  return {
    at,
    phase,
    level: WARNINGS.has(phase) ? 'warn' : 'info',
    mergeId: view.id,
    branchName: view.branchName,
    agentName: view.agentName,
    taskId: view.taskId,
    target: view.target,
    tier: view.resolvedTier,
    summary: summarise(phase, view),
  };
}

function summarise(phase: MergePhase, view: MergeView): string {
  const route = view.target === null ? view.branchName : `${view.branchName} into ${view.target}`;
  switch (phase) {
    case 'queued':
      return `queued ${route}`;
    case 'started':
      return `merging ${route}`;
    case 'merged': {
      const how = view.conflictFiles.length > 0 ? `, ${countFiles(view.conflictFiles.length)} resolved` : '';
      return `merged ${route} (${view.resolvedTier ?? 'clean-merge'}${how})`;
    }
    case 'conflict':
      return `${countFiles(view.conflictFiles.length)} in conflict: ${route}`;
    case 'failed':
      return view.errorMessage ?? `could not merge ${route}`;
    case 'held':
      return `held: ${view.hold?.reason ?? route}`;
    case 'cancelled':
      return `cancelled: ${route}`;
    case 'skipped':
      return `taken out of the queue: ${view.branchName}`;
    case 'recovered':
      return view.status === 'merged'
        ? `merged ${route}, found after an interruption`
        : `interrupted, back in the queue: ${route}`;
  }
}

function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
