import type { AgentState } from '../../../contract/agents.ts';
import type { MergeTier, MergeView } from '../../../contract/merges.ts';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { parseTimestamp } from '../../platform/clock.ts';

/** An agent that works or worked on a task. */
export interface TaskAgent {
  readonly name: string;
  /** A role; unknown ones count as workers. */
  readonly capability: string;
  readonly state: AgentState;
  readonly startedAt: string;
  /** Why it died, in one line; null when unknown. */
  readonly reason: string | null;
}

export type TaskMerge = Pick<
  MergeView,
  'id' | 'agentName' | 'status' | 'resolvedTier' | 'conflictFiles' | 'target' | 'enqueuedAt' | 'finishedAt'
>;

/** All that is known about a task apart from its card. */
export interface TaskFacts {
  readonly agents: readonly TaskAgent[];
  readonly merges: readonly TaskMerge[];
  /** What its agent waits on a person for; null when it does not. */
  readonly question: string | null;
  /** US dollars spent on it; null when no turn has said. */
  readonly costUsd: number | null;
}

/** Where a card belongs, who is on it, and its second line. */
export interface Placement {
  readonly column: TaskColumn;
  readonly agent: string | null;
  readonly note: string | null;
}

/** Characters of a note; a card has one line for it. */
const NOTE_LENGTH = 80;

/**
 * The column follows the facts: a queued, running or stuck merge, then a reviewer, then a worker, then what has been
 * merged, then how the last agent ended. Null when nothing has happened yet, so that the card stays where a person put it.
 */
export function placeByFacts(facts: TaskFacts): Placement | null {
  return placeByMerge(facts) ?? placeByLiveAgent(facts) ?? placeByMerged(facts) ?? placeByEnd(facts);
}

function placeByMerge({ agents, merges, question }: TaskFacts): Placement | null {
  const open = newest(merges.filter((merge) => merge.status === 'pending' || merge.status === 'merging'));
  if (open !== null) {
    const note = open.status === 'pending' ? 'waits to be merged' : `merging into ${open.target ?? 'its target'}`;
    return { column: 'merging', agent: ownerOf(open), note };
  }
  const stuck = newest(
    merges
      .filter((merge) => merge.status === 'conflict' || merge.status === 'failed')
      .filter((merge) => !isRedone(merge, agents)),
  );
  const merger = byStart(agents.filter(isLive)).findLast((agent) => agent.capability === 'merger');
  if (merger !== undefined) {
    return { column: 'merging', agent: merger.name, note: question ?? (stuck === null ? null : describeStuck(stuck)) };
  }
  return stuck === null ? null : { column: 'merging', agent: ownerOf(stuck), note: describeStuck(stuck) };
}

function placeByLiveAgent({ agents, merges, question }: TaskFacts): Placement | null {
  const live = byStart(agents.filter(isLive));
  const reviewer = live.findLast((agent) => agent.capability === 'reviewer');
  if (reviewer !== undefined) return { column: 'review', agent: reviewer.name, note: question };
  const working = live.filter((agent) => !isMerged(agent, merges));
  // A lead shares its task with the builder it slung on it: the builder is the one at work.
  const worker = working.findLast((agent) => agent.capability !== 'lead') ?? working.at(-1);
  return worker === undefined ? null : { column: 'in_progress', agent: worker.name, note: question };
}

function placeByMerged({ merges, costUsd }: TaskFacts): Placement | null {
  const merged = newest(merges.filter((merge) => merge.status === 'merged'));
  if (merged === null) return null;
  return { column: 'done', agent: ownerOf(merged), note: joined(describeMerge(merged), describeCost(costUsd)) };
}

function placeByEnd({ agents, costUsd }: TaskFacts): Placement | null {
  const last = byStart(agents).at(-1);
  if (last === undefined) return null;
  if (last.state === 'zombie') {
    const note = clip(last.reason === null ? `${last.name} died` : `${last.name} died: ${last.reason}`);
    if (last.capability === 'reviewer') return { column: 'review', agent: last.name, note };
    return { column: last.capability === 'merger' ? 'merging' : 'ready', agent: last.name, note };
  }
  // Only builders and mergers leave a branch that has to be merged; a scout's or lead's work is done when it ends.
  const builder = byStart(agents).findLast((agent) => agent.capability === 'builder' || agent.capability === 'merger');
  if (builder === undefined) return { column: 'done', agent: last.name, note: describeCost(costUsd) };
  return { column: 'review', agent: builder.name, note: 'not merged yet' };
}

function isLive(agent: TaskAgent): boolean {
  return agent.state !== 'completed' && agent.state !== 'zombie';
}

/** A worker was started after the merge had ended: the task is being worked on again. */
function isRedone(merge: TaskMerge, agents: readonly TaskAgent[]): boolean {
  const end = parseTimestamp(merge.finishedAt ?? merge.enqueuedAt);
  return agents.some(
    (agent) => isLive(agent) && agent.capability !== 'merger' && parseTimestamp(agent.startedAt) > end,
  );
}

/** The agent's own branch has been merged since it started, although it has not ended yet. */
function isMerged(agent: TaskAgent, merges: readonly TaskMerge[]): boolean {
  return merges.some(
    (merge) =>
      merge.status === 'merged' &&
      merge.agentName === agent.name &&
      parseTimestamp(merge.finishedAt ?? merge.enqueuedAt) >= parseTimestamp(agent.startedAt),
  );
}

function newest(merges: readonly TaskMerge[]): TaskMerge | null {
  return merges.reduce<TaskMerge | null>((best, merge) => (best === null || merge.id > best.id ? merge : best), null);
}

function byStart(agents: readonly TaskAgent[]): readonly TaskAgent[] {
  return [...agents].sort((one, other) => parseTimestamp(one.startedAt) - parseTimestamp(other.startedAt));
}

/** Branches that no agent made belong to `unknown` (spec 02 §2.2). */
function ownerOf(merge: TaskMerge): string | null {
  return merge.agentName === 'unknown' ? null : merge.agentName;
}

const TIER_WORDS: Readonly<Record<MergeTier, string>> = {
  'clean-merge': 'clean',
  'auto-resolve': 'tier 2',
  'ai-resolve': 'tier 3',
  reimagine: 'tier 4',
};

/** "clean", "tier 2 · 1 conflict". */
function describeMerge(merge: TaskMerge): string {
  const count = merge.conflictFiles.length;
  const conflicts = count === 0 ? null : count === 1 ? '1 conflict' : `${count} conflicts`;
  return joined(merge.resolvedTier === null ? null : TIER_WORDS[merge.resolvedTier], conflicts) ?? 'merged';
}

function describeStuck(merge: TaskMerge): string {
  return merge.status === 'failed' ? 'merge failed' : describeMerge(merge);
}

/** "$0.22"; null when nothing is known. */
function describeCost(costUsd: number | null): string | null {
  return costUsd === null ? null : `$${costUsd.toFixed(2)}`;
}

function joined(...parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(' · ');
}

function clip(text: string): string {
  return text.length <= NOTE_LENGTH ? text : `${text.slice(0, NOTE_LENGTH - 1)}…`;
}
