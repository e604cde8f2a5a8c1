import { join } from 'node:path';
import { type CallError, ok, type Result } from '../../../contract/result.ts';
import { DEFAULT_PRICES } from '../metrics/pricing.ts';
import { readTextIfPresent } from '../util/files.ts';
import { TRAILERS } from './commitMessage.ts';
import { type ConflictHistory, type ConflictRecord, historyFor, parseConflictRecords } from './conflictHistory.ts';
import { runGates } from './gates.ts';
import type { MergeJournal } from './journal.ts';
import { type MergeServiceOptions, PLAIN_RULES } from './mergeOptions.ts';
import type { MergeEntry } from './mergeQueueStore.ts';
import { countModel, type MergeObserver } from './mergeTrace.ts';
import { fillMergeWorktree, mergeWorktreePath } from './mergeWorktree.ts';
import type { BranchTip } from './refs.ts';
import type { MergeAids, Verify } from './resolver.ts';
import { MERGE_CHECK_VARIABLE, type MergeSite } from './site.ts';

/** Where the original overstory keeps what it learned of conflicts. */
const EXPERTISE_FILE = '.mulch/expertise/architecture.jsonl';
/** Commits of the target that are told to a model. */
const TARGET_COMMITS = 12;

/** Past conflicts of these files, from our own records and from those the original overstory wrote (spec 02 §2.6). */
export async function conflictHistory(
  options: Pick<MergeServiceOptions, 'queue' | 'site'>,
  files: readonly string[],
): Promise<ConflictHistory> {
  const foreign = (await readTextIfPresent(join(options.site.root, EXPERTISE_FILE))) ?? '';
  const records: readonly ConflictRecord[] = [...options.queue.conflictRecords(), ...parseConflictRecords(foreign)];
  return historyFor(records, files);
}

/** What the merge of an entry may use: rules, model, gates and who it belongs to. */
export function aidsFor(
  options: MergeServiceOptions,
  site: MergeSite,
  entry: MergeEntry,
  journal: MergeJournal,
  signal: AbortSignal,
  exclusively: MergeAids['exclusively'],
  tip: BranchTip | null,
  observe: MergeObserver,
): Partial<MergeAids> {
  const rules = options.rules?.() ?? PLAIN_RULES;
  const { beforeTouch } = options;
  const asked = options.model?.(mergeWorktreePath(site.overstory), journal.id) ?? null;
  const model =
    asked === null ? null : countModel(asked, options.prices?.() ?? DEFAULT_PRICES, () => performance.now());
  return {
    aiResolve: rules.aiResolve,
    reimagine: rules.reimagine,
    model: model?.ask ?? null,
    modelUse: () => model?.take() ?? null,
    observe,
    signal,
    exclusively,
    tip,
    provenance: {
      agentName: entry.agentName,
      taskId: entry.taskId,
      runId: options.runOf?.(entry.agentName) ?? null,
    },
    history: (files) => conflictHistory(options, [...files, ...entry.filesModified]),
    async context(files, tree) {
      // The model finds itself among the files as they conflict, where nothing it touches is anybody's.
      await fillMergeWorktree(site, `refs/heads/${journal.target}`, tree);
      return {
        branch: journal.branch,
        target: journal.target,
        branchIntent: (await options.intentOf?.(entry.agentName, entry.taskId)) ?? '',
        targetIntent: await targetIntent(options, site, journal, files),
      };
    },
    verify: verifier(options, site, journal, signal, observe),
    beforeTouch: beforeTouch === undefined ? null : () => beforeTouch(`${journal.branch} into ${journal.target}`),
  };
}

/** Subjects of the target's own commits to these files since the branch left it, with what their tasks were for. */
async function targetIntent(
  { intentOf }: MergeServiceOptions,
  site: MergeSite,
  { commit, target }: MergeJournal,
  files: readonly string[],
): Promise<string> {
  const names = `%(trailers:key=${TRAILERS.agent},valueonly,separator=%x20)%x09%(trailers:key=${TRAILERS.task},valueonly,separator=%x20)`;
  const log = await site.git([
    'log',
    '--first-parent',
    `-${TARGET_COMMITS}`,
    `--format=%s%x09${names}`,
    `${commit}..refs/heads/${target}`,
    '--',
    ...files.map((file) => `:(top,literal)${file}`),
  ]);
  const lines: string[] = [];
  for (const line of log.stdout.split('\n')) {
    const [subject = '', agent = '', task = ''] = line.split('\t');
    if (subject === '') continue;
    lines.push(`- ${subject}`);
    if (task !== '') lines.push(((await intentOf?.(agent, task)) ?? '').slice(0, 1_000));
  }
  return lines.filter((line) => line !== '').join('\n');
}

/** Checks a commit by the project's quality gates in the merge worktree; null when there are none. */
export function verifier(
  options: MergeServiceOptions,
  site: MergeSite,
  journal: Pick<MergeJournal, 'id'>,
  signal: AbortSignal,
  observe: MergeObserver,
): Verify | null {
  const { gates, gateTimeoutMs } = options.rules?.() ?? PLAIN_RULES;
  if (gates.length === 0) return null;
  return async (commit, tier) => {
    const worktree = await fillMergeWorktree(site, commit, commit);
    if (!worktree.ok) return worktree;
    const outcome = await runGates({
      gates,
      folder: worktree.value.path,
      projectRoot: site.root,
      logFolder: join(site.overstory, 'logs', 'merge', journal.id),
      env: { ...options.environment, [MERGE_CHECK_VARIABLE]: journal.id },
      timeoutMs: gateTimeoutMs,
      signal,
      observe,
      tier,
    });
    return verdictOf(outcome);
  };
}

function verdictOf(outcome: Awaited<ReturnType<typeof runGates>>): Awaited<ReturnType<Verify>> {
  switch (outcome.kind) {
    case 'passed':
      return ok(null);
    case 'failed':
      return ok(outcome.failure);
    case 'cancelled': {
      const cancelled: Result<never, CallError> = {
        ok: false,
        error: { tag: 'cancelled', message: 'the merge was cancelled' },
      };
      return cancelled;
    }
  }
}
