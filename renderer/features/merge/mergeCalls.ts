import { OPERATOR } from '../../../contract/ids.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { callEngine } from '../../actions/calls.ts';
import type { Room } from '../../stores/room.ts';

/** Milliseconds a merge may take from here: models and the project's own gates run inside it, each with a time of its own. */
const MERGE_MS = 4 * 3_600_000;

/** Merges a branch, again if it was tried before. True when it is in the target. */
export async function mergeBranch(room: Room, merge: Pick<MergeView, 'branchName'>): Promise<boolean> {
  const tried = await callEngine(room, 'merges.run', { branch: merge.branchName }, { timeoutMs: MERGE_MS });
  if (!tried.ok) return false;
  const failed = tried.value.results.find((result) => !result.success);
  if (failed !== undefined) {
    room.notices.say('error', failed.errorMessage ?? `${merge.branchName} still conflicts.`);
    return false;
  }
  room.notices.say('info', `${merge.branchName} is merged.`);
  return true;
}

/** Merges everything that waits, in the order of the queue. */
export async function mergeAll(room: Room): Promise<void> {
  const tried = await callEngine(room, 'merges.run', { all: true }, { timeoutMs: MERGE_MS });
  if (!tried.ok) return;
  const { results } = tried.value;
  const done = results.filter((result) => result.success).length;
  const left = results.length - done;
  room.notices.say(
    left === 0 ? 'info' : 'error',
    left === 0 ? `${done} merged.` : `${done} merged, ${left} not: see "Needs you".`,
  );
}

/** Lets a held merge in; the decision is named in its commit. */
export async function acceptHeld(room: Room, merge: MergeView): Promise<boolean> {
  if (merge.hold === undefined) return false;
  const input = { id: merge.id, what: merge.hold.kind, by: OPERATOR };
  const accepted = await callEngine(room, 'merges.accept', input, { timeoutMs: MERGE_MS });
  if (!accepted.ok) return false;
  const { success, errorMessage } = accepted.value;
  room.notices.say(
    success ? 'info' : 'error',
    success ? `${merge.branchName} is merged.` : (errorMessage ?? 'It is held again.'),
  );
  return success;
}
