import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { MergePrediction, MergeResult, MergeStatus, MergeTier, MergeView } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, fileSafeTimestamp, timestamp } from '../../platform/clock.ts';
import { splitNul } from '../git/git.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { type MergeJournal, readJournals, removeJournal, writeJournal } from './journal.ts';
import {
  emptyOutcome,
  failedAttempt,
  failedPrediction,
  mergedAlready,
  nothingNamed,
  resultOf,
} from './mergeAnswers.ts';
import { type MergeEvent, type MergePhase, mergeEvent } from './mergeEvents.ts';
import { acquireMergeLock } from './mergeLock.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import { chooseTarget, type MergeOutcomes, type MergeQueue, ownersOfBranch, toMergeView } from './mergeRecords.ts';
import { predictMerge } from './prediction.ts';
import { type MergeSite, siteFor } from './prepare.ts';
import { recoverMerge } from './recovery.ts';
import { branchCommit, gitLine, isAncestor } from './repositoryState.ts';
import { type MergeAttempt, resolveMerge } from './resolver.ts';

/** Milliseconds the git of a killed engine is waited for before its merge is put back; hooks may run that long. */
const ORPHAN_WAIT_MS = 60_000;

export type MergeChange =
  | { readonly kind: 'put'; readonly view: MergeView }
  | { readonly kind: 'remove'; readonly id: number };

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
  /** Waited for before a merge touches the checkout: what is uncommitted there is kept first. An error refuses the merge. */
  readonly beforeTouch?: (what: string) => Promise<Result<null, CallError>>;
  /** Milliseconds another process's live lock is waited for. */
  readonly lockWaitMs?: number;
  readonly orphanWaitMs?: number;
}

/** What to merge: one branch, or everything pending; `branch` wins (spec 02 §2.2). */
export interface MergeRequest {
  readonly branch?: string | undefined;
  readonly all: boolean;
  readonly into?: string | undefined;
}

export interface PredictedMerge {
  readonly entry: MergeView;
  readonly prediction: MergePrediction;
}

/**
 * The merge queue at work (spec 02 §2). Merges of one engine run one after the other, because they share the project's
 * checkout; against other processes the target's sentinel lock holds.
 */
export interface MergeService {
  /** Merges. A branch that conflicts or is refused is a result with `success: false`; errors mean nothing was tried. */
  run(request: MergeRequest): Promise<Result<{ readonly results: MergeResult[] }, CallError>>;
  /** Predicts without storing anything: a branch that is not in the queue has id 0 (spec 02 §2.7, §6 #1). */
  predict(request: MergeRequest): Promise<Result<{ readonly entries: PredictedMerge[] }, CallError>>;
  /** Takes an entry out of the queue; its branch stays and can be merged by name. */
  skip(id: number): Result<Record<string, never>, CallError>;
  /** Every entry, oldest first. */
  list(): MergeView[];
  /** To be called once at start: puts back what a killed engine left, and gives the problems for the log. */
  recover(): Promise<readonly string[]>;
  /** Resolves when no merge is running or waiting. */
  drain(): Promise<void>;
  /** Runs other work on the checkout while no merge uses it. */
  whileIdle<Value>(work: () => Promise<Value>): Promise<Value>;
}

/** Everything that takes the checkout waits in this one line. */
const CHECKOUT = 'checkout';

