import type { MergeHold } from '../../../contract/merges.ts';
import { type GateFailure, gateReason } from './gates.ts';
import type { MergeJournal } from './journal.ts';
import { heldRef } from './refs.ts';
import { nameFiles } from './repositoryState.ts';
import type { HeldMerge, MergeAttempt } from './resolver.ts';
import type { MergeSite } from './site.ts';

/** Writes down why a merge waits for a person. Pure. */
export function holdOf(
  id: number,
  journal: MergeJournal,
  attempt: MergeAttempt,
  held: HeldMerge,
  at: string,
  gateTimeoutMs: number,
): MergeHold {
  return {
    kind: held.gate === null ? 'loss' : 'gates',
    reason: held.gate === null ? lossReason(id, journal, held) : gatesReason(id, journal, held.gate, gateTimeoutMs),
    at,
    target: journal.target,
    targetCommit: held.from,
    branchCommit: journal.commit,
    commit: held.commit,
    tier: attempt.tier,
    conflictFiles: [...attempt.conflictFiles],
    audit: held.audit,
    gate: held.gate,
  };
}

function lossReason(id: number, { branch, target }: MergeJournal, { audit }: HeldMerge): string {
  const lost = audit?.findings.filter((finding) => finding.verdict === 'lost') ?? [];
  const files = nameFiles([...new Set(lost.map((finding) => finding.file))], 3);
  const count = audit?.counts.lost ?? lost.length;
  const parts = count === 1 ? '1 change would be lost' : `${count} changes would be lost`;
  return `Merge of ${branch} into ${target} is held: ${parts} in ${files}; look with "ov merge audit ${id}", accept with "ov merge --accept-loss ${id}", or resolve the conflict in the branch and merge again`;
}

function gatesReason(id: number, { branch, target }: MergeJournal, gate: GateFailure, timeoutMs: number): string {
  const why = gateReason(gate, Math.round(timeoutMs / 60_000));
  return `Merge of ${branch} into ${target} is held: ${why}, or let it in with "ov merge --accept-gates ${id}"`;
}

/** Keeps the commit of a held merge from git's garbage collection. */
export async function keepHeld(site: MergeSite, id: number, commit: string): Promise<void> {
  await site.git(['update-ref', heldRef(id), commit]);
}

/** Lets it go; nothing happens when there is none. */
export async function dropHeld(site: MergeSite, id: number): Promise<void> {
  await site.git(['update-ref', '-d', heldRef(id)]);
}
