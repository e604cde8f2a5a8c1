import type { MergeProgress, MergeResult, MergeStatus, MergeTier, MergeView } from '../../../contract/merges.ts';
import { timestamp } from '../../platform/clock.ts';
import type { MergeJournal } from './journal.ts';
import { emptyOutcome, resultOf } from './mergeAnswers.ts';
import { type MergePhase, mergeEvent } from './mergeEvents.ts';
import { dropHeld, holdOf, keepHeld } from './mergeHolds.ts';
import { type MergeServiceOptions, PLAIN_RULES } from './mergeOptions.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import { toMergeView } from './mergeRecords.ts';
import { type MergeObserver, traceMerge } from './mergeTrace.ts';
import type { HeldMerge, MergeAttempt } from './resolver.ts';

/** What the queue says of each entry, and everything that tells of it: topic, timeline, history of conflicts. */
export interface MergeStates {
  now(): string;
  viewOf(entry: MergeEntry): MergeView;
  /** Every row of a branch; they share its status (spec 02 §2.1). */
  entriesOf(branch: string): readonly MergeEntry[];
  announce(entry: MergeEntry, phase: MergePhase): MergeView;
  /** Sets the status of a branch and gives the entry as it is then, even if somebody emptied the queue meanwhile. */
  setStatus(entry: MergeEntry, status: MergeStatus, tier: MergeTier | null): MergeEntry;
  /** Begins an attempt: what an earlier one said, or held, is gone. */
  begin(entry: MergeEntry, target: string): Promise<void>;
  /** Stores how an attempt ended and gives the answer. */
  settle(entry: MergeEntry, target: string, status: MergeStatus, attempt: MergeAttempt): MergeResult;
  /** Stores that a merge was made and waits for a person. */
  hold(entry: MergeEntry, journal: MergeJournal, attempt: MergeAttempt, held: HeldMerge): Promise<MergeResult>;
  /** Hears what the merge of an entry does: of an attempt begun anew, or one that goes on. */
  observe(entry: MergeEntry, how: 'anew' | 'further'): MergeObserver;
  /** Nothing is done with the entry any more. */
  quiet(entry: MergeEntry): void;
  /** Removes what keeps a hold. */
  unhold(id: number): Promise<void>;
}

/** Makes the book-keeping of one queue. */
export function createMergeStates(options: MergeServiceOptions): MergeStates {
  const { queue, outcomes, clock, site } = options;
  const now = (): string => timestamp(clock.now());
  const progress = new Map<string, MergeProgress>();
  const viewOf = (entry: MergeEntry): MergeView => {
    const view = toMergeView(entry, outcomes.getMergeOutcome(entry.id), queue.getHold(entry.id));
    const now = progress.get(entry.branchName);
    return now === undefined ? view : { ...view, progress: now };
  };
  const entriesOf = (branch: string) => queue.list().filter((entry) => entry.branchName === branch);

  function announce(entry: MergeEntry, phase: MergePhase): MergeView {
    for (const row of entriesOf(entry.branchName)) options.onChange({ kind: 'put', view: viewOf(row) });
    const view = viewOf(entry);
    options.record(mergeEvent(phase, view, now()));
    return view;
  }

  function setStatus(entry: MergeEntry, status: MergeStatus, tier: MergeTier | null): MergeEntry {
    if (status !== 'merging') progress.delete(entry.branchName);
    queue.updateStatus(entry.branchName, status, tier);
    return queue.get(entry.id) ?? { ...entry, status, resolvedTier: tier };
  }

  /** First what was said and then the status, so that a reader of the status finds the rest. */
  function store(entry: MergeEntry, target: string, attempt: MergeAttempt): void {
    const finishedAt = now();
    for (const row of entriesOf(entry.branchName)) {
      outcomes.putMergeOutcome({
        queueId: row.id,
        target,
        tier: attempt.tier,
        conflictFiles: attempt.conflictFiles,
        error: attempt.errorMessage,
        warnings: attempt.warnings,
        finishedAt,
      });
    }
  }

  /** Remembers how a tier fared with these files (spec 02 §2.6); a clean merge says nothing. */
  function remember(entry: MergeEntry, outcome: 'resolved' | 'failed', attempt: MergeAttempt): void {
    if (attempt.tier === 'clean-merge' || attempt.conflictFiles.length === 0) return;
    const { branchName, agentName, taskId } = entry;
    try {
      queue.recordConflict({
        branchName,
        agentName,
        taskId,
        outcome,
        tier: attempt.tier,
        files: attempt.conflictFiles,
      });
    } catch (error) {
      // What happened to the branch is stored already; a lost remark must not turn it into something else.
      options.record({
        ...mergeEvent('failed', viewOf(entry), now()),
        summary: `the conflict of ${branchName} could not be remembered: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }

  async function unhold(id: number): Promise<void> {
    if (queue.removeHold(id)) await dropHeld(site, id);
  }

  function observe(entry: MergeEntry, how: 'anew' | 'further'): MergeObserver {
    return traceMerge({
      former: how === 'further' ? queue.getTrace(entry.id) : null,
      now,
      elapsed: () => performance.now(),
      keep(trace) {
        // Rows of one branch are one merge.
        for (const row of entriesOf(entry.branchName)) queue.putTrace(row.id, trace);
      },
      show(shown) {
        progress.set(entry.branchName, shown);
        for (const row of entriesOf(entry.branchName)) options.onChange({ kind: 'put', view: viewOf(row) });
      },
    });
  }

  return {
    now,
    observe,
    quiet(entry) {
      if (!progress.delete(entry.branchName)) return;
      for (const row of entriesOf(entry.branchName)) options.onChange({ kind: 'put', view: viewOf(row) });
    },
    viewOf,
    entriesOf,
    announce,
    setStatus,
    unhold,
    async begin(entry, target) {
      await unhold(entry.id);
      queue.removeTrace(entry.id);
      outcomes.putMergeOutcome(emptyOutcome(entry.id, target));
      announce(setStatus(entry, 'merging', null), 'started');
    },
    settle(entry, target, status, attempt) {
      store(entry, target, attempt);
      if (status === 'merged') remember(entry, 'resolved', attempt);
      if (status === 'conflict') remember(entry, 'failed', attempt);
      const phase = status === 'merged' || status === 'conflict' ? status : 'failed';
      return resultOf(announce(setStatus(entry, status, attempt.tier), phase), attempt);
    },
    async hold(entry, journal, attempt, held) {
      const { gateTimeoutMs } = options.rules?.() ?? PLAIN_RULES;
      const hold = holdOf(entry.id, journal, attempt, held, now(), gateTimeoutMs);
      const told: MergeAttempt = { ...attempt, errorMessage: hold.reason };
      await keepHeld(site, entry.id, held.commit);
      queue.putHold(entry.id, hold);
      store(entry, journal.target, told);
      if (hold.kind === 'loss') remember(entry, 'failed', attempt);
      // Words an older reader knows: a loss is a conflict nobody has decided, a gate is a failure.
      const status = hold.kind === 'loss' ? 'conflict' : 'failed';
      return resultOf(announce(setStatus(entry, status, attempt.tier), 'held'), told);
    },
  };
}