/** Makes the service of one project. */
export function createMergeService(options: MergeServiceOptions): MergeService {
  const { site, queue, outcomes, clock } = options;
  const { git } = site;
  const line = new SerialQueue();

  const now = (): string => timestamp(clock.now());
  const viewOf = (entry: MergeEntry): MergeView => toMergeView(entry, outcomes.getMergeOutcome(entry.id));
  const entriesOf = (branch: string) => queue.list().filter((entry) => entry.branchName === branch);

  /** Tells the topic and the timeline; every row of a branch shares its status (spec 02 §2.1). */
  function announce(entry: MergeEntry, phase: MergePhase): MergeView {
    for (const row of entriesOf(entry.branchName)) options.onChange({ kind: 'put', view: viewOf(row) });
    const view = viewOf(entry);
    options.record(mergeEvent(phase, view, now()));
    return view;
  }

  /** Sets the status of a branch and gives the entry as it is then, even if somebody emptied the queue meanwhile. */
  function setStatus(entry: MergeEntry, status: MergeStatus, tier: MergeTier | null): MergeEntry {
    queue.updateStatus(entry.branchName, status, tier);
    return queue.get(entry.id) ?? { ...entry, status, resolvedTier: tier };
  }

  async function targetOf(request: MergeRequest): Promise<Result<string, CallError>> {
    const session = await readTextIfPresent(join(site.overstory, 'session-branch.txt'));
    const target = chooseTarget(request.into, session, options.canonicalBranch());
    if (target === '') return fail('validation', 'into must name a branch', { field: 'into' });
    if ((await branchCommit(git, target)) === null) {
      return fail('merge', `Failed to checkout ${target}: there is no such local branch to merge into`);
    }
    return ok(target);
  }

  /** The oldest row of a branch whatever its status, else what its row would be (spec 02 §2.2, step 4). */
  async function findOrDraft(branch: string, target: string): Promise<Result<MergeEntry, CallError>> {
    const known = entriesOf(branch)[0];
    if (known?.status === 'merged') return ok(known);
    if (branch === target) return fail('validation', `${branch} cannot be merged into itself`, { field: 'branch' });
    if ((await branchCommit(git, branch)) === null) {
      return fail('validation', `Branch ${branch} not found; name a local branch`, { field: 'branch' });
    }
    if (known !== undefined) return ok(known);
    const diff = await git([
      'diff',
      '--name-only',
      '--no-renames',
      '-z',
      `refs/heads/${target}...refs/heads/${branch}`,
      '--',
    ]);
    if (diff.code !== 0) return fail('merge', `Cannot compare ${branch} with ${target}: ${gitLine(diff.stderr)}`);
    return ok({
      id: 0,
      branchName: branch,
      ...ownersOfBranch(branch),
      filesModified: splitNul(diff.stdout),
      enqueuedAt: now(),
      status: 'pending',
      resolvedTier: null,
    });
  }

  /** Enqueues a drafted row unless a call beside this one has done so meanwhile. */
  function ensureQueued(draft: MergeEntry): MergeEntry {
    if (draft.id !== 0) return draft;
    const known = entriesOf(draft.branchName)[0];
    if (known !== undefined) return known;
    const entry = queue.enqueue(draft);
    announce(entry, 'queued');
    return entry;
  }

  async function underLock<Value>(
    target: string,
    work: () => Promise<Result<Value, CallError>>,
  ): Promise<Result<Value, CallError>> {
    const lock = await acquireMergeLock(target, {
      folder: site.overstory,
      clock,
      ...(options.lockWaitMs === undefined ? {} : { waitMs: options.lockWaitMs }),
    });
    if (!lock.ok) return lock;
    try {
      return await work();
    } finally {
      await lock.value.release();
    }
  }

  /** Stores how an attempt ended, first what was said and then the status, so that a reader of the status finds the rest. */
  function settle(entry: MergeEntry, target: string, status: MergeStatus, attempt: MergeAttempt): MergeResult {
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
    const phase = status === 'merged' || status === 'conflict' ? status : 'failed';
    return resultOf(announce(setStatus(entry, status, attempt.tier), phase), attempt);
  }

  function refuse(entry: MergeEntry, target: string, message: string): MergeResult {
    return settle(entry, target, 'failed', failedAttempt(message));
  }

  async function mergeEntry(entry: MergeEntry, target: string): Promise<MergeResult> {
    const { branchName: branch } = entry;
    const commit = await branchCommit(git, branch);
    if (commit === null && entry.status !== 'merged') {
      return refuse(entry, target, `Branch ${branch} not found; it may have been removed since it was queued`);
    }
    if (branch === target) return refuse(entry, target, `${branch} cannot be merged into itself`);
    if (commit === null || (await isAncestor(git, commit, `refs/heads/${target}`))) {
      const attempt = mergedAlready(entry, target, commit !== null);
      // A second merge must not overwrite what the first one said.
      return entry.status === 'merged' ? resultOf(viewOf(entry), attempt) : settle(entry, target, 'merged', attempt);
    }
    const kept = await options.beforeTouch?.(`${branch} into ${target}`);
    if (kept?.ok === false) return refuse(entry, target, kept.error.message);
    outcomes.putMergeOutcome(emptyOutcome(entry.id, target));
    announce(setStatus(entry, 'merging', null), 'started');
    const journal: MergeJournal = {
      id: `${fileSafeTimestamp(clock.now())}-${randomBytes(4).toString('hex')}`,
      branch,
      target,
      commit,
      previousBranch: null,
      tier: null,
    };
    let attempted: Result<MergeAttempt, CallError>;
    try {
      await writeJournal(site.overstory, journal);
      attempted = await resolveMerge(siteFor(site, journal.id), journal);
    } catch (error) {
      // The file system failed under us. The journal stays: the next merge first puts the checkout back with it.
      return refuse(entry, target, `Merge of ${branch} into ${target} failed: ${errorLine(error)}`);
    }
    const attempt = attempted.ok ? attempted.value : failedAttempt(attempted.error.message);
    const status = attempt.success ? 'merged' : attempt.conflictFiles.length > 0 ? 'conflict' : 'failed';
    const result = settle(entry, target, status, attempt);
    await removeJournal(site.overstory, journal.id);
    return result;
  }

  /** Puts back one merge that was cut short; the caller holds its target's lock. */
  async function recoverOne(journal: MergeJournal): Promise<Result<void, CallError>> {
    // Putting back is what has to be done whatever comes of it, so a snapshot that fails does not stand in its way.
    await options.beforeTouch?.(`${journal.branch} into ${journal.target}, interrupted`);
    const recovered = await recoverMerge(site, journal, options.orphanWaitMs ?? ORPHAN_WAIT_MS);
    if (!recovered.ok) return recovered;
    settleInterrupted(
      journal.branch,
      journal.target,
      recovered.value.merged,
      journal.tier ?? 'clean-merge',
      recovered.value.warnings,
    );
    await removeJournal(site.overstory, journal.id);
    return ok(undefined);
  }

  function settleInterrupted(
    branch: string,
    target: string,
    merged: boolean,
    tier: MergeTier,
    warnings: readonly string[],
  ): void {
    // An attempt that broke off with a file-system error is `failed`, yet its commit may have been made.
    const open = entriesOf(branch).filter(
      (entry) => entry.status === 'merging' || (merged && entry.status === 'failed'),
    );
    const first = open[0];
    if (first === undefined) return;
    for (const entry of open) {
      outcomes.putMergeOutcome({
        ...emptyOutcome(entry.id, target),
        tier: merged ? tier : null,
        warnings,
        finishedAt: merged ? now() : null,
      });
    }
    announce(merged ? setStatus(first, 'merged', tier) : setStatus(first, 'pending', null), 'recovered');
  }

  /** Puts back every merge that was cut short. The journals of other targets take their own lock. */
  async function recoverJournals(heldTarget: string | null): Promise<Result<void, CallError>> {
    for (const journal of await readJournals(site.overstory)) {
      const recovered =
        journal.target === heldTarget
          ? await recoverOne(journal)
          : await underLock(journal.target, () => recoverOne(journal));
      if (!recovered.ok) return recovered;
    }
    return ok(undefined);
  }

  return {
    async run(request) {
      const { branch } = request;
      if (branch === undefined && !request.all) return nothingNamed();
      const target = await targetOf(request);
      if (!target.ok) return target;
      let wanted: MergeEntry | null = null;
      if (branch !== undefined) {
        const found = await findOrDraft(branch, target.value);
        if (!found.ok) return found;
        wanted = ensureQueued(found.value);
      }
      const id = wanted?.id;
      return line.run(CHECKOUT, () =>
        underLock(target.value, async () => {
          const recovered = await recoverJournals(target.value);
          if (!recovered.ok) return recovered;
          // Read again: merges ahead in the line may have changed or taken these.
          const named = id === undefined ? null : queue.get(id);
          if (id !== undefined && named === null) {
            return fail('notFound', `${branch ?? ''} was taken out of the queue before its turn; merge it again`);
          }
          const results: MergeResult[] = [];
          for (const entry of named === null ? queue.list('pending') : [named]) {
            // Skipped, or merged under another row of the same branch, since the batch began.
            const current = queue.get(entry.id);
            if (current !== null) results.push(await mergeEntry(current, target.value));
          }
          return ok({ results });
        }),
      );
    },

    async predict(request) {
      const { branch } = request;
      if (branch === undefined && !request.all) return nothingNamed();
      const target = await targetOf(request);
      if (!target.ok) return target;
      let wanted: readonly MergeEntry[];
      if (branch === undefined) {
        wanted = queue.list('pending');
      } else {
        const found = await findOrDraft(branch, target.value);
        if (!found.ok) return found;
        wanted = [found.value];
      }
      const entries: PredictedMerge[] = [];
      for (const entry of wanted) {
        const predicted = await predictMerge(git, entry.branchName, target.value);
        const prediction = predicted.ok ? predicted.value : failedPrediction(predicted.error.message);
        entries.push({ entry: viewOf(entry), prediction });
      }
      return ok({ entries });
    },

    skip(id) {
      const entry = queue.get(id);
      if (entry === null) return fail('notFound', `There is no merge ${id} in the queue`);
      if (entry.status === 'merging') {
        return fail('invalidState', `${entry.branchName} is being merged at this moment; wait for the result`);
      }
      if (entry.status === 'merged') return fail('invalidState', `${entry.branchName} is merged already`);
      const view = viewOf(entry);
      queue.remove(id);
      outcomes.removeMergeOutcome(id);
      options.onChange({ kind: 'remove', id });
      options.record(mergeEvent('skipped', view, now()));
      return ok({});
    },

    list: () => queue.list().map(viewOf),

    recover: () =>
      line.run(CHECKOUT, async () => {
        const problems: string[] = [];
        const recovered = await recoverJournals(null);
        if (!recovered.ok) problems.push(recovered.error.message);
        // Cut short before anything was touched, or by a version without journals: git says whether it is in.
        const unfinished = new Set((await readJournals(site.overstory)).map((journal) => journal.branch));
        for (const entry of queue.list('merging')) {
          if (unfinished.has(entry.branchName)) continue;
          const target = outcomes.getMergeOutcome(entry.id)?.target ?? options.canonicalBranch();
          const commit = await branchCommit(git, entry.branchName);
          const merged = commit !== null && (await isAncestor(git, commit, `refs/heads/${target}`));
          settleInterrupted(entry.branchName, target, merged, 'clean-merge', []);
        }
        return problems;
      }),

    drain: () => line.run(CHECKOUT, async () => undefined),

    whileIdle: (work) => line.run(CHECKOUT, work),
  };
}
