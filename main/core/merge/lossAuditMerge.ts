import { LOSS_FINDINGS, type LossAudit, type LossDecision, type LossFinding } from '../../../contract/lossAudit.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { isDistinctive } from './lineSimilarity.ts';
import { auditText, type TextAudit, type TextFinding } from './lossAuditText.ts';
import {
  auditEntry,
  auditWhole,
  type FileCase,
  type FileFinding,
  fileCases,
  isPlainFile,
  isTakenOver,
  parseRawDiff,
  sameContent,
  type TreeFile,
} from './lossAuditTrees.ts';
import { withoutUnions } from './lossAuditUnion.ts';
import { readTexts } from './readTexts.ts';
import { gitLine } from './repositoryState.ts';

/** What was merged. Names are commits or, for the result, a tree as well. */
export interface AuditedMerge {
  /** The target before the merge. */
  readonly ours: string;
  /** The branch. */
  readonly theirs: string;
  readonly result: string;
  /** Their common ancestor; looked up when it is not known. */
  readonly base?: string;
  /** What may go, and who said so. */
  readonly decisions?: readonly LossDecision[];
}

/** Bytes from which a text is compared as a whole. */
const LARGE_BYTES = 8 * 1024 * 1024;

/**
 * Proves that every hunk of both parents is in the result of a merge, or names the line that stands for it, or who
 * decided that it goes; `ok` is false when something is lost, and then the target must not move. Reads the object
 * database only: two to five git processes, whatever the number of files.
 */
export async function auditMerge(git: Git, merge: AuditedMerge): Promise<Result<LossAudit, CallError>> {
  const base = merge.base === undefined ? await mergeBase(git, merge) : ok(merge.base);
  if (!base.ok) return base;
  const diffs = await Promise.all([
    changesOf(git, base.value, merge.ours, true),
    changesOf(git, base.value, merge.theirs, true),
    changesOf(git, base.value, merge.result, false),
  ]);
  const [ours, theirs, result] = diffs;
  if (!ours.ok) return ours;
  if (!theirs.ok) return theirs;
  if (!result.ok) return result;
  const all = fileCases(ours.value, theirs.value, result.value);
  const open = all.filter((file) => !isTakenOver(file));
  const wanted = open.filter(hasLines).flatMap((file) => [file.base, file.ours, file.theirs, ...file.results]);
  const blobs = await readTexts(
    git,
    wanted.flatMap((file) => (file === null ? [] : [file.oid])),
    LARGE_BYTES,
  );
  if (!blobs.ok) return blobs;
  const added = new Map(result.value.flatMap(({ after }) => (after === null ? [] : [[after.oid, after] as const])));
  const judged = open.map((file) => judgeFile(file, (oid) => added.get(oid), blobs.value));
  const findings = await withoutUnions(git, decide(judged, merge.decisions ?? []));
  return ok(summary(all.filter(isTakenOver), judged, findings));
}

async function mergeBase(git: Git, { ours, theirs }: AuditedMerge): Promise<Result<string, CallError>> {
  const output = await git(['merge-base', ours, theirs]);
  const base = output.stdout.trim();
  return output.code === 0 ? ok(base) : fail('merge', `${ours} and ${theirs} have no common ancestor to audit against`);
}

async function changesOf(git: Git, from: string, to: string, renames: boolean) {
  const names = renames ? ['-M'] : ['--no-renames'];
  const output = await git(['diff-tree', '-r', '-z', '--raw', '--full-index', ...names, from, to]);
  return output.code === 0
    ? ok(parseRawDiff(output.stdout))
    : fail('merge', `the merge cannot be audited: ${gitLine(output.stderr)}`);
}

/** Both sides, or one side and the result, have lines that can be compared. */
const hasLines = (file: FileCase): boolean =>
  file.results.length > 0 &&
  [file.base, file.ours, file.theirs, ...file.results].every((version) => version === null || isPlainFile(version));

interface Judged {
  readonly findings: readonly (FileFinding | TextFinding)[];
  readonly text: TextAudit | null;
  readonly resultPath: string;
}

