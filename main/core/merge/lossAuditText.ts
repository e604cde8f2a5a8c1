import type { LossFinding, MergeSide } from '../../../contract/lossAudit.ts';
import { splitLines } from './conflictBlocks.ts';
import { type LineMatch, matchLines } from './lineMatch.ts';
import { isDistinctive, sameRewritten, wordsHeld } from './lineSimilarity.ts';

/** The four versions of one file around a merge, with the path each has in its tree. An absent version is empty. */
export interface TextVersions {
  readonly base: Version;
  /** The target's. */
  readonly ours: Version;
  /** The branch's. */
  readonly theirs: Version;
  readonly result: Version;
}

export interface Version {
  readonly path: string;
  readonly text: string;
}

/** A finding before decisions are looked at, with all its lines; they have one verdict and one reason. */
export interface TextFinding extends Omit<LossFinding, 'decision'> {
  readonly texts: readonly string[];
}

export interface TextAudit {
  readonly hunks: { readonly target: number; readonly branch: number; readonly present: number };
  readonly findings: readonly TextFinding[];
  /** Lines of the result that stand for no line of either side, with their numbers: where moved lines may have gone. */
  readonly surplus: readonly { readonly line: number; readonly text: string }[];
}

/** A run of lines one side replaced: base lines [baseFrom, baseTo) became side lines [from, to). */
interface Hunk {
  readonly baseFrom: number;
  readonly baseTo: number;
  readonly from: number;
  readonly to: number;
}

/** One side against base and result. */
interface SideLines {
  readonly side: MergeSide;
  readonly path: string;
  readonly lines: readonly string[];
  readonly hunks: readonly Hunk[];
  /** Base line to side line. */
  readonly fromBase: LineMatch;
  /** Side line to result line. */
  readonly toResult: LineMatch;
  /** Result line to side line. */
  readonly fromResult: LineMatch;
  /** True for lines the base does not have. */
  readonly added: readonly boolean[];
  /** True for base lines the side does not have. */
  readonly removed: readonly boolean[];
}

/** What one line came to. */
interface LineVerdict {
  readonly verdict: 'superseded' | 'lost';
  readonly reason: string;
  readonly by: LossFinding['by'];
}

/**
 * Looks after every hunk of both sides in the result (issue "Merge room engine", loss auditor). A line a side added has
 * to be there, in its place or moved, or another line has to stand for it; a line a side removed has to be away. Line
 * ends, white space at a line's end and blank lines do not count.
 */
export function auditText(versions: TextVersions): TextAudit {
  const base = linesOf(versions.base.text);
  const result = linesOf(versions.result.text);
  const ours = readSide('target', versions.ours, base, result);
  const theirs = readSide('branch', versions.theirs, base, result);
  const baseInResult = matchLines(base, result);
  /** Result lines that stand for a line that was missing in its place. */
  const used = new Set<number>();
  const places = placesOf(result);
  const foreign = result.flatMap((text, at) =>
    text === '' || (ours.fromResult[at] ?? -1) >= 0 || (theirs.fromResult[at] ?? -1) >= 0 ? [] : [{ at, text }],
  );
  const findings: TextFinding[] = [];
  let present = 0;
  for (const [one, other] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    // A line that joins two stands for one of each side, hence a set of its own for each.
    const taken = new Set<number>();
    /** Lines of the other side that already stand for one of this side. */
    const spent = new Set<number>();
    for (const hunk of one.hunks) {
      const rivals = other.hunks.filter((rival) => touches(hunk, rival));
      const found = auditHunk({
        base,
        result,
        baseInResult,
        taken,
        spent,
        places,
        foreign,
        one,
        other,
        hunk,
        rivals,
        versions,
      });
      if (found.length === 0) present += 1;
      findings.push(...found);
    }
    for (const at of taken) used.add(at);
  }
  const surplus = foreign.filter(({ at }) => !used.has(at)).map(({ at, text }) => ({ line: at + 1, text }));
  return { hunks: { target: ours.hunks.length, branch: theirs.hunks.length, present }, findings, surplus };
}

interface HunkInput {
  readonly base: readonly string[];
  readonly result: readonly string[];
  readonly baseInResult: LineMatch;
  readonly taken: Set<number>;
  readonly spent: Set<number>;
  /** Where each text stands in the result, white space around it left out. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** Result lines of neither side. */
  readonly foreign: readonly { readonly at: number; readonly text: string }[];
  readonly one: SideLines;
  readonly other: SideLines;
  readonly hunk: Hunk;
  /** The other side's hunks at the same place. */
  readonly rivals: readonly Hunk[];
  readonly versions: TextVersions;
}

