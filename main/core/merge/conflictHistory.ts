import { MERGE_TIERS, type MergeTier } from '../../../contract/merges.ts';

/** One conflict of the past: how a tier fared with some files (spec 02 §2.6). */
export interface ConflictRecord {
  readonly outcome: 'resolved' | 'failed';
  readonly tier: MergeTier;
  readonly branchName: string;
  readonly agentName: string;
  readonly files: readonly string[];
}

/** What the past says about some files. */
export interface ConflictHistory {
  /** Tiers that failed at least twice and never succeeded. */
  readonly skipTiers: readonly MergeTier[];
  /** One line for each success. */
  readonly pastResolutions: readonly string[];
  readonly predictedConflictFiles: readonly string[];
}

export const NO_HISTORY: ConflictHistory = { skipTiers: [], pastResolutions: [], predictedConflictFiles: [] };

/** Failures after which a tier that never succeeded is not tried again. */
const HOPELESS_AFTER = 2;

/** Derives what to do from the records that share a file with `files` (spec 02 §2.6). Pure. */
export function historyFor(records: readonly ConflictRecord[], files: readonly string[]): ConflictHistory {
  const wanted = new Set(files);
  const relevant = records.filter((record) => record.files.some((file) => wanted.has(file)));
  const count = (tier: MergeTier, outcome: ConflictRecord['outcome']): number =>
    relevant.filter((record) => record.tier === tier && record.outcome === outcome).length;
  return {
    skipTiers: MERGE_TIERS.filter((tier) => count(tier, 'failed') >= HOPELESS_AFTER && count(tier, 'resolved') === 0),
    pastResolutions: relevant
      .filter((record) => record.outcome === 'resolved')
      .map((record) => `${record.files.join(', ')}: resolved by ${record.tier}`),
    predictedConflictFiles: [...new Set(relevant.flatMap((record) => record.files))].sort(),
  };
}

/** The one shape a record has in the expertise store; each clause ends with a full stop (spec 02 §2.6). */
const RECORD =
  /\b(resolved|failed)\b[^.]*?\b(clean-merge|auto-resolve|ai-resolve|reimagine)\b[^.]*\.\s+Branch: (\S+)\.\s+Agent: (\S+)\.\s+Conflicting files: (.+?)\.(?=\s|["\\]|$)/g;

/** Reads every record in a text the original overstory's expertise store holds; anything else is passed over. */
export function parseConflictRecords(text: string): readonly ConflictRecord[] {
  return [...text.matchAll(RECORD)].map((match) => ({
    // The pattern has exactly the words of these types.
    outcome: match[1] as ConflictRecord['outcome'],
    tier: match[2] as MergeTier,
    branchName: match[3] ?? '',
    agentName: match[4] ?? '',
    files: (match[5] ?? '')
      .split(',')
      .map((file) => file.trim())
      .filter((file) => file !== ''),
  }));
}
