import { randomBytes } from 'node:crypto';
import type { MergeResult } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { fileSafeTimestamp } from '../../platform/clock.ts';
import { isSameProcess, processStartTime } from '../../platform/processes.ts';
import { errorLine } from '../util/files.ts';
import { type MergeJournal, newJournal, removeJournal } from './journal.ts';
import { aidsFor } from './mergeAids.ts';
import { failedAttempt, mergedAlready, resultOf } from './mergeAnswers.ts';
import type { MergeServiceOptions } from './mergeOptions.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import type { MergeStates } from './mergeStates.ts';
import { type BranchTip, branchTipsAt } from './refs.ts';
import { isAncestor } from './repositoryState.ts';
import { type MergeAttempt, resolveMerge } from './resolver.ts';
import { siteFor } from './site.ts';

/** Runs single merges; the caller holds the target's lock. */
export interface MergeRunner {
  /** An error means that the merge was broken off and waits in the queue again. */
  merge(
    entry: MergeEntry,
    target: string,
    requestedBy: string | null,
    /** Where the branches stand, when that was read at this moment. */
    known: ReadonlyMap<string, BranchTip> | null,
  ): Promise<Result<MergeResult, CallError>>;
  /** Runs work as the merge of an entry: with its lease, its journal, and a signal that a cancel sets off. */
  asMergeOf<Value>(
    entry: MergeEntry,
    facts: Pick<MergeJournal, 'branch' | 'target' | 'commit'>,
    work: (journal: MergeJournal, signal: AbortSignal) => Promise<Value>,
  ): Promise<Result<Value, CallError>>;
  /** True when the entry was being merged. */
  cancel(id: number): boolean;
  /** Breaks off what runs and whatever comes. */
  stop(): void;
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

export function createMergeRunner(
  options: MergeServiceOptions,
  states: MergeStates,
  exclusively: MergeRunner['exclusively'],
): MergeRunner {
  const { site, queue, clock } = options;
  const token = randomBytes(8).toString('hex');
  const running = new Map<number, AbortController>();
  let stopped = false;

  async function asMergeOf<Value>(
    entry: MergeEntry,
    facts: Pick<MergeJournal, 'branch' | 'target' | 'commit'>,
    work: (journal: MergeJournal, signal: AbortSignal) => Promise<Value>,
  ): Promise<Result<Value, CallError>> {
    const claimed = await claim(entry);
    if (!claimed.ok) return claimed;
    const controller = new AbortController();
    running.set(entry.id, controller);
    if (stopped) controller.abort();
    const id = `${fileSafeTimestamp(clock.now())}-${randomBytes(4).toString('hex')}`;
    try {
      return ok(await work(newJournal({ id, ...facts }), controller.signal));
    } finally {
      running.delete(entry.id);
      states.quiet(entry);
      queue.releaseLease(entry.id, token);
    }
  }

  /** Takes the entry's lease. One whose process is gone has been settled before; a living one is somebody else's merge. */
  async function claim(entry: MergeEntry): Promise<Result<void, CallError>> {
    const lease = { entryId: entry.id, pid: process.pid, startTime: await processStartTime(process.pid), token };
    const held = queue.claim(lease);
    if (held === null) return ok(undefined);
    if (held.token !== token && (await isSameProcess(held)))
      return fail('merge', `${entry.branchName} is being merged by another process (pid ${held.pid}); wait for it`);
    queue.releaseLease(entry.id, held.token);
    queue.claim(lease);
    return ok(undefined);
  }

  /** Puts a merge that was broken off back, or marks it when a person broke it off. */
  function brokenOff(entry: MergeEntry, target: string): Result<MergeResult, CallError> {
    if (stopped) {
      states.announce(states.setStatus(entry, 'pending', null), 'cancelled');
      return fail('cancelled', `the engine is closing; ${entry.branchName} waits in the queue`);
    }
    const message = `Merge of ${entry.branchName} into ${target} was cancelled; nothing has changed, merge it again when it shall be`;
    return ok(states.settle(entry, target, 'failed', failedAttempt(message)));
  }

  async function attempt(
    entry: MergeEntry,
    target: string,
    commit: string,
    tip: BranchTip | null,
  ): Promise<Result<MergeResult, CallError>> {
    const { branchName: branch } = entry;
    const refuse = (message: string) => ok(states.settle(entry, target, 'failed', failedAttempt(message)));
    const done = await asMergeOf(entry, { branch, target, commit }, async (journal, signal) => {
      const here = siteFor(site, journal.id);
      await states.begin(entry, target);
      let attempted: Result<MergeAttempt, CallError>;
      try {
        attempted = await resolveMerge(
          here,
          journal,
          aidsFor(options, here, entry, journal, signal, exclusively, tip, states.observe(entry, 'anew')),
        );
      } catch (error) {
        // The file system failed under us. The journal stays: the next merge first puts the checkout back with it.
        return refuse(`Merge of ${branch} into ${target} failed: ${errorLine(error)}`);
      }
      const settled = await settle(attempted, journal);
      await removeJournal(site.overstory, journal.id);
      return settled;
    });
    return done.ok ? done.value : refuse(done.error.message);

    async function settle(
      attempted: Result<MergeAttempt, CallError>,
      journal: MergeJournal,
    ): Promise<Result<MergeResult, CallError>> {
      if (!attempted.ok)
        return attempted.error.tag === 'cancelled' ? brokenOff(entry, target) : refuse(attempted.error.message);
      const { held, success, conflictFiles } = attempted.value;
      if (held !== undefined) return ok(await states.hold(entry, journal, attempted.value, held));
      const status = success ? 'merged' : conflictFiles.length > 0 ? 'conflict' : 'failed';
      return ok(states.settle(entry, target, status, attempted.value));
    }
  }

  return {
    exclusively,
    asMergeOf,
    async merge(entry, target, requestedBy, known) {
      const { branchName: branch } = entry;
      const tips = known ?? (await branchTipsAt(site.git, site.root, [branch, target]));
      const commit = tips.get(branch)?.commit;
      const refuse = (message: string) => ok(states.settle(entry, target, 'failed', failedAttempt(message)));
      if (commit === undefined && entry.status !== 'merged')
        return refuse(`Branch ${branch} not found; it may have been removed since it was queued`);
      if (branch === target) return refuse(`${branch} cannot be merged into itself`);
      // A branch that was merged is asked about; of any other the merge itself finds out.
      const before = entry.status === 'merged';
      if (commit === undefined || (before && (await isAncestor(site.git, commit, `refs/heads/${target}`)))) {
        const already = mergedAlready(entry, target, commit !== undefined);
        // A second merge must not overwrite what the first one said.
        return ok(resultOf(states.viewOf(entry), already));
      }
      const result = await attempt(entry, target, commit, tips.get(target) ?? null);
      if (result.ok && result.value.entry.status !== 'pending')
        options.tell?.({ view: result.value.entry, merged: result.value.success, requestedBy });
      return result;
    },
    cancel(id) {
      const controller = running.get(id);
      controller?.abort();
      return controller !== undefined;
    },
    stop() {
      stopped = true;
      for (const controller of running.values()) controller.abort();
    },
  };
}