function auditHunk(input: HunkInput): TextFinding[] {
  const { base, one, hunk, versions } = input;
  const added: (LineVerdict | null)[] = [];
  for (let line = hunk.from; line < hunk.to; line += 1) added.push(auditAdded(input, line));
  const removed: (LineVerdict | null)[] = [];
  for (let line = hunk.baseFrom; line < hunk.baseTo; line += 1) removed.push(auditRemoved(input, line));
  return [
    ...grouped('added', one.side, one.path, hunk.from, added, one.lines),
    ...grouped('removed', one.side, versions.base.path, hunk.baseFrom, removed, base),
  ];
}

/** Insertions at one point touch; so do changes of neighbouring lines, which git counts as a conflict as well. */
function touches(one: Hunk, other: Hunk): boolean {
  return Math.max(one.baseFrom, other.baseFrom) <= Math.min(one.baseTo, other.baseTo);
}

function auditAdded(input: HunkInput, line: number): LineVerdict | null {
  const { one, other, result, taken, rivals, versions } = input;
  const text = one.lines[line] ?? '';
  if (text === '' || (one.toResult[line] ?? -1) >= 0) return null;
  const inResult = (reason: string, at: number): LineVerdict => {
    taken.add(at);
    const by = { version: 'result', file: versions.result.path, line: at + 1, text: cut(result[at] ?? '') } as const;
    return { verdict: 'superseded', reason, by };
  };
  const fromOther = (at: number): number => other.fromResult[at] ?? -1;
  const isOthers = (at: number): boolean => fromOther(at) >= 0 && other.added[fromOther(at)] === true;
  const places = (input.places.get(text.trim()) ?? []).filter((at) => (one.fromResult[at] ?? -1) < 0 && !taken.has(at));
  const own = places.filter((at) => !isOthers(at));
  const moved = own.find((at) => result[at] === text);
  if (moved !== undefined) return inResult('it stands at another place', moved);
  const spaced = isDistinctive(text) ? own[0] : undefined;
  if (spaced !== undefined) return inResult('it differs in white space only', spaced);
  // Both added one line: once is enough where they mean the same place, or when the line says enough to be itself.
  const twin = places.find((at) => isOthers(at) && (isDistinctive(text) || within(rivals, fromOther(at))));
  if (twin !== undefined) {
    taken.add(twin);
    return supersededBy(other, fromOther(twin), 'both sides added this line, and it is there once');
  }
  return rewritten(input, line) ?? combined(input, text, inResult) ?? missing(other, rivals);
}

/** Both sides rewrote one base line and the result has the other's. Each line stands for one. */
function rewritten(input: HunkInput, line: number): LineVerdict | null {
  const { base, one, other, hunk, rivals, spent } = input;
  const text = one.lines[line] ?? '';
  for (let at = hunk.baseFrom; at < hunk.baseTo; at += 1) {
    const before = base[at] ?? '';
    if (one.removed[at] !== true || other.removed[at] !== true || !sameRewritten(before, text)) continue;
    for (const rival of rivals) {
      if (at < rival.baseFrom || at >= rival.baseTo) continue;
      for (let theirs = rival.from; theirs < rival.to; theirs += 1) {
        if (spent.has(theirs) || (other.toResult[theirs] ?? -1) < 0) continue;
        if (!sameRewritten(before, other.lines[theirs] ?? '')) continue;
        spent.add(theirs);
        return supersededBy(other, theirs, `both sides rewrote line ${at + 1} of the common version`);
      }
    }
  }
  return null;
}

/** A line of neither side that holds every word this one brought. */
function combined(
  { foreign, taken }: HunkInput,
  text: string,
  inResult: (reason: string, at: number) => LineVerdict,
): LineVerdict | null {
  const found = foreign.find((candidate) => !taken.has(candidate.at) && wordsHeld(text, candidate.text));
  return found === undefined ? null : inResult('the result joins it with other words', found.at);
}

