import type { MergeTier } from '../../../contract/merges.ts';

/** Who the work of a merged branch belongs to; null or empty where nobody knows. */
export interface Provenance {
  readonly agentName: string | null;
  readonly taskId: string | null;
  readonly runId: string | null;
}

/** Characters of a trailer's value; names are far shorter, only a hostile one is not. */
const VALUE_LENGTH = 200;

/** Trailers of a merge commit, by which `git log --grep` and the lineage of a line find agent, task and run (product.md B9). */
export const TRAILERS = { agent: 'Overstory-Agent', task: 'Overstory-Task', run: 'Overstory-Run' } as const;
const TIER_TRAILER = 'Overstory-Merge-Tier';
const DECISION_TRAILER = 'Overstory-Merge-Decision';

/**
 * Message of the merge commit with its provenance as trailers (product.md B9). A value can hold no line break and so
 * cannot pretend to be another trailer; decisions name what was left out on purpose.
 */
export function mergeMessage(options: {
  readonly branch: string;
  readonly target: string;
  readonly tier: MergeTier;
  readonly provenance: Provenance;
  readonly decisions?: readonly string[];
}): string {
  const branch = oneLine(options.branch);
  const target = oneLine(options.target);
  const subject =
    options.tier === 'reimagine'
      ? `Reimagine merge: ${branch} onto ${target}`
      : `Merge branch '${branch}' into ${target}`;
  const { agentName, taskId, runId } = options.provenance;
  const trailers = [
    [TRAILERS.agent, agentName],
    [TRAILERS.task, taskId],
    [TRAILERS.run, runId],
    [TIER_TRAILER, options.tier === 'clean-merge' ? null : options.tier],
    ...(options.decisions ?? []).map((decision) => [DECISION_TRAILER, decision] as const),
  ] as const;
  const lines = trailers.flatMap(([name, value]) => {
    const text = oneLine(value ?? '').slice(0, VALUE_LENGTH);
    return text === '' || text === 'unknown' ? [] : [`${name}: ${text}`];
  });
  return [subject, ...(lines.length === 0 ? [] : ['', ...lines]), ''].join('\n');
}

/** Control characters and every kind of line break become blanks, and blanks at the ends go. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
