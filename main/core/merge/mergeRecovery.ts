import type { MergeTier } from '../../../contract/merges.ts';
import { type CallError, ok, type Result } from '../../../contract/result.ts';
import { isSameProcess } from '../../platform/processes.ts';
import { type MergeJournal, readJournals, removeJournal } from './journal.ts';
import { emptyOutcome } from './mergeAnswers.ts';
import type { MergeServiceOptions } from './mergeOptions.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import type { MergeStates } from './mergeStates.ts';
import { recoverMerge } from './recovery.ts';
import { branchCommit, isAncestor } from './repositoryState.ts';

/** Milliseconds the git of a killed engine is waited for before its merge is put back; hooks may run that long. */
const ORPHAN_WAIT_MS = 60_000;

export interface MergeRecovery {
  /** Settles every merge with a journal. The journals of other targets than the held one take their own lock. */
  journals(heldTarget: string | null): Promise<Result<void, CallError>>;
  /** Settles entries that say `merging` although nobody is at it: git tells whether their branch is in. */
  strays(): Promise<void>;
}

/** What to do about merges whose engine is gone: each entry is settled or back in the queue, never lost or done twice. */
export function createMergeRecovery(
  options: MergeServiceOptions,
  states: MergeStates,
  underLock: <Value>(
    target: string,
    work: () => Promise<Result<Value, CallError>>,
  ) => Promise<Result<Value, CallError>>,
  exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>,
): MergeRecovery {
  const { site, queue, outcomes } = options;

  /** Puts back one merge that was cut short; the caller holds its target's lock. */
  async function recoverOne(journal: MergeJournal): Promise<Result<void, CallError>> {
    const recovered = await exclusively(async () => {
      // Putting back is what has to be done whatever comes of it, so a snapshot that fails does not stand in its way.
      if (journal.advance?.holder === site.root)
        await options.beforeTouch?.(`${journal.branch} into ${journal.target}, interrupted`);
      return recoverMerge(site, journal, options.orphanWaitMs ?? ORPHAN_WAIT_MS);
    });
    if (!recovered.ok) return recovered;
    settleInterrupted(journal.branch, journal.target, recovered.value.merged, journal.tier ?? 'clean-merge');
    await removeJournal(site.overstory, journal.id);
    return ok(undefined);
  }

  function settleInterrupted(branch: string, target: string, merged: boolean, tier: MergeTier): void {
    for (const entry of states.entriesOf(branch)) freeLease(entry);
    // An attempt that broke off with a file-system error is `failed`, yet its commit may have been made.
    const open = states
      .entriesOf(branch)
      .filter((entry) => entry.status === 'merging' || (merged && entry.status === 'failed'));
    const first = open[0];
    if (first === undefined) return;
    const finishedAt = merged ? states.now() : null;
    for (const entry of open)
      outcomes.putMergeOutcome({ ...emptyOutcome(entry.id, target), tier: merged ? tier : null, finishedAt });
    states.announce(
      merged ? states.setStatus(first, 'merged', tier) : states.setStatus(first, 'pending', null),
      'recovered',
    );
  }

  function freeLease(entry: MergeEntry): void {
    const lease = queue.leases().find(({ entryId }) => entryId === entry.id);
    if (lease !== undefined) queue.releaseLease(entry.id, lease.token);
  }

  return {
    async journals(heldTarget) {
      for (const journal of await readJournals(site.overstory)) {
        const recovered =
          journal.target === heldTarget
            ? await recoverOne(journal)
            : await underLock(journal.target, () => recoverOne(journal));
        if (!recovered.ok) return recovered;
      }
      return ok(undefined);
    },
    async strays() {
      const unfinished = new Set((await readJournals(site.overstory)).map((journal) => journal.branch));
      for (const lease of queue.leases())
        if (!(await isSameProcess(lease))) queue.releaseLease(lease.entryId, lease.token);
      const leased = new Set(queue.leases().map(({ entryId }) => entryId));
      for (const entry of queue.list('merging')) {
        const taken = states.entriesOf(entry.branchName).some(({ id }) => leased.has(id));
        if (taken || unfinished.has(entry.branchName)) continue;
        const target = outcomes.getMergeOutcome(entry.id)?.target ?? options.canonicalBranch();
        const commit = await branchCommit(site.git, entry.branchName);
        const merged = commit !== null && (await isAncestor(site.git, commit, `refs/heads/${target}`));
        settleInterrupted(entry.branchName, target, merged, 'clean-merge');
      }
    },
  };
}