function auditRemoved(input: HunkInput, line: number): LineVerdict | null {
  const { base, baseInResult, one, other, rivals, taken, versions } = input;
  if (base[line] === '' || one.removed[line] !== true) return null;
  const at = [baseInResult[line] ?? -1, other.toResult[other.fromBase[line] ?? -1] ?? -1].find((place) => place >= 0);
  // The side has this line itself, moved or doubled; or it stands for a line of its own that was missing.
  if (at === undefined || (one.fromResult[at] ?? -1) >= 0 || taken.has(at)) return null;
  const others = other.fromResult[at] ?? -1;
  if (others >= 0 && other.added[others] === true) return null;
  if (others < 0 && !isDistinctive(base[line] ?? '')) return null;
  const changed = rivals.some((rival) => rival.to > rival.from && hasAny(other, rival));
  if (others >= 0 && changed) {
    return supersededBy(other, others, 'the other side changed what this side removed, and the result keeps that');
  }
  const by = { version: 'result', file: versions.result.path, line: at + 1, text: cut(base[line] ?? '') } as const;
  return { verdict: 'lost', reason: 'it was removed and is there again', by };
}

function hasAny(side: SideLines, hunk: Hunk): boolean {
  for (let line = hunk.from; line < hunk.to; line += 1) if ((side.toResult[line] ?? -1) >= 0) return true;
  return false;
}

function missing(other: SideLines, rivals: readonly Hunk[]): LineVerdict {
  const name = other.side === 'target' ? 'the target' : 'the branch';
  const clause = rivals.length === 0 ? '' : `; ${name} changed the same place`;
  return { verdict: 'lost', reason: `the result does not have it${clause}`, by: null };
}

function supersededBy(side: SideLines, line: number, reason: string): LineVerdict {
  const by = { version: side.side, file: side.path, line: line + 1, text: cut(side.lines[line] ?? '') };
  return { verdict: 'superseded', reason, by };
}

function within(hunks: readonly Hunk[], line: number): boolean {
  return hunks.some((hunk) => line >= hunk.from && line < hunk.to);
}

/** Lines that follow each other and came to the same are one finding. */
function grouped(
  what: 'added' | 'removed',
  side: MergeSide,
  file: string,
  first: number,
  verdicts: readonly (LineVerdict | null)[],
  lines: readonly string[],
): TextFinding[] {
  const findings: TextFinding[] = [];
  let last = -1;
  for (const [index, verdict] of verdicts.entries()) {
    if (verdict === null) continue;
    const line = first + index + 1;
    const open = findings.at(-1);
    const goesOn = open !== undefined && last === index - 1 && open.verdict === verdict.verdict;
    last = index;
    if (goesOn && open.reason === verdict.reason) {
      findings[findings.length - 1] = { ...open, lines: open.lines + 1, texts: [...open.texts, lines[line - 1] ?? ''] };
      continue;
    }
    const text = lines[line - 1] ?? '';
    findings.push({ file, side, what, line, lines: 1, text: cut(text), texts: [text], ...verdict });
  }
  return findings;
}

function readSide(side: MergeSide, version: Version, base: readonly string[], result: readonly string[]): SideLines {
  const lines = linesOf(version.text);
  const fromBase = matchLines(base, lines);
  const toResult = matchLines(lines, result);
  const fromResult = new Int32Array(result.length).fill(-1);
  for (const [line, at] of toResult.entries()) if (at >= 0) fromResult[at] = line;
  const added = lines.map(() => true);
  for (const at of fromBase) if (at >= 0) added[at] = false;
  const removed = [...fromBase].map((at) => at < 0);
  return {
    side,
    path: version.path,
    lines,
    hunks: hunksOf(fromBase, lines.length),
    fromBase,
    toResult,
    fromResult,
    added,
    removed,
  };
}

function hunksOf(fromBase: LineMatch, count: number): Hunk[] {
  const hunks: Hunk[] = [];
  let [baseFrom, from] = [0, 0];
  for (let line = 0; line <= fromBase.length; line += 1) {
    const at = line === fromBase.length ? count : (fromBase[line] ?? -1);
    if (at < 0) continue;
    if (line > baseFrom || at > from) hunks.push({ baseFrom, baseTo: line, from, to: at });
    baseFrom = line + 1;
    from = at + 1;
  }
  return hunks;
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, line] of lines.entries()) {
    const text = line.trim();
    const known = places.get(text);
    if (known === undefined) places.set(text, [at]);
    else known.push(at);
  }
  return places;
}

/** Lines without their ends and without white space there. */
function linesOf(text: string): readonly string[] {
  return splitLines(text).map((line) => line.trimEnd());
}

/** Characters of a line that are shown. */
const SHOWN = 160;

function cut(text: string): string {
  const line = text.trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
