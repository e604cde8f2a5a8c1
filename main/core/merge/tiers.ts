import type { ModelUse } from '../../../contract/mergeDetail.ts';
import type { MergeTier } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { applyResolution, autoResolve } from './autoResolve.ts';
import { type ConflictHistory, NO_HISTORY } from './conflictHistory.ts';
import { type Conflict, readConflicts } from './conflicts.ts';
import type { MergeObserver } from './mergeTrace.ts';
import { conflictKinds, conflictPaths, type MergedTree } from './mergeTree.ts';
import type { MergeContext } from './modelPrompts.ts';
import { aiResolve, type MergeModel, type Resolution, reimagine } from './modelTiers.ts';
import { nameFiles } from './repositoryState.ts';
import type { MergeSite } from './site.ts';
import { type FileContent, replaceInTree } from './writeTree.ts';

/** A merged tree without conflicts, not yet committed. */
export interface Proposal {
  readonly tree: string;
  readonly tier: MergeTier;
  /** Files that had conflicted. */
  readonly conflictFiles: readonly string[];
  readonly warnings: readonly string[];
  /** What a model says it left out. */
  readonly decisions: readonly string[];
}

/** No tier that may be entered could resolve everything. */
export interface Unresolved {
  /** Last tier entered. */
  readonly tier: MergeTier;
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/** What the tiers beyond git itself may use. */
export interface TierAids {
  /** Asks a model; null: tiers 3 and 4 are not entered. */
  readonly model: MergeModel | null;
  readonly aiResolve: boolean;
  readonly reimagine: boolean;
  /** Read only when something conflicts (spec 02 §2.6). */
  readonly history: (files: readonly string[]) => Promise<ConflictHistory>;
  /** Read only when a model is asked; `tree` is the merged one, with git's markers. */
  readonly context: (files: readonly string[], tree: string) => Promise<Omit<MergeContext, 'pastResolutions'>>;
  readonly signal: AbortSignal;
  /** Hears of each tier before it is entered. */
  readonly onTier: (tier: MergeTier) => Promise<void>;
  readonly observe: MergeObserver;
  /** What was asked of the model since this was last called. */
  readonly modelUse: () => ModelUse | null;
}

interface OpenConflict {
  readonly conflict: Conflict;
  readonly reasons: readonly string[];
}

/**
 * Climbs from tier 2 as far as it may (spec 02 §2.5). What a tier has resolved stays resolved; only the rest goes on to
 * the next. Nothing but the object database is written.
 */
export async function climbTiers(
  site: MergeSite,
  merged: MergedTree,
  aids: TierAids,
  indexFile: string,
): Promise<Result<Proposal | Unresolved, CallError>> {
  const paths = conflictPaths(merged);
  // A conflict git names no file of cannot be resolved file by file.
  const unknown = paths.filter((path) => !merged.files.some((file) => file.path === path));
  const history = await aids.history(paths).catch(() => NO_HISTORY);
  let tier: MergeTier = 'clean-merge';
  let open: readonly OpenConflict[] = (await readConflicts(site.git, merged)).map((conflict) => ({
    conflict,
    reasons: [],
  }));
  const contents: FileContent[] = [];
  const decisions: string[] = [];
  const warnings: string[] = unknown.map(
    (path) => `${path} cannot be resolved: git calls it ${conflictKinds(merged, path).join(', ')}`,
  );
  const may = (next: MergeTier): boolean =>
    unknown.length === 0 && open.length > 0 && !history.skipTiers.includes(next);

  async function enter(next: MergeTier, resolve: (conflict: Conflict) => Promise<Resolution>): Promise<void> {
    await aids.onTier(next);
    tier = next;
    aids.observe.stage('resolving', next);
    const left: (OpenConflict & { readonly reason: string })[] = [];
    const done: string[] = [];
    for (const { conflict, reasons } of open) {
      if (aids.signal.aborted) return;
      const resolution = await resolve(conflict);
      if (resolution.kind === 'open') {
        const told = `${next} skipped ${conflict.path}: ${resolution.reason}`;
        left.push({ conflict, reasons: [...reasons, told], reason: resolution.reason });
        continue;
      }
      done.push(conflict.path);
      contents.push({ path: conflict.path, mode: conflict.mode, content: resolution.content });
      decisions.push(...resolution.decisions.map((decision) => `${conflict.path}, ${decision.name}`));
    }
    open = left;
    aids.observe.step({
      kind: 'tier',
      tier: next,
      resolved: done,
      left: left.map(({ conflict, reason }) => ({ path: conflict.path, reason })),
      model: aids.modelUse(),
    });
  }

  if (may('auto-resolve')) await enter('auto-resolve', async (conflict) => autoResolved(conflict));
  const { model } = aids;
  if (model !== null && open.length > 0 && (aids.aiResolve || aids.reimagine)) {
    const context: MergeContext = {
      ...(await aids.context(
        open.map(({ conflict }) => conflict.path),
        merged.tree,
      )),
      pastResolutions: history.pastResolutions,
    };
    if (aids.aiResolve && may('ai-resolve'))
      await enter('ai-resolve', (conflict) => aiResolve(conflict, context, model, aids.signal));
    if (aids.reimagine && may('reimagine'))
      await enter('reimagine', (conflict) => reimagine(conflict, context, model, aids.signal));
  }
  if (aids.signal.aborted) return fail('cancelled', 'the merge was cancelled');
  if (open.length > 0 || unknown.length > 0) {
    const files = [...open.map(({ conflict }) => conflict.path), ...unknown];
    return ok({ tier, files, warnings: [...open.flatMap(({ reasons }) => reasons), ...warnings] });
  }
  const tree = await replaceInTree(site.git, merged.tree, contents, indexFile);
  if (!tree.ok) return tree;
  const omitted = decisions.map((decision) => `left out on purpose in ${decision}`);
  return ok({ tree: tree.value, tier, conflictFiles: paths, warnings: omitted, decisions });
}

function autoResolved(conflict: Conflict): Resolution {
  const resolution = autoResolve(conflict);
  if (resolution.kind === 'blocked') return { kind: 'open', reason: resolution.reason };
  // latin1 maps every byte to one character and back, so files of any encoding keep their bytes.
  const content = Buffer.from(applyResolution(conflict.bytes.toString('latin1'), resolution.keep), 'latin1');
  return { kind: 'resolved', content, decisions: [] };
}

/** One line about a merge no tier could finish, with what a person can do. */
export function unresolvedReason(branch: string, target: string, { tier, files }: Unresolved): string {
  const count = files.length === 1 ? '1 file conflicts' : `${files.length} files conflict`;
  return `Merge of ${branch} into ${target} failed at ${tier}: ${count} (${nameFiles(files)}); merge ${target} into ${branch} in its worktree, resolve and commit there, then merge again`;
}
