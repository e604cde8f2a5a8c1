import type { AgentView } from '../../../contract/agents.ts';
import type { AgentChanges, DiffLine, FileDiff } from '../../../contract/changes.ts';
import { counted } from '../../stores/format.ts';

export const DIFF_MODES = ['unified', 'split'] as const;
export type DiffMode = (typeof DIFF_MODES)[number];

/** Something a person wrote on lines of a file; it becomes part of the one mail. */
export interface ReviewComment {
  readonly id: number;
  readonly path: string;
  /** The lines it is about: of the file as it is now, or as it was. */
  readonly side: 'new' | 'old';
  readonly from: number;
  readonly to: number;
  /** The lines as they are quoted, each with its sign. */
  readonly quote: readonly string[];
  /** Commit of the branch on which the lines were last seen. */
  readonly head: string;
  readonly text: string;
}

/** What stands on one row of the difference. */
export type DiffRow =
  | { readonly kind: 'hunk'; readonly key: string; readonly words: string }
  | { readonly kind: 'line'; readonly key: string; readonly left: DiffLine | null; readonly right: DiffLine | null };

/** Characters of a line from `from` to `to` that its partner does not have. */
export interface WordMark {
  readonly from: number;
  readonly to: number;
}

/** The rows of a file's difference: one a line, or removed and added lines beside each other. Pure. */
export function diffRows(diff: FileDiff, mode: DiffMode): readonly DiffRow[] {
  return diff.hunks.flatMap((hunk, at): DiffRow[] => {
    const words = `line ${hunk.new === 0 ? hunk.old : hunk.new}${hunk.heading === '' ? '' : ` · ${hunk.heading}`}`;
    const head: DiffRow = { kind: 'hunk', key: `h${at}`, words };
    const pairs = mode === 'split' ? sideBySide(hunk.lines) : hunk.lines.map(alone);
    return [head, ...pairs.map((pair, index): DiffRow => ({ kind: 'line', key: `${at}.${index}`, ...pair }))];
  });
}

interface LinePair {
  readonly left: DiffLine | null;
  readonly right: DiffLine | null;
}

function alone(line: DiffLine): LinePair {
  return line.kind === 'removed' ? { left: line, right: null } : { left: null, right: line };
}

function sideBySide(lines: readonly DiffLine[]): readonly LinePair[] {
  const pairs: LinePair[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line === undefined) break;
    if (line.kind === 'same') {
      pairs.push({ left: line, right: line });
      at += 1;
      continue;
    }
    const { removed, added, next } = changeAt(lines, at);
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1)
      pairs.push({ left: removed[index] ?? null, right: added[index] ?? null });
    at = next;
  }
  return pairs;
}

/** The removed and added lines that stand together from here on. */
function changeAt(lines: readonly DiffLine[], from: number) {
  const removed: DiffLine[] = [];
  const added: DiffLine[] = [];
  let next = from;
  while (lines[next]?.kind === 'removed') removed.push(lines[next++] as DiffLine);
  while (lines[next]?.kind === 'added') added.push(lines[next++] as DiffLine);
  return { removed, added, next: Math.max(next, from + 1) };
}

/** Part of a line above which a mark says nothing: the line is simply another one. */
const MOSTLY = 0.7;

/** What changed within rewritten lines, by line. Modest on purpose: one stretch a line. Pure. */
export function wordMarks(diff: FileDiff): ReadonlyMap<DiffLine, WordMark> {
  const marks = new Map<DiffLine, WordMark>();
  for (const { lines } of diff.hunks) {
    let at = 0;
    while (at < lines.length) {
      if (lines[at]?.kind === 'same') {
        at += 1;
        continue;
      }
      const { removed, added, next } = changeAt(lines, at);
      for (let index = 0; index < Math.min(removed.length, added.length); index += 1)
        markPair(marks, removed[index] as DiffLine, added[index] as DiffLine);
      at = next;
    }
  }
  return marks;
}

function markPair(marks: Map<DiffLine, WordMark>, removed: DiffLine, added: DiffLine): void {
  const [one, other] = [removed.text, added.text];
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1;
  const common = head + tail;
  if (common < (1 - MOSTLY) * Math.max(one.length, other.length)) return;
  if (one.length > common) marks.set(removed, { from: head, to: one.length - tail });
  if (other.length > common) marks.set(added, { from: head, to: other.length - tail });
}

