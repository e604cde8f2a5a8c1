/** One stretch of a file with conflict markers. Every text keeps its line ends, so that joining loses nothing. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'conflict';
      /** The target's side. */
      readonly head: string;
      /** The branch's side. */
      readonly incoming: string;
      /** The three marker lines as found, line ends included. */
      readonly markers: readonly [open: string, middle: string, close: string];
    };

/** Exactly seven marker characters; CR before the line end is accepted, since git writes the file's own line ends (spec 02 §2.5). */
const OPEN = /^<{7} [^\r\n]+\r?\n$/;
const MIDDLE = /^={7}\r?\n$/;
const CLOSE = /^>{7} [^\r\n]+(?:\r?\n)?$/;

/** Any line git could have written as a marker of width seven, the base section's `|||||||` included. */
const MARKER_LINE = /^(?:<{7} [^\r\n]+|\|{7}(?: [^\r\n]*)?|={7}|>{7} [^\r\n]+)\r?$/m;

/** Lines of a text, each with its line end; joining them gives the text back. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * Splits a file at its conflict blocks. An opening line without the rest of a block is ordinary text: from the line
 * after it the search goes on. Works on any string, also one that holds bytes (latin1).
 */
export function parseConflicts(text: string): Segment[] {
  const lines = splitLines(text);
  const segments: Segment[] = [];
  let plain = '';
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const block = OPEN.test(line) ? blockAt(lines, index) : null;
    if (block === null) {
      plain += line;
      index += 1;
      continue;
    }
    if (plain !== '') segments.push({ kind: 'text', text: plain });
    plain = '';
    segments.push(block.segment);
    index = block.next;
  }
  if (plain !== '') segments.push({ kind: 'text', text: plain });
  return segments;
}

function blockAt(lines: readonly string[], start: number): { readonly segment: Segment; readonly next: number } | null {
  const middle = findFrom(lines, start + 1, MIDDLE);
  const close = middle === null ? null : findFrom(lines, middle + 1, CLOSE);
  if (middle === null || close === null) return null;
  return {
    segment: {
      kind: 'conflict',
      head: lines.slice(start + 1, middle).join(''),
      incoming: lines.slice(middle + 1, close).join(''),
      markers: [lines[start] ?? '', lines[middle] ?? '', lines[close] ?? ''],
    },
    next: close + 1,
  };
}

function findFrom(lines: readonly string[], start: number, pattern: RegExp): number | null {
  for (let index = start; index < lines.length; index += 1) {
    if (pattern.test(lines[index] ?? '')) return index;
  }
  return null;
}

/** The text the segments came from. */
export function renderSegments(segments: readonly Segment[]): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text;
      const [open, middle, close] = segment.markers;
      return open + segment.head + middle + segment.incoming + close;
    })
    .join('');
}

/** True when at least one complete conflict block is there. */
export function hasConflict(text: string): boolean {
  return parseConflicts(text).some((segment) => segment.kind === 'conflict');
}

/**
 * True when some block holds more than whitespace on the target's side, so that keeping only the branch's side would
 * drop somebody's lines (spec 02 §2.5).
 */
export function hasContentfulHead(text: string): boolean {
  return parseConflicts(text).some((segment) => segment.kind === 'conflict' && segment.head.trim() !== '');
}

/** Each block replaced by the branch's side; null when there is no block (spec 02 §2.5, "incoming"). */
export function keepIncoming(text: string): string | null {
  return replaceBlocks(text, (_head, incoming) => incoming);
}

/** Each block replaced by the target's side followed by the branch's; null when there is no block (spec 02 §2.5, "union"). */
export function keepBoth(text: string): string | null {
  return replaceBlocks(text, (head, incoming) => head + incoming);
}

function replaceBlocks(text: string, choose: (head: string, incoming: string) => string): string | null {
  const segments = parseConflicts(text);
  if (!segments.some((segment) => segment.kind === 'conflict')) return null;
  return segments
    .map((segment) => (segment.kind === 'text' ? segment.text : choose(segment.head, segment.incoming)))
    .join('');
}

/**
 * True when some line looks like a conflict marker. A version that has such lines of its own (a heading underlined with
 * seven `=`, a test fixture) cannot be told apart from git's markers, so nobody but a person may resolve it.
 */
export function hasMarkerLine(text: string): boolean {
  return MARKER_LINE.test(text);
}