/** Looks for lost lines in the other files of the result, and for somebody's word that they may go. */
function decide(judged: readonly Judged[], decisions: readonly LossDecision[]): readonly LossFinding[] {
  const surplus = new Map<string, { file: string; line: number }[]>();
  for (const { text, resultPath } of judged) {
    for (const { line, text: content } of text?.surplus ?? []) {
      const key = content.trim();
      surplus.set(key, [...(surplus.get(key) ?? []), { file: resultPath, line }]);
    }
  }
  return judged.flatMap(({ findings }) =>
    findings.map((finding): LossFinding => {
      const placed = finding.verdict === 'lost' ? inAnotherFile(finding, surplus) : finding;
      const decision = placed.verdict === 'lost' ? decisionFor(placed, decisions) : null;
      return { ...withoutTexts(placed), verdict: decision === null ? placed.verdict : 'dropped', decision };
    }),
  );
}

function summary(
  takenOver: readonly FileCase[],
  judged: readonly Judged[],
  findings: readonly LossFinding[],
): LossAudit {
  const target = takenOver.filter((file) => !sameContent(file.ours, file.base)).length;
  const branch = takenOver.filter((file) => !sameContent(file.theirs, file.base)).length;
  const hunks = { target, branch, present: target + branch };
  for (const { text } of judged) {
    hunks.target += text?.hunks.target ?? 0;
    hunks.branch += text?.hunks.branch ?? 0;
    hunks.present += text?.hunks.present ?? 0;
  }
  const counts = { superseded: 0, dropped: 0, lost: 0 };
  for (const { verdict } of findings) counts[verdict] += 1;
  const order = { lost: 0, dropped: 1, superseded: 2 };
  const sorted = findings.toSorted((one, other) => order[one.verdict] - order[other.verdict]);
  return { ok: counts.lost === 0, hunks, counts, findings: sorted.slice(0, LOSS_FINDINGS) };
}

function judgeFile(
  file: FileCase,
  elsewhere: (oid: string) => TreeFile | undefined,
  blobs: ReadonlyMap<string, string | null>,
): Judged {
  const [first] = file.results;
  const resultPath = first?.path ?? '';
  const findings = auditEntry(file, elsewhere);
  if (first === undefined) return { findings, text: null, resultPath };
  if (!hasLines(file)) {
    return { findings: [...findings, ...auditWhole(file, 'the result has another version')], text: null, resultPath };
  }
  const textOf = (version: TreeFile | null): string | null =>
    version === null ? '' : (blobs.get(version.oid) ?? null);
  // A name of its own for each side means that the lines of both names count.
  const results = file.results.map(textOf);
  const [base, ours, theirs] = [textOf(file.base), textOf(file.ours), textOf(file.theirs)];
  if (base === null || ours === null || theirs === null || results.includes(null)) {
    const reason = 'it is binary or very large, and the result has another version';
    return { findings: [...findings, ...auditWhole(file, reason)], text: null, resultPath };
  }
  const version = (one: TreeFile | null, text: string) => ({ path: one?.path ?? resultPath, text });
  const deleted = file.base !== null && (file.ours === null || file.theirs === null);
  const text = auditText({
    base: version(file.base, base),
    // A deleted file is told once, as a file; its lines are no findings of their own.
    ours: version(file.ours, deleted && file.ours === null ? base : ours),
    theirs: version(file.theirs, deleted && file.theirs === null ? base : theirs),
    result: { path: resultPath, text: results.join('\n') },
  });
  return { findings: [...findings, ...text.findings], text, resultPath };
}

/** Lines that went into another file of the result are not lost. */
function inAnotherFile(
  finding: FileFinding | TextFinding,
  surplus: Map<string, { file: string; line: number }[]>,
): FileFinding | TextFinding {
  if (finding.what !== 'added' || !('texts' in finding)) return finding;
  const wanted = finding.texts.map((text) => text.trim()).filter(isDistinctive);
  const places = wanted.map((text) => surplus.get(text)?.[0]);
  const [place] = places;
  if (place === undefined || places.includes(undefined)) return finding;
  for (const text of wanted) surplus.set(text, surplus.get(text)?.slice(1) ?? []);
  const by = { version: 'result' as const, ...place, text: wanted[0] ?? '' };
  return { ...finding, verdict: 'superseded', reason: `it went to ${place.file}`, by };
}

function withoutTexts(finding: FileFinding | TextFinding): FileFinding {
  if (!('texts' in finding)) return finding;
  const { texts: _texts, ...rest } = finding;
  return rest;
}

function decisionFor(finding: FileFinding, decisions: readonly LossDecision[]): string | null {
  const found = decisions.find(
    (decision) =>
      (decision.file === null || decision.file === finding.file) &&
      (decision.side === null || decision.side === finding.side),
  );
  return found?.name ?? null;
}
