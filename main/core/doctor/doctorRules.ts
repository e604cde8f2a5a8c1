import type { MergeEntry } from '../merge/mergeQueueStore.ts';
import { BRANCH_PREFIX } from '../worktrees/names.ts';

/** The pure part of the doctor: what facts mean. */

/** Age in milliseconds above which a merge in the queue is stale, and a lock or a left-over file nobody's (spec 03 §5.7). */
export const STALE_MERGE_MS = 24 * 3_600_000;
export const STALE_FILE_MS = 5 * 60_000;
/** Bytes of logs above which somebody should clean them away (spec 03 §5.7). */
export const LOG_BYTES = 500 * 1024 * 1024;

/** Numbers of a version within some text: "git version 2.43.0" gives [2, 43, 0]; null when there is none (spec 03 §5.9). */
export function versionIn(text: string): readonly [number, number, number] | null {
  const found = /(?:^|[^\d.])v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found === null ? null : [Number(found[1]), Number(found[2]), Number(found[3])];
}

/** True when a version is at least the other one. */
export function atLeast(version: readonly number[], least: readonly number[]): boolean {
  for (const [at, number] of least.entries()) {
    const has = version[at] ?? 0;
    if (has !== number) return has > number;
  }
  return true;
}

export interface SessionFacts {
  readonly agentName: string;
  readonly capability: string;
  readonly parentAgent: string | null;
  readonly state: string;
  readonly worktreePath: string;
  readonly branchName: string;
  readonly tmuxSession: string;
  readonly pid: number | null;
}

/** A session that is over owns nothing any more (spec 03 §5.9). */
export function isOver(session: Pick<SessionFacts, 'state'>): boolean {
  return session.state === 'completed' || session.state === 'zombie';
}

/** Worktrees below the agents' folder that no session names. Paths must be canonical. */
export function orphanedWorktrees(
  worktrees: readonly { readonly path: string; readonly branch: string }[],
  sessions: readonly Pick<SessionFacts, 'worktreePath'>[],
  folder: string,
): readonly { readonly path: string; readonly branch: string }[] {
  const owned = new Set(sessions.map((session) => session.worktreePath));
  return worktrees.filter(({ path }) => path.startsWith(`${folder}/`) && !owned.has(path));
}

/** Agents' branches without a session and without a worktree. */
export function orphanedBranches(
  branches: readonly string[],
  sessions: readonly Pick<SessionFacts, 'branchName'>[],
  worktrees: readonly { readonly branch: string }[],
): readonly string[] {
  const used = new Set([...sessions.map((one) => one.branchName), ...worktrees.map((one) => one.branch)]);
  return branches.filter((branch) => branch.startsWith(BRANCH_PREFIX) && !used.has(branch));
}

/** Leads with fewer reviewers than builders, one line each (spec 03 §5.7). */
export function reviewGaps(sessions: readonly Pick<SessionFacts, 'parentAgent' | 'capability'>[]): readonly string[] {
  const counts = new Map<string, { builders: number; reviewers: number }>();
  for (const { parentAgent, capability } of sessions) {
    if (parentAgent === null || parentAgent === '') continue;
    const count = counts.get(parentAgent) ?? { builders: 0, reviewers: 0 };
    counts.set(parentAgent, count);
    if (capability === 'builder') count.builders += 1;
    if (capability === 'reviewer') count.reviewers += 1;
  }
  return [...counts]
    .filter(([, { builders, reviewers }]) => reviewers < builders)
    .map(([parent, { builders, reviewers }]) => `${parent}: ${builders} builders, ${reviewers} reviewers`);
}

/** Entries that wait longer than a day. */
export function staleEntries(entries: readonly MergeEntry[], now: number): readonly MergeEntry[] {
  return entries.filter(
    ({ status, enqueuedAt }) =>
      (status === 'pending' || status === 'merging') && now - Date.parse(utc(enqueuedAt)) > STALE_MERGE_MS,
  );
}

/** Waiting entries of a branch that waits again further down: the one with the highest id is kept (spec 03 §5.7). */
export function duplicateEntries(entries: readonly MergeEntry[]): readonly MergeEntry[] {
  const waiting = entries.filter(({ status }) => status === 'pending');
  const newest = new Map<string, number>();
  for (const { branchName, id } of waiting) newest.set(branchName, Math.max(newest.get(branchName) ?? id, id));
  return waiting.filter(({ branchName, id }) => newest.get(branchName) !== id);
}

/** Lines of a log that are no JSON objects. The last line may still be being written. */
export function brokenLines(text: string): number {
  const lines = text.split('\n').slice(0, -1);
  return lines.filter((line) => line.trim() !== '' && !isJsonObject(line)).length;
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    // That it is none is the answer.
    return false;
  }
}

/** Times of the reference come without a zone and mean UTC. */
function utc(time: string): string {
  return /Z|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`;
}

/** "12 KB", "3.4 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1_024)} KB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
