import type { TranscriptItem } from '../../../../contract/transcripts.ts';

/** One line of the transcript as it is read. Which parts are unfolded is the reader's; the rest follows from the items. */
export type TranscriptRow =
  | {
      readonly kind: 'turn';
      readonly item: TranscriptItem;
      readonly end: TranscriptItem | null;
      readonly steps: number;
    }
  | { readonly kind: 'tool'; readonly item: TranscriptItem; readonly result: TranscriptItem | null }
  | { readonly kind: 'text' | 'line'; readonly item: TranscriptItem };

/** What is unfolded: a rule for turns and tools, and the rows that differ from it, by item id. */
export interface Folding {
  readonly turns: boolean;
  readonly tools: boolean;
  readonly except: ReadonlySet<number>;
}

/** Turns open, tools closed: what was said reads on its own, what was done is one line. */
export const FIRST_FOLDING: Folding = { turns: true, tools: false, except: new Set() };

export function isOpen(row: TranscriptRow, folding: Folding): boolean {
  if (row.kind !== 'turn' && row.kind !== 'tool') return false;
  return (row.kind === 'turn' ? folding.turns : folding.tools) !== folding.except.has(row.item.id);
}

/** True for a row that holds something to unfold. */
export function canFold(row: TranscriptRow): boolean {
  if (row.kind === 'turn') return row.steps > 0;
  return row.kind === 'tool' && (row.item.body !== '' || (row.result?.body ?? '') !== '');
}

/** Folds or unfolds one row. */
export function toggled(folding: Folding, id: number): Folding {
  const except = new Set(folding.except);
  if (!except.delete(id)) except.add(id);
  return { ...folding, except };
}

/** The rows in sight, oldest first: what stands in a folded turn is left out. */
export function transcriptRows(items: readonly TranscriptItem[], folding: Folding): readonly TranscriptRow[] {
  const results = new Map<string, TranscriptItem>();
  const calls = new Set<string>();
  for (const item of items) {
    if (item.callId === null) continue;
    if (item.kind === 'result') results.set(item.callId, item);
    else calls.add(item.callId);
  }
  const rows: TranscriptRow[] = [];
  let turn: Extract<TranscriptRow, { kind: 'turn' }> | null = null;
  let hidden = false;
  const place = { turn: -1, steps: 0 };
  const settle = (end: TranscriptItem | null) => {
    if (turn !== null) rows[place.turn] = { ...turn, end: end ?? turn.end, steps: place.steps };
  };
  for (const item of items) {
    if (item.kind === 'turnStart') {
      settle(null);
      turn = { kind: 'turn', item, end: null, steps: 0 };
      place.turn = rows.length;
      place.steps = 0;
      rows.push(turn);
      hidden = !isOpen(turn, folding);
    } else if (item.kind === 'turnEnd' && turn !== null) {
      settle(item);
      turn = null;
      hidden = false;
    } else if (item.kind !== 'result' || item.callId === null || !calls.has(item.callId)) {
      place.steps += 1;
      if (!hidden) rows.push(rowOf(item, results));
    }
  }
  settle(null);
  return rows;
}

function rowOf(item: TranscriptItem, results: ReadonlyMap<string, TranscriptItem>): TranscriptRow {
  if (item.kind === 'tool') {
    return { kind: 'tool', item, result: item.callId === null ? null : (results.get(item.callId) ?? null) };
  }
  return { kind: item.kind === 'text' ? 'text' : 'line', item };
}

/** A row as plain text, for the clipboard. */
export function rowText(row: TranscriptRow): string {
  switch (row.kind) {
    case 'turn':
      return `== ${row.item.title} ==${row.end === null ? '' : ` (${row.end.title})`}`;
    case 'tool':
      return [`> ${row.item.title}`, row.item.body, row.result?.body ?? ''].filter((part) => part !== '').join('\n');
    case 'text':
      return row.item.body;
    case 'line':
      return [row.item.title, row.item.body].filter((part) => part !== '').join('\n');
  }
}

/** Joins what is held with the newest page: items that did not change stay the same objects. Null when there is a gap between them. */
export function joinNewest(
  held: readonly TranscriptItem[],
  page: readonly TranscriptItem[],
  isFirstPage: boolean,
): readonly TranscriptItem[] | null {
  const [oldest] = page;
  const newest = held.at(-1);
  if (oldest === undefined || newest === undefined) return page;
  if (oldest.id > newest.id && !isFirstPage) return null;
  const byId = new Map(held.map((item) => [item.id, item]));
  const joined = [
    ...held.filter((item) => item.id < oldest.id),
    ...page.map((item) => {
      const before = byId.get(item.id);
      // Of a stored row only the duration may change, when a tool call ends.
      return before !== undefined && before.durationMs === item.durationMs ? before : item;
    }),
  ];
  const same = joined.length === held.length && joined.every((item, index) => item === held[index]);
  return same ? held : joined;
}
