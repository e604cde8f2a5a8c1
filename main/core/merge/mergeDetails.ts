import { open } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { ConflictList, FileConflict } from '../../../contract/conflicts.ts';
import { GATE_LOG_CHARACTERS, type GateLog, type MergeDetail, type MergeTrace } from '../../../contract/mergeDetail.ts';
import type { MergePrediction, MergeView } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import { neutralise } from '../../platform/neutralText.ts';
import type { Git } from '../git/git.ts';
import { isMissing } from '../util/files.ts';
import { type ConflictSides, listConflicts, readConflict } from './conflictReader.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import type { MergeOutcomes, MergeQueue } from './mergeRecords.ts';
import { branchTips } from './refs.ts';
import type { MergeSite } from './site.ts';

/** What is told of an entry of the queue beyond its row. Nothing of it changes anything. */
export interface MergeDetails {
  detail(id: number): Promise<Result<MergeDetail, CallError>>;
  conflict(id: number, path: string): Promise<Result<FileConflict, CallError>>;
  /** Output of a gate, by its place among those of the last attempt. */
  /** The same of a moment of the past, as far as it was recorded. */
  past(moment: PastMerge): Promise<MergeDetail>;
  gateLog(id: number, gate: number): Promise<Result<GateLog, CallError>>;
}

/** An entry of the queue at a moment. */
export interface PastMerge {
  readonly merge: MergeView;
  readonly trace: MergeTrace | null;
  /** Commit a branch was at; null when that is not recorded. */
  readonly headOf: (branch: string) => string | null;
}

export interface MergeDetailsOptions {
  readonly site: MergeSite;
  readonly queue: Pick<MergeQueue, 'get' | 'getHold' | 'getTrace'>;
  readonly outcomes: Pick<MergeOutcomes, 'getMergeOutcome'>;
  /** Where an entry would go that was not tried yet. */
  readonly target: () => Promise<Result<string, CallError>>;
  readonly predict: (branch: string, into: string) => Promise<Result<MergePrediction | null, CallError>>;
  /** Absolute path of an agent's worktree while it is there. */
  readonly worktreeOf: (agentName: string) => Promise<string | null>;
}

/** Milliseconds before an entry was enqueued at which its merge commit may have been made: clocks differ. */
const BEFORE_MS = 24 * 3_600_000;

/** Where a merge stands: its commit when there is one, and the two commits it is made of. */
interface Standing {
  readonly entry: MergeEntry;
  readonly target: string;
  readonly commit: NonNullable<MergeDetail['commit']> | null;
  /** Null when branch or target are gone. */
  readonly sides: ConflictSides | null;
  readonly stale: boolean;
}

