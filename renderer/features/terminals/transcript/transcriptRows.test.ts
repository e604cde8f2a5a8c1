import { describe, expect, test } from 'vitest';
import type { TranscriptItem } from '../../../../contract/transcripts.ts';
import { transcriptItem as item } from '../../../testing/fixtures.ts';
import {
  canFold,
  FIRST_FOLDING,
  type Folding,
  isOpen,
  joinNewest,
  rowText,
  toggled,
  transcriptRows,
} from './transcriptRows.ts';

const TURN = [
  item(1, 'turnStart', { title: 'Turn 1' }),
  item(2, 'text', { body: 'I look.' }),
  item(3, 'tool', { callId: 'a', title: 'Read a.ts' }),
  item(4, 'tool', { callId: 'b', title: 'Bash npm test' }),
  item(5, 'result', { callId: 'b', body: '1 failed', failed: true }),
  item(6, 'result', { callId: 'a', body: 'line' }),
  item(7, 'turnEnd', { title: 'turn 1 ended: rests' }),
];
const FOLDED: Folding = { turns: false, tools: false, except: new Set() };

describe('rows of a transcript', () => {
  test('a tool and what it gave back are one row, whatever came between', () => {
    const rows = transcriptRows(TURN, FIRST_FOLDING);
    expect(rows.map((row) => [row.kind, row.item.id, row.kind === 'tool' ? row.result?.id : null])).toEqual([
      ['turn', 1, null],
      ['text', 2, null],
      ['tool', 3, 6],
      ['tool', 4, 5],
    ]);
    expect(rows[0]).toMatchObject({ kind: 'turn', steps: 3, end: { id: 7 } });
  });

  test('a folded turn is one row that still counts its steps', () => {
    const rows = transcriptRows([...TURN, item(8, 'turnStart'), item(9, 'text', { body: 'On.' })], FOLDED);
    expect(rows.map((row) => (row.kind === 'turn' ? [row.item.id, row.steps, row.end?.id ?? null] : row))).toEqual([
      [1, 3, 7],
      [8, 1, null],
    ]);
  });

  test('one row is folded or unfolded against the rule, and back', () => {
    const once = toggled(FIRST_FOLDING, 3);
    const [turn, , tool] = transcriptRows(TURN, once);
    expect(tool !== undefined && isOpen(tool, once)).toBe(true);
    expect(turn !== undefined && isOpen(turn, once)).toBe(true);
    expect(toggled(once, 3)).toEqual(FIRST_FOLDING);
  });

  test('a result whose call is on a page before stands for itself; a call without a result has nothing to unfold', () => {
    const rows = transcriptRows([item(5, 'result', { callId: 'gone', body: 'x' }), item(6, 'tool')], FIRST_FOLDING);
    expect(rows.map((row) => row.kind)).toEqual(['line', 'tool']);
    expect(rows.map(canFold)).toEqual([false, false]);
  });

  test('as text', () =>
    expect(transcriptRows(TURN, FIRST_FOLDING).map(rowText)).toEqual([
      '== Turn 1 == (turn 1 ended: rests)',
      'I look.',
      '> Read a.ts\nline',
      '> Bash npm test\n1 failed',
    ]));
});

describe('joining pages', () => {
  const held = TURN.slice(0, 4);
  test('what is held stays the same objects, and without news the same list', () => {
    const again = held.map((one) => ({ ...one }));
    expect(joinNewest(held, again, false)).toBe(held);
    const more = joinNewest(held, [...again.slice(2), item(5, 'text')], false);
    expect(more?.map((one) => one.id)).toEqual([1, 2, 3, 4, 5]);
    expect(more?.[3]).toBe(held[3]);
  });
  test('a call that has ended meanwhile is a new object', () => {
    const ended = { ...TURN[3], durationMs: 5 } as TranscriptItem;
    expect(joinNewest(held, [ended], false)?.[3]).toBe(ended);
  });
  test('a gap is said, unless the page is the first of all', () => {
    expect(joinNewest(held, [item(9, 'text')], false)).toBeNull();
    expect(joinNewest(held, [item(9, 'text')], true)?.map((one) => one.id)).toEqual([1, 2, 3, 4, 9]);
    expect(joinNewest([], [item(9, 'text')], false)).toHaveLength(1);
  });
});
