import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { MergeJournal } from './journal.ts';
import { waitForOrphans } from './orphans.ts';
import { undoPartialMerge } from './partialMerge.ts';
import { abortMerge, type MergeSite, restoreCheckout, siteFor } from './prepare.ts';
import { branchCommit, currentBranch, isAncestor } from './repositoryState.ts';
import { removeStaleGitLocks } from './staleLocks.ts';

/** What a merge that was cut short turned out to be. */
export interface Recovered {
  /** The branch is in the target: the merge had been committed. */
  readonly merged: boolean;
  readonly warnings: readonly string[];
}

/**
 * Puts the checkout back after a merge whose engine was killed: waits for its git to end, aborts what is unfinished and
 * brings back what had been put aside. An error means that it is not safe to touch the checkout yet; the journal stays
 * and the next merge tries again. The caller holds the target's lock.
 */
export async function recoverMerge(
  plainSite: MergeSite,
  journal: MergeJournal,
  orphanWaitMs: number,
): Promise<Result<Recovered, CallError>> {
  const site = siteFor(plainSite, journal.id);
  const pids = await waitForOrphans(journal.id, orphanWaitMs);
  if (pids.length > 0) {
    return fail(
      'merge',
      `git of an interrupted merge of ${journal.branch} still runs (pid ${pids.join(', ')}); wait for it to end, then merge again`,
    );
  }
  const locks = await removeStaleGitLocks(site, journal.target);
  if (locks.length > 0) {
    return fail(
      'merge',
      `git was killed in the middle of merging ${journal.branch} and left ${locks.join(', ')}; remove that when no git runs here, then merge again`,
    );
  }
  await abortMerge(site, journal.commit, null);
  const target = await branchCommit(site.git, journal.target);
  const merged = target !== null && (await isAncestor(site.git, journal.commit, target));
  if (!merged && journal.tier !== null && (await currentBranch(site.git)) === journal.target) {
    await undoPartialMerge(site, journal);
  }
  return ok({ merged, warnings: await restoreCheckout(site, journal, merged) });
}
