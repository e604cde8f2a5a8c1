import { splitLines } from './conflictBlocks.ts';
import { auditText } from './lossAuditText.ts';

/** The four versions of one file around a merge; an absent version is empty. */
export interface AuditInput {
  readonly base: string;
  /** The target's version before the merge. */
  readonly ours: string;
  /** The branch's version. */
  readonly theirs: string;
  /** What the merge made of it. */
  readonly result: string;
}

/**
 * Counts the lines either side added that are missing from the result. A line counts as often as it was added; a line
 * that one side added while the other removed one like it may go missing once, because that is what a merge does.
 * White space at the ends of a line and blank lines do not count. Zero means that no added line was dropped.
 */
export function countLostLines(input: AuditInput): number {
  const base = countLines(input.base);
  const ours = countLines(input.ours);
  const theirs = countLines(input.theirs);
  const result = countLines(input.result);
  let lost = 0;
  for (const line of new Set([...ours.keys(), ...theirs.keys()])) {
    const before = base.get(line) ?? 0;
    const oursDelta = (ours.get(line) ?? 0) - before;
    const theirsDelta = (theirs.get(line) ?? 0) - before;
    if (oursDelta <= 0 && theirsDelta <= 0) continue;
    const expected = before + Math.max(oursDelta, theirsDelta) + Math.min(oursDelta, theirsDelta, 0);
    lost += Math.max(0, expected - (result.get(line) ?? 0));
  }
  return lost;
}

/**
 * Counts the lines one side removed that the result has again, although the other side changed nothing beside them.
 * Taking one side's version of a place does that to a part the other had moved away or removed further than it.
 */
export function countLinesBack(input: AuditInput): number {
  const version = (text: string) => ({ path: '', text });
  const audit = auditText({
    base: version(input.base),
    ours: version(input.ours),
    theirs: version(input.theirs),
    result: version(input.result),
  });
  const back = audit.findings.filter((finding) => finding.what === 'removed' && finding.verdict === 'lost');
  return back.reduce((sum, finding) => sum + finding.lines, 0);
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const raw of splitLines(text)) {
    const line = raw.trim();
    if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}
