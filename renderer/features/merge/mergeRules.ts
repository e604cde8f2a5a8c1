import type { MergeProgress, MergeTier, MergeView } from '../../../contract/merges.ts';
import { MERGE_TIERS } from '../../../contract/merges.ts';
import { counted } from '../../stores/format.ts';
import { stableList } from '../../stores/reuse.ts';

/** How an entry of the queue stands, as it is shown. */
export type MergeState = 'waiting' | 'merging' | 'held' | 'conflict' | 'failed' | 'merged';

export function mergeState(merge: MergeView): MergeState {
  if (merge.progress !== undefined || merge.status === 'merging') return 'merging';
  if (merge.hold !== undefined) return 'held';
  if (merge.status === 'pending') return 'waiting';
  return merge.status;
}

/**
 * What a merge that failed says to a person, without the files it names in parentheses: they stand under Conflicts, and
 * names of many fill the pane.
 */
export function reasonOf({ errorMessage, conflictFiles }: Pick<MergeView, 'errorMessage' | 'conflictFiles'>): string {
  const message = errorMessage ?? '';
  const start = conflictFiles.length < 2 ? -1 : message.indexOf(` (${conflictFiles[0] ?? ''}, `);
  const end = message.indexOf('); ', start);
  return start < 0 || end < 0 ? message : message.slice(0, start) + message.slice(end + 1);
}

/** True when nothing goes on without a person. */
export function wantsPerson(merge: MergeView): boolean {
  const state = mergeState(merge);
  return state === 'held' || state === 'conflict' || state === 'failed';
}

/** A row of the list: a heading, or an entry by its id. */
export type QueueRow =
  | { readonly kind: 'heading'; readonly title: string; readonly count: number }
  | { readonly kind: 'entry'; readonly id: string; readonly place: number | null };

/** What a person is wanted for, then the queue in its order, then what is merged, the newest first. Pure. */
export function queueRows(byId: Readonly<Record<string, MergeView>>): readonly QueueRow[] {
  const all = Object.values(byId).sort((one, other) => one.id - other.id);
  const wanted = all.filter(wantsPerson);
  const queue = all.filter((merge) => mergeState(merge) === 'merging' || mergeState(merge) === 'waiting');
  // What is being merged stands before what waits, whatever its number.
  const ordered = [
    ...queue.filter((merge) => mergeState(merge) === 'merging'),
    ...queue.filter((merge) => mergeState(merge) === 'waiting'),
  ];
  const merged = all
    .filter((merge) => mergeState(merge) === 'merged')
    .sort((one, other) => (other.finishedAt ?? other.enqueuedAt).localeCompare(one.finishedAt ?? one.enqueuedAt));
  const part = (title: string, entries: readonly MergeView[], numbered = false): QueueRow[] =>
    entries.length === 0
      ? []
      : [
          { kind: 'heading', title, count: entries.length },
          ...entries.map(
            ({ id }, index): QueueRow => ({
              kind: 'entry',
              id: String(id),
              place: numbered ? index + 1 : null,
            }),
          ),
        ];
  return [...part('Needs you', wanted), ...part('Queue', ordered, true), ...part('Merged', merged)];
}

export const selectQueueRows = stableList(queueRows, (one, other) => JSON.stringify(one) === JSON.stringify(other));

/** Number of entries that wait to be merged. */
export function countWaiting(byId: Readonly<Record<string, MergeView>>): number {
  return Object.values(byId).filter((merge) => mergeState(merge) === 'waiting').length;
}

/** Name of a tier in words a person reads. */
export const TIER_WORDS: Readonly<Record<MergeTier, string>> = {
  'clean-merge': 'clean merge',
  'auto-resolve': 'auto-resolve',
  'ai-resolve': 'AI resolve',
  reimagine: 'reimagine',
};

/** What each tier does, for whoever has not read the manual. */
export const TIER_MEANING: Readonly<Record<MergeTier, string>> = {
  'clean-merge': 'Git joins both sides by itself',
  'auto-resolve': 'Conflicts that can be joined without dropping a line',
  'ai-resolve': 'A model joins the conflicting lines only',
  reimagine: 'A model does the branch’s work anew on the target’s file',
};

/** What a running merge does now, in words. */
export function progressWords(progress: MergeProgress): string {
  switch (progress.stage) {
    case 'merging':
      return 'merging both sides';
    case 'resolving':
      return `resolving conflicts (${TIER_WORDS[progress.tier]})`;
    case 'auditing':
      return 'auditing that no line is lost';
    case 'checking':
      return progress.gate === null ? 'checking' : `checking: ${progress.gate}`;
    case 'moving':
      return 'moving the target';
  }
}

/** The second line of an entry: what it does, or why it stands where it stands. */
export function mergeWords(merge: MergeView): string {
  switch (mergeState(merge)) {
    case 'merging':
      return merge.progress === undefined ? 'merging' : progressWords(merge.progress);
    case 'waiting':
      return merge.filesModified.length === 0 ? 'no files known' : counted(merge.filesModified.length, 'file');
    case 'held':
      return heldWords(merge);
    case 'conflict':
      return `${counted(merge.conflictFiles.length, 'file')} in conflict after ${TIER_WORDS[merge.resolvedTier ?? 'clean-merge']}`;
    case 'failed':
      return merge.errorMessage ?? 'it could not be merged';
    case 'merged': {
      const resolved =
        merge.conflictFiles.length === 0 ? '' : `, ${counted(merge.conflictFiles.length, 'file')} resolved`;
      return `${TIER_WORDS[merge.resolvedTier ?? 'clean-merge']}${resolved}`;
    }
  }
}

function heldWords({ hold }: MergeView): string {
  if (hold?.kind === 'gates') return `the check ${hold.gate?.name ?? ''} fails`;
  const lost = hold?.audit?.counts.lost ?? 0;
  return lost === 1 ? '1 change would be lost' : `${lost} changes would be lost`;
}

/** How far a merge got: the tiers up to the last one entered. */
export function tiersEntered(merge: MergeView): readonly MergeTier[] {
  const last = merge.progress?.tier ?? merge.hold?.tier ?? merge.resolvedTier;
  return last === null || last === undefined ? [] : MERGE_TIERS.slice(0, MERGE_TIERS.indexOf(last) + 1);
}

/** Name of an entry as people say it: its agent, or its branch where no agent made it. */
export function mergeName(merge: MergeView): string {
  return merge.agentName === 'unknown' ? merge.branchName : merge.agentName;
}
