import type { MergeResult } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { mergeMessage } from './commitMessage.ts';
import { removeJournal, writeJournal } from './journal.ts';
import { verifier } from './mergeAids.ts';
import type { MergeServiceOptions } from './mergeOptions.ts';
import type { MergeRunner } from './mergeRunner.ts';
import type { MergeStates } from './mergeStates.ts';
import { branchTips } from './refs.ts';
import { type MergeAttempt, moveTarget, recommit } from './resolver.ts';
import { siteFor } from './site.ts';

/** A person's word on a held merge. */
export interface Acceptance {
  readonly id: number;
  readonly what: 'loss' | 'gates';
  /** Who decided. */
  readonly by: string;
}

/**
 * Lets a held merge in: the very commit that was looked at, with the decision named in its message. Refused when target
 * or branch have moved since, because then it would be another merge. After a loss was accepted the gates still run.
 */
export async function acceptHold(
  options: MergeServiceOptions,
  states: MergeStates,
  runner: MergeRunner,
  { id, what, by }: Acceptance,
): Promise<Result<MergeResult, CallError>> {
  const { site, queue } = options;
  const entry = queue.get(id);
  const hold = queue.getHold(id);
  if (entry === null || hold === null) return fail('invalidState', `Merge ${id} is not held any more`);
  const { branchName: branch } = entry;
  const { target } = hold;
  if (hold.kind !== what) {
    const flag = hold.kind === 'loss' ? '--accept-loss' : '--accept-gates';
    return fail('invalidState', `Merge ${id} is held for another reason: ${flag} accepts it (${hold.reason})`);
  }
  const tips = await branchTips(site.git, [target, branch]);
  for (const [name, at] of [
    [target, hold.targetCommit],
    [branch, hold.branchCommit],
  ] as const) {
    if (tips.get(name)?.commit !== at)
      return fail(
        'conflict',
        `${name} has moved since merge ${id} was held, so it would be another merge: run "ov merge --branch ${branch}" again`,
      );
  }
  const done = await runner.asMergeOf(entry, { branch, target, commit: hold.branchCommit }, async (journal, signal) => {
    const here = siteFor(site, journal.id);
    const observe = states.observe(entry, 'further');
    const lost = hold.audit?.counts.lost ?? 0;
    const decision =
      what === 'loss' ? `${by} accepted ${lost} lost` : `${by} accepted that "${hold.gate?.name ?? 'a gate'}" fails`;
    const provenance = {
      agentName: entry.agentName,
      taskId: entry.taskId,
      runId: options.runOf?.(entry.agentName) ?? null,
    };
    const message = mergeMessage({ branch, target, tier: hold.tier, provenance, decisions: [decision] });
    const remade = await recommit(here, hold.commit, [hold.targetCommit, hold.branchCommit], message);
    if (!remade.ok) return remade;
    const attempt: MergeAttempt = {
      success: true,
      tier: hold.tier,
      conflictFiles: hold.conflictFiles,
      errorMessage: null,
      warnings: [decision],
    };
    if (what === 'loss') {
      const verified = await (verifier(options, here, journal, signal, observe)?.(remade.value, hold.tier) ?? ok(null));
      if (!verified.ok) return verified;
      if (verified.value !== null) {
        const held = { from: hold.targetCommit, commit: remade.value, audit: hold.audit, gate: verified.value };
        return ok(await states.hold(entry, journal, { ...attempt, success: false }, held));
      }
    }
    const { beforeTouch } = options;
    await writeJournal(site.overstory, journal);
    const moved = await moveTarget(
      here,
      journal,
      { from: hold.targetCommit, to: remade.value, tier: hold.tier, checkout: null },
      {
        exclusively: runner.exclusively,
        beforeTouch: beforeTouch === undefined ? null : () => beforeTouch(`${branch} into ${target}`),
      },
    );
    if (moved.ok && moved.value !== 'overtaken') {
      await states.unhold(id);
      const result = states.settle(entry, target, 'merged', {
        ...attempt,
        warnings: [...attempt.warnings, ...moved.value],
      });
      options.tell?.({ view: result.entry, merged: true, requestedBy: null });
      await removeJournal(site.overstory, journal.id);
      return ok(result);
    }
    await removeJournal(site.overstory, journal.id);
    return moved.ok
      ? fail('conflict', `${target} has moved at this moment: run "ov merge --branch ${branch}" again`)
      : moved;
  });
  return done.ok ? done.value : done;
}