/** What the chosen rows are about; null when there is no line among them. Pure. */
export function anchorOf(
  rows: readonly DiffRow[],
  first: number,
  last: number,
): Pick<ReviewComment, 'side' | 'from' | 'to' | 'quote'> | null {
  const lines = rows.slice(Math.min(first, last), Math.max(first, last) + 1).flatMap((row) => {
    if (row.kind === 'hunk') return [];
    const both = row.left === row.right ? [row.right] : [row.left, row.right];
    return both.filter((line) => line !== null);
  });
  const numbers = (side: 'new' | 'old') => lines.flatMap((line) => line[side] ?? []);
  const side = numbers('new').length > 0 ? 'new' : 'old';
  const wanted = numbers(side);
  if (wanted.length === 0) return null;
  const sign = { same: ' ', added: '+', removed: '-' } as const;
  // Removed lines first, as a difference is read.
  const ordered = lines.every((line) => line.kind !== 'same') ? lines.toSorted(byKind) : lines;
  return {
    side,
    from: Math.min(...wanted),
    to: Math.max(...wanted),
    quote: ordered.map((line) => `${sign[line.kind]} ${line.text}`),
  };
}

function byKind(one: DiffLine, other: DiffLine): number {
  return Number(one.kind === 'added') - Number(other.kind === 'added');
}

/** The row a comment stands under; -1 when its line is not shown. Pure. */
export function rowOf(rows: readonly DiffRow[], comment: Pick<ReviewComment, 'side' | 'to'>): number {
  return rows.findIndex(
    (row) => row.kind === 'line' && [row.left, row.right].some((line) => line?.[comment.side] === comment.to),
  );
}

/**
 * Where the lines of a comment stand in this difference: at their old numbers, else where the same lines stand now, the
 * nearest of several; null when they are gone. Pure.
 */
export function followed(
  diff: FileDiff,
  comment: Pick<ReviewComment, 'side' | 'from' | 'to' | 'quote'>,
): Pick<ReviewComment, 'from' | 'to'> | null {
  const { side } = comment;
  const foreign = side === 'new' ? '-' : '+';
  const wanted = comment.quote.flatMap((line) => (line.startsWith(foreign) ? [] : [line.slice(2)]));
  if (wanted.length === 0) return null;
  const shown = diff.hunks.flatMap(({ lines }) =>
    lines.flatMap((line) => {
      const number = line[side];
      return number === null ? [] : [{ number, text: line.text }];
    }),
  );
  const stands = (at: number) => wanted.every((text, index) => shown[at + index]?.text === text);
  const starts = shown.flatMap(({ number }, at) => (stands(at) ? [{ at, far: Math.abs(number - comment.from) }] : []));
  const nearest = starts.toSorted((one, other) => one.far - other.far)[0];
  const first = nearest === undefined ? undefined : shown[nearest.at];
  const last = nearest === undefined ? undefined : shown[nearest.at + wanted.length - 1];
  return first === undefined || last === undefined ? null : { from: first.number, to: last.number };
}

/** Place of a comment as people write it: `src/a.ts:12-14`. */
export function placeOf(comment: Pick<ReviewComment, 'path' | 'side' | 'from' | 'to'>): string {
  const lines = comment.from === comment.to ? String(comment.from) : `${comment.from}-${comment.to}`;
  return `${comment.path}:${lines}${comment.side === 'old' ? ' (before the change)' : ''}`;
}

/** Lines of a quote that are sent; the agent has the file. */
const QUOTED = 12;
/** Characters of one quoted line. */
const QUOTED_CHARACTERS = 300;

/** The one mail a review becomes. Comments stand in the order of files and lines. Pure. */
export function reviewMail(
  changes: Pick<AgentChanges, 'branch' | 'head' | 'tip'>,
  comments: readonly ReviewComment[],
  note: string,
): { readonly subject: string; readonly body: string } {
  const sorted = comments.toSorted((one, other) => one.path.localeCompare(other.path) || one.from - other.from);
  const state = changes.head === changes.tip ? '' : ', uncommitted work included';
  const parts = [
    `The operator's review of ${changes.branch} at ${changes.head.slice(0, 10)}${state}. Deal with each comment, commit, and report what you did.`,
    ...(note.trim() === '' ? [] : [note.trim()]),
    ...sorted.map((comment) => {
      const quote = comment.quote.slice(0, QUOTED).map((line) => `> ${line.slice(0, QUOTED_CHARACTERS)}`);
      const rest = comment.quote.length - QUOTED;
      return [
        `${placeOf(comment)}${comment.head === changes.head ? '' : ` (as of ${comment.head.slice(0, 10)})`}`,
        ...quote,
        ...(rest > 0 ? [`> … ${counted(rest, 'further line')}`] : []),
        comment.text.trim(),
      ].join('\n');
    }),
  ];
  return { subject: `Review of ${changes.branch}: ${counted(comments.length, 'comment')}`, body: parts.join('\n\n') };
}

/** Who gets the review of an agent: itself while it reads mail, else its parent; null: nobody is left. Pure. */
export function reviewReader(agent: AgentView, byName: Readonly<Record<string, AgentView>>): string | null {
  if (readsMail(agent)) return agent.name;
  const parent = agent.parent === null ? undefined : byName[agent.parent];
  return parent !== undefined && readsMail(parent) ? parent.name : null;
}

function readsMail({ state }: AgentView): boolean {
  return state !== 'completed' && state !== 'zombie';
}
