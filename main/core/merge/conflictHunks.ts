import { CONFLICT_LIMITS, type ConflictHunk, type HunkSide } from '../../../contract/conflicts.ts';
import { splitLines } from './conflictBlocks.ts';

/** Markers of width seven; `|||||||` begins the common ancestor's part (`merge.conflictStyle=diff3`). */
const OPEN = /^<{7} [^\r\n]+\r?\n?$/;
const BASE = /^\|{7}(?: [^\r\n]*)?\r?\n?$/;
const MIDDLE = /^={7}\r?\n?$/;
const CLOSE = /^>{7} [^\r\n]+\r?\n?$/;

/** Hunks of one file, and how many there are in all. */
export interface Hunks {
  readonly hunks: readonly ConflictHunk[];
  readonly count: number;
}

/**
 * Reads the conflicts of a file git has marked, with the lines around each. Hunks, lines and characters are cut to
 * `CONFLICT_LIMITS`. A text with marker lines of its own cannot be read like this: the caller looks first. Pure.
 */
export function conflictHunks(marked: string): Hunks {
  const lines = splitLines(marked);
  const hunks: ConflictHunk[] = [];
  let count = 0;
  let room: number = CONFLICT_LIMITS.characters;
  let line = 1;
  let plainFrom = 0;
  let index = 0;
  while (index < lines.length) {
    const block = OPEN.test(lines[index] ?? '') ? blockAt(lines, index) : null;
    if (block === null) {
      index += 1;
      line += 1;
      continue;
    }
    count += 1;
    const before = lines.slice(Math.max(plainFrom, index - CONFLICT_LIMITS.context), index);
    const after = linesAfter(lines, block.next);
    const hunk: ConflictHunk = {
      line,
      before: before.map(bare),
      ours: side(block.ours),
      base: block.base === null ? null : side(block.base),
      theirs: side(block.theirs),
      after: after.map(bare),
    };
    room -= characters(hunk);
    // The first one always comes, however large: a file without any hunk would say nothing.
    if (hunks.length === 0 || (hunks.length < CONFLICT_LIMITS.hunks && room > 0)) hunks.push(hunk);
    line += block.ours.length;
    index = block.next;
    plainFrom = index;
  }
  return { hunks, count };
}

/** A conflict of a whole file, of which one side or the common ancestor may be missing. Pure. */
export function wholeFileHunk(versions: {
  readonly base: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
}): ConflictHunk {
  const whole = (text: string | null): HunkSide => side(text === null ? [] : splitLines(text));
  return {
    line: 1,
    before: [],
    ours: whole(versions.ours),
    base: versions.base === null ? null : whole(versions.base),
    theirs: whole(versions.theirs),
    after: [],
  };
}

interface Block {
  readonly ours: readonly string[];
  readonly base: readonly string[] | null;
  readonly theirs: readonly string[];
  readonly next: number;
}

function blockAt(lines: readonly string[], start: number): Block | null {
  const middle = find(lines, start + 1, MIDDLE);
  const close = middle === null ? null : find(lines, middle + 1, CLOSE);
  if (middle === null || close === null) return null;
  const base = find(lines.slice(0, middle), start + 1, BASE);
  return {
    ours: lines.slice(start + 1, base ?? middle),
    base: base === null ? null : lines.slice(base + 1, middle),
    theirs: lines.slice(middle + 1, close),
    next: close + 1,
  };
}

function find(lines: readonly string[], from: number, pattern: RegExp): number | null {
  for (let index = from; index < lines.length; index += 1) if (pattern.test(lines[index] ?? '')) return index;
  return null;
}

function linesAfter(lines: readonly string[], from: number): readonly string[] {
  const next = lines.slice(from, from + CONFLICT_LIMITS.context);
  const end = next.findIndex((line) => OPEN.test(line));
  return end < 0 ? next : next.slice(0, end);
}

function bare(line: string): string {
  const text = line.replace(/\r?\n$/, '');
  const { lineCharacters } = CONFLICT_LIMITS;
  return text.length > lineCharacters ? `${text.slice(0, lineCharacters)}…` : text;
}

function side(lines: readonly string[]): HunkSide {
  return { lines: lines.slice(0, CONFLICT_LIMITS.hunkLines).map(bare), count: lines.length };
}

function characters(hunk: ConflictHunk): number {
  return [hunk.before, hunk.ours.lines, hunk.base?.lines ?? [], hunk.theirs.lines, hunk.after]
    .flat()
    .reduce((sum, line) => sum + line.length + 4, 0);
}
