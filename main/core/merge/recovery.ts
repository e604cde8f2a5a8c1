import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { pathExists } from '../util/files.ts';
import { disown } from './advance.ts';
import { type MergeJournal, scratchPath } from './journal.ts';
import { endLeftOverChecks, waitForOrphans } from './orphans.ts';
import { undoFastForward } from './partialMerge.ts';
import { branchCommit, currentBranch, isAncestor } from './repositoryState.ts';
import { type MergeSite, siteFor } from './site.ts';
import { removeStaleGitLocks } from './staleLocks.ts';

/** What a merge that was cut short turned out to be. */
export interface Recovered {
  /** The branch is in the target: it had moved. */
  readonly merged: boolean;
}

/**
 * Settles a merge whose engine was killed: ends its checks, waits for its git to end and, when the target has not moved,
 * takes back what a fast-forward had begun to write. An error means that it is not safe to touch the checkout yet; the
 * journal stays and the next merge tries again. The caller holds the target's lock.
 */
export async function recoverMerge(
  plainSite: MergeSite,
  journal: MergeJournal,
  orphanWaitMs: number,
): Promise<Result<Recovered, CallError>> {
  const site = siteFor(plainSite, journal.id);
  await endLeftOverChecks(journal.id);
  const pids = await waitForOrphans(journal.id, orphanWaitMs);
  if (pids.length > 0) {
    return fail(
      'merge',
      `git of an interrupted merge of ${journal.branch} still runs (pid ${pids.join(', ')}); wait for it to end, then merge again`,
    );
  }
  const { advance } = journal;
  const holder = advance?.holder ?? null;
  const there = holder === null || !(await pathExists(holder)) ? null : holder;
  if (advance !== null) {
    const locks = await removeStaleGitLocks(there === null ? site : at(site, there), journal.target);
    if (locks.length > 0) {
      return fail(
        'merge',
        `git was killed in the middle of merging ${journal.branch} and left ${locks.join(', ')}; remove that when no git runs here, then merge again`,
      );
    }
  }
  const target = await branchCommit(site.git, journal.target);
  const merged = target !== null && (await isAncestor(site.git, journal.commit, target));
  if (!merged && advance !== null && there !== null) {
    const checkout = at(site, there);
    if ((await currentBranch(checkout.git)) === journal.target) {
      await undoFastForward({
        git: checkout.git,
        root: there,
        from: advance.from,
        to: advance.to,
        own: advance.adopted,
        // Inside `.overstory` of the project, which every project ignores.
        scratch: scratchPath(site.overstory, journal.id, 'wanted'),
      });
      // Their files were a person's own before the merge, and are again.
      if (advance.adopted.length > 0)
        await disown(
          { path: there, git: checkout.git },
          advance.adopted.map((path) => ({ path })),
        );
    }
  }
  return ok({ merged });
}

function at(site: MergeSite, root: string): MergeSite {
  const git: Git = (args, options) => site.git(args, { cwd: root, ...options });
  return { ...site, root, git };
}
