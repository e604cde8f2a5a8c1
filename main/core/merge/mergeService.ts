import { join } from 'node:path';
import type { LossAudit } from '../../../contract/lossAudit.ts';
import type { MergePrediction, MergeResult, MergeView } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { filesOfBranch } from './conflicts.ts';
import { acceptHold } from './mergeAccept.ts';
import { conflictHistory } from './mergeAids.ts';
import { failedPrediction, nothingNamed } from './mergeAnswers.ts';
import { createMergeDetails, type MergeDetails } from './mergeDetails.ts';
import { mergeEvent } from './mergeEvents.ts';
import { acquireMergeLock } from './mergeLock.ts';
import type { MergeRequest, MergeServiceOptions } from './mergeOptions.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import { chooseTarget, ownersOfBranch } from './mergeRecords.ts';
import { createMergeRecovery } from './mergeRecovery.ts';
import { createMergeRunner } from './mergeRunner.ts';
import { createMergeStates } from './mergeStates.ts';
import { predictFrom } from './prediction.ts';
import { type BranchTip, branchTips, branchTipsAt } from './refs.ts';

export type { MergeChange, MergeRequest, MergeServiceOptions } from './mergeOptions.ts';

export interface PredictedMerge {
  readonly entry: MergeView;
  readonly prediction: MergePrediction;
}

/**
 * The merge queue at work (spec 02 §2). Merges of one engine run one after the other; against other processes the
 * target's sentinel lock holds, and each entry's lease.
 */
export interface MergeService {
  /** Merges. A branch that conflicts, is held or is refused is a result with `success: false`; errors mean nothing was tried. */
  run(request: MergeRequest): Promise<Result<{ readonly results: MergeResult[] }, CallError>>;
  /** Predicts without storing anything: a branch that is not in the queue has id 0 (spec 02 §2.7, §6 #1). */
  predict(request: MergeRequest): Promise<Result<{ readonly entries: PredictedMerge[] }, CallError>>;
  /** Lets a held merge in although lines are lost or a gate fails: a person has looked. */
  accept(id: number, what: 'loss' | 'gates', by: string): Promise<Result<MergeResult, CallError>>;
  /** What the auditor found in a held merge. */
  audit(id: number): Result<LossAudit, CallError>;
  /** Ends the merge of an entry while it asks a model or runs gates. */
  cancel(id: number): Result<Record<string, never>, CallError>;
  /** Takes an entry out of the queue; its branch stays and can be merged by name. */
  skip(id: number): Result<Record<string, never>, CallError>;
  /** What is told of an entry beyond its row. */
  readonly details: MergeDetails;
  /** Every entry, oldest first. */
  list(): MergeView[];
  /** To be called once at start: puts back what a killed engine left, and gives the problems for the log. */
  recover(): Promise<readonly string[]>;
  /** Resolves when no merge is running or waiting. */
  drain(): Promise<void>;
  /** Ends what a merge checks or asks, so that it goes back into the queue, and resolves when none runs any more. */
  stop(): Promise<void>;
  /** Runs other work on the checkout while no merge uses it. */
  whileIdle<Value>(work: () => Promise<Value>): Promise<Value>;
}

/** Milliseconds for which what was read of the branches holds; another process's lock may be waited for longer. */
const FRESH_MS = 1_000;

/** Merges wait in this line; the checkout itself is taken only to move the target. */
const MERGES = 'merges';
const CHECKOUT = 'checkout';