export function createMergeDetails(options: MergeDetailsOptions): MergeDetails {
  const { site, queue } = options;
  const { git } = site;

  async function standing(id: number): Promise<Result<Standing, CallError>> {
    const entry = queue.get(id);
    if (entry === null) return fail('notFound', `There is no merge ${id} in the queue`);
    const hold = queue.getHold(id);
    const known = hold?.target ?? options.outcomes.getMergeOutcome(id)?.target ?? null;
    const chosen = known === null ? await options.target() : ok(known);
    if (!chosen.ok) return chosen;
    const target = chosen.value;
    const { branchName: branch } = entry;
    const made =
      hold !== null
        ? await readCommit(git, [hold.commit])
        : entry.status === 'merged'
          ? await readCommit(git, mergeCommitOf(branch, target, entry.enqueuedAt))
          : null;
    const tips = await branchTips(git, [target, branch]);
    const stale =
      hold !== null &&
      (tips.get(target)?.commit !== hold.targetCommit || tips.get(branch)?.commit !== hold.branchCommit);
    const [ours, theirs] = made?.parents ?? [tips.get(target)?.commit, tips.get(branch)?.commit];
    const untold = entry.status === 'merged' && made === null;
    return ok({
      entry,
      target,
      stale,
      commit: made === null ? null : { ...made.commit, merged: hold === null },
      sides:
        ours === undefined || theirs === undefined || untold
          ? null
          : { ours: { name: target, commit: ours }, theirs: { name: branch, commit: theirs } },
    });
  }

  async function predictionFor({ entry, target, commit, sides }: Standing): Promise<MergePrediction | null> {
    if (entry.status === 'merged' || entry.status === 'merging' || commit !== null || sides === null) return null;
    const predicted = await options.predict(entry.branchName, target);
    return predicted.ok ? predicted.value : null;
  }

  return {
    async detail(id) {
      const found = await standing(id);
      if (!found.ok) return found;
      const { entry, target, commit, sides, stale } = found.value;
      const nothing: ConflictList = { ours: target, theirs: entry.branchName, files: [], count: 0 };
      const [conflicts, prediction, worktree] = await Promise.all([
        sides === null ? ok(nothing) : listConflicts(git, sides),
        predictionFor(found.value),
        options.worktreeOf(entry.agentName),
      ]);
      return ok({
        id,
        trace: queue.getTrace(id),
        commit,
        conflicts: conflicts.ok ? conflicts.value : nothing,
        problem: conflicts.ok ? goneWords(found.value) : conflicts.error.message,
        prediction,
        worktree,
        stale,
      });
    },
    async past({ merge, trace, headOf }) {
      const { id, branchName: branch, hold, status } = merge;
      const known = hold?.target ?? merge.target;
      const chosen = known === null ? await options.target() : ok(known);
      const target = chosen.ok ? chosen.value : '';
      const made =
        hold !== undefined
          ? await readCommit(git, [hold.commit])
          : status === 'merged'
            ? await readCommit(git, mergeCommitOf(branch, target, merge.enqueuedAt))
            : null;
      const [ours, theirs] = made?.parents ?? [headOf(target), headOf(branch)];
      const sides =
        ours === null || theirs === null
          ? null
          : { ours: { name: target, commit: ours }, theirs: { name: branch, commit: theirs } };
      const nothing: ConflictList = { ours: target, theirs: branch, files: [], count: 0 };
      const conflicts = sides === null ? ok(nothing) : await listConflicts(git, sides);
      const untold = sides === null ? 'where these branches were at that moment is not recorded' : null;
      return {
        id,
        trace,
        commit: made === null ? null : { ...made.commit, merged: hold === undefined },
        conflicts: conflicts.ok ? conflicts.value : nothing,
        problem: conflicts.ok ? untold : conflicts.error.message,
        prediction: null,
        worktree: null,
        stale: false,
      };
    },
    async conflict(id, path) {
      const found = await standing(id);
      if (!found.ok) return found;
      const { sides } = found.value;
      if (sides === null) return fail('notFound', 'the branch of this merge is gone, so its conflict cannot be shown');
      return readConflict(git, sides, path);
    },
    async gateLog(id, gate) {
      const step = queue.getTrace(id)?.steps.filter((one) => one.kind === 'gate')[gate];
      if (step === undefined) return fail('notFound', `Merge ${id} has not run that check; look again`);
      const path = resolve(site.root, step.log);
      // The path comes from our own database, which others may write: nothing outside this folder is shown.
      const inside = relative(join(site.overstory, 'logs', 'merge'), path);
      if (inside.startsWith('..') || inside === '') return fail('notFound', 'the output of that check is not kept');
      return readTail(path);
    },
  };
}

function goneWords({ entry, sides, commit, target }: Standing): string | null {
  if (sides !== null || (entry.status === 'merged' && commit !== null)) return null;
  if (entry.status === 'merged') return `${target} holds no merge commit of this branch that could be looked at`;
  return `${entry.branchName} or ${target} is no branch any more`;
}

/** Arguments of `git log` that find the merge commit of a branch by its subject. */
function mergeCommitOf(branch: string, target: string, enqueuedAt: string): readonly string[] {
  const since = timestamp(parseTimestamp(enqueuedAt) - BEFORE_MS);
  return [
    '--first-parent',
    '--merges',
    '--fixed-strings',
    `--since=${since}`,
    `--grep=Merge branch '${branch}' into ${target}`,
    `--grep=Reimagine merge: ${branch} onto ${target}`,
    `refs/heads/${target}`,
    '--',
  ];
}

interface ReadCommit {
  readonly commit: {
    readonly id: string;
    readonly subject: string;
    readonly trailers: { name: string; value: string }[];
  };
  readonly parents: readonly [string, string];
}

/** Null when git finds none, or it is no merge of two. */
async function readCommit(git: Git, which: readonly string[]): Promise<ReadCommit | null> {
  const format = '--format=%H%x00%P%x00%s%x00%(trailers:only,unfold)';
  const output = await git(['log', '-1', format, ...which]);
  const [id = '', parents = '', subject = '', trailers = ''] = output.stdout.split('\0');
  const [ours, theirs] = parents.split(' ');
  if (output.code !== 0 || ours === undefined || theirs === undefined) return null;
  return {
    commit: { id, subject, trailers: trailers.split('\n').flatMap(trailerOf) },
    parents: [ours, theirs],
  };
}

function trailerOf(line: string): { name: string; value: string }[] {
  const match = /^([\w-]+): (.*)$/.exec(line);
  return match === null ? [] : [{ name: match[1] ?? '', value: match[2] ?? '' }];
}

/** Last part of a file, as text without control sequences. */
async function readTail(path: string): Promise<Result<GateLog, CallError>> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const skipped = Math.max(0, size - GATE_LOG_CHARACTERS);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - skipped), 0, size - skipped, skipped);
      return ok({ text: neutralise(buffer.subarray(0, bytesRead).toString('utf8')), skipped });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return fail('notFound', 'the output of that check was cleaned away');
    throw error;
  }
}
