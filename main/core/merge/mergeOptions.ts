import type { MergeView } from '../../../contract/merges.ts';
import type { CallError, Result } from '../../../contract/result.ts';
import type { Clock } from '../../platform/clock.ts';
import type { QualityGate } from '../config/schema.ts';
import type { PriceRule } from '../metrics/pricing.ts';
import type { MergeEvent } from './mergeEvents.ts';
import type { MergeOutcomes, MergeQueue } from './mergeRecords.ts';
import type { MergeModel } from './modelTiers.ts';
import type { MergeSite } from './site.ts';

export type MergeChange =
  | { readonly kind: 'put'; readonly view: MergeView }
  | { readonly kind: 'remove'; readonly id: number };

/** What the project allows a merge to do, as it is now. */
export interface MergeRules {
  readonly aiResolve: boolean;
  readonly reimagine: boolean;
  /** Checks that must pass on the merged files before the target moves; none: nothing is checked. */
  readonly gates: readonly QualityGate[];
  /** Milliseconds one gate may take. */
  readonly gateTimeoutMs: number;
}

export const PLAIN_RULES: MergeRules = { aiResolve: false, reimagine: false, gates: [], gateTimeoutMs: 600_000 };

/** How a merge ended, for whoever has to hear of it. */
export interface MergeNews {
  readonly view: MergeView;
  readonly merged: boolean;
  /** The agent that asked for the merge and has the answer already; null: a person did. */
  readonly requestedBy: string | null;
}

export interface MergeServiceOptions {
  /** The project's checkout; its git runs in the root. */
  readonly site: MergeSite;
  readonly queue: MergeQueue;
  readonly outcomes: MergeOutcomes;
  readonly clock: Clock;
  /** `project.canonicalBranch` as it is now. */
  readonly canonicalBranch: () => string;
  /** Receives every step for the timeline. */
  readonly record: (event: MergeEvent) => void;
  /** Receives every change of the queue for the `merges` topic. */
  readonly onChange: (change: MergeChange) => void;
  /** Waited for before a merge touches a checkout that has uncommitted changes. An error refuses the merge. */
  readonly beforeTouch?: (what: string) => Promise<Result<null, CallError>>;
  readonly rules?: () => MergeRules;
  /** Asks the configured runtime, run in a folder, for the merge of that id; null or absent: no model. */
  readonly model?: (folder: string, mergeId: string) => MergeModel;
  /** Prices of models, the project's own first. */
  readonly prices?: () => readonly PriceRule[];
  /** What a branch was made for: its task, spec and mail, as text. */
  readonly intentOf?: (agentName: string, taskId: string) => Promise<string>;
  /** Run an agent belongs to. */
  readonly runOf?: (agentName: string) => string | null;
  /** Absolute path of an agent's worktree while it is there. */
  readonly worktreeOf?: (agentName: string) => Promise<string | null>;
  /** Environment of the gates. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Hears of every merge that ended. */
  readonly tell?: (news: MergeNews) => void;
  /** Milliseconds another process's live lock is waited for. */
  readonly lockWaitMs?: number;
  readonly orphanWaitMs?: number;
}

/** What to merge: one branch, or everything pending; `branch` wins (spec 02 §2.2). */
export interface MergeRequest {
  readonly branch?: string | undefined;
  readonly all: boolean;
  readonly into?: string | undefined;
  /** Agent that asks. */
  readonly requestedBy?: string | undefined;
}