/** Makes the service of one project. */
export function createMergeService(options: MergeServiceOptions): MergeService {
  const { site, queue, outcomes, clock } = options;
  const { git } = site;
  const line = new SerialQueue();
  const exclusively = <Value>(work: () => Promise<Value>): Promise<Value> => line.run(CHECKOUT, work);
  const states = createMergeStates(options);
  const runner = createMergeRunner(options, states, exclusively);
  const recovery = createMergeRecovery(options, states, underLock, exclusively);
  let stopping = false;
  /** Merges that run or wait. */
  let inLineNow = 0;

  async function targetOf(request: MergeRequest): Promise<Result<string, CallError>> {
    const session = await readTextIfPresent(join(site.overstory, 'session-branch.txt'));
    const target = chooseTarget(request.into, session, options.canonicalBranch());
    return target === '' ? fail('validation', 'into must name a branch', { field: 'into' }) : ok(target);
  }

  /** What is asked for, with where its branches stand. */
  async function aim(request: MergeRequest): Promise<Result<Aim, CallError>> {
    if (request.branch === undefined && !request.all) return nothingNamed();
    const target = await targetOf(request);
    if (!target.ok) return target;
    const { branch } = request;
    // Asked side by side; what a branch changes is only stored with its first row.
    const [tips, files] = await Promise.all([
      branchTipsAt(git, site.root, [target.value, branch ?? '']),
      branch === undefined || states.entriesOf(branch).length > 0 ? null : filesOfBranch(git, target.value, branch),
    ]);
    if (!tips.has(target.value))
      return fail('merge', `Failed to checkout ${target.value}: there is no such local branch to merge into`);
    return ok({ target: target.value, tips, files });
  }

  /** The oldest row of a branch whatever its status, else what its row would be (spec 02 §2.2, step 4). */
  function findOrDraft(branch: string, { target, tips, files }: Aim): Result<MergeEntry, CallError> {
    const known = states.entriesOf(branch)[0];
    if (known?.status === 'merged') return ok(known);
    if (branch === target) return fail('validation', `${branch} cannot be merged into itself`, { field: 'branch' });
    if (!tips.has(branch))
      return fail('validation', `Branch ${branch} not found; name a local branch`, { field: 'branch' });
    if (known !== undefined) return ok(known);
    if (files === null) return fail('merge', `No common ancestor of ${branch} and ${target}; git cannot compare them`);
    return ok({
      id: 0,
      branchName: branch,
      ...ownersOfBranch(branch),
      filesModified: files,
      enqueuedAt: states.now(),
      status: 'pending',
      resolvedTier: null,
    });
  }

  /** Enqueues a drafted row unless a call beside this one has done so meanwhile. */
  function ensureQueued(draft: MergeEntry): MergeEntry {
    if (draft.id !== 0) return draft;
    const known = states.entriesOf(draft.branchName)[0];
    if (known !== undefined) return known;
    const entry = queue.enqueue(draft);
    states.announce(entry, 'queued');
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

  /** One merge after the other, each behind its target's lock and after whatever a killed engine left. */
  function inLine<Value>(
    target: string,
    work: () => Promise<Result<Value, CallError>>,
  ): Promise<Result<Value, CallError>> {
    inLineNow += 1;
    return line
      .run(MERGES, async () => {
        if (stopping) return fail('unavailable', 'the engine is closing; the merge waits in the queue');
        return underLock(target, async () => {
          const recovered = await recovery.journals(target);
          if (!recovered.ok) return recovered;
          await recovery.strays();
          return work();
        });
      })
      .finally(() => {
        inLineNow -= 1;
      });
  }

  const service: MergeService = {
    details: createMergeDetails({
      site,
      queue,
      outcomes,
      target: () => targetOf({ all: false }),
      async predict(branch, into) {
        const predicted = await service.predict({ branch, into, all: false });
        return predicted.ok ? ok(predicted.value.entries[0]?.prediction ?? null) : predicted;
      },
      worktreeOf: async (agentName) => options.worktreeOf?.(agentName) ?? null,
    }),

    async run(request) {
      const aimed = await aim(request);
      if (!aimed.ok) return aimed;
      const { branch } = request;
      const { target } = aimed.value;
      const requestedBy = request.requestedBy ?? null;
      let wanted: MergeEntry | null = null;
      if (branch !== undefined) {
        const found = findOrDraft(branch, aimed.value);
        if (!found.ok) return found;
        wanted = ensureQueued(found.value);
      }
      const id = wanted?.id;
      // Behind others the branches may move while this one waits.
      const alone = wanted !== null && inLineNow === 0;
      const readAt = performance.now();
      return inLine(target, async () => {
        // Read again: merges ahead in the line may have changed or taken these.
        const named = id === undefined ? null : queue.get(id);
        if (id !== undefined && named === null)
          return fail('notFound', `${branch ?? ''} was taken out of the queue before its turn; merge it again`);
        const results: MergeResult[] = [];
        const tips = alone && performance.now() - readAt < FRESH_MS ? aimed.value.tips : null;
        for (const entry of named === null ? queue.list('pending') : [named]) {
          // Skipped, or merged under another row of the same branch, since the batch began.
          const current = queue.get(entry.id);
          if (current === null) continue;
          const merged = await runner.merge(current, target, requestedBy, tips);
          if (!merged.ok) return merged;
          results.push(merged.value);
        }
        return ok({ results });
      });
    },

    async predict(request) {
      const aimed = await aim(request);
      if (!aimed.ok) return aimed;
      const { target, tips } = aimed.value;
      const predictOne = async (
        entry: MergeEntry,
        known: ReadonlyMap<string, BranchTip>,
        changesFiles = false,
      ): Promise<PredictedMerge> => {
        const predicted = await predictFrom(git, {
          branch: entry.branchName,
          target,
          tips: known,
          changesFiles,
          history: (files) => conflictHistory(options, files),
        });
        const prediction = predicted.ok ? predicted.value : failedPrediction(predicted.error.message);
        return { entry: states.viewOf(entry), prediction };
      };
      if (request.branch !== undefined) {
        const found = findOrDraft(request.branch, aimed.value);
        if (!found.ok) return found;
        const changesFiles = (aimed.value.files?.length ?? 0) > 0;
        return ok({ entries: [await predictOne(found.value, tips, changesFiles)] });
      }
      const pending = queue.list('pending');
      const all = await branchTips(git, [target, ...pending.map((entry) => entry.branchName)]);
      const entries: PredictedMerge[] = [];
      for (const entry of pending) entries.push(await predictOne(entry, all));
      return ok({ entries });
    },

    async accept(id, what, by) {
      const hold = queue.getHold(id);
      if (hold === null) return fail('invalidState', `Merge ${id} is not held; see "ov merge --dry-run --all"`);
      return inLine(hold.target, () => acceptHold(options, states, runner, { id, what, by }));
    },

    audit(id) {
      if (queue.get(id) === null) return fail('notFound', `There is no merge ${id} in the queue`);
      const audit = queue.getHold(id)?.audit ?? null;
      return audit === null ? fail('invalidState', `Merge ${id} is not held by the loss auditor`) : ok(audit);
    },

    cancel(id) {
      return runner.cancel(id)
        ? ok({})
        : fail('invalidState', `Merge ${id} is not running; take it out of the queue instead`);
    },

    skip(id) {
      const entry = queue.get(id);
      if (entry === null) return fail('notFound', `There is no merge ${id} in the queue`);
      if (entry.status === 'merging')
        return fail('invalidState', `${entry.branchName} is being merged at this moment; wait for the result`);
      if (entry.status === 'merged') return fail('invalidState', `${entry.branchName} is merged already`);
      const view = states.viewOf(entry);
      // Only refs of ours go with it; nobody has to wait for that.
      void line.run(MERGES, () => states.unhold(id));
      queue.remove(id);
      outcomes.removeMergeOutcome(id);
      queue.removeTrace(id);
      options.onChange({ kind: 'remove', id });
      options.record(mergeEvent('skipped', view, states.now()));
      return ok({});
    },

    list: () => queue.list().map(states.viewOf),

    recover: () =>
      line.run(MERGES, async () => {
        const problems: string[] = [];
        const recovered = await recovery.journals(null);
        if (!recovered.ok) problems.push(recovered.error.message);
        // Cut short before anything was touched, or by a version without journals.
        await recovery.strays();
        return problems;
      }),

    drain: () => line.run(MERGES, async () => undefined),

    stop() {
      stopping = true;
      runner.stop();
      return line.run(MERGES, async () => undefined);
    },

    whileIdle: (work) => exclusively(work),
  };
  return service;
}

/** Where a merge goes, and where its branches stand. */
interface Aim {
  readonly target: string;
  readonly tips: ReadonlyMap<string, BranchTip>;
  /** What the branch changes; null when its row knows already, or git cannot tell. */
  readonly files: readonly string[] | null;
}
