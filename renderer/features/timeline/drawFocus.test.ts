import { describe, expect, test } from 'vitest';
import { NOW } from '../../testing/fixtures.ts';
import { focusBox } from './drawFocus.ts';
import { buildTimeline, LANE } from './timelineModel.ts';
import { thingsOn } from './walkChart.ts';

const at = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();
const base = {
  runId: null,
  agent: 'a',
  summary: '',
  to: null,
  toolName: null,
  level: 'info',
  durationMs: null,
} as const;
const [turn, tool] = thingsOn(
  buildTimeline(
    [
      { ...base, id: 1, at: at(10), kind: 'turnStart', state: null },
      { ...base, id: 2, at: at(20), kind: 'tool', state: null },
    ],
    ['a'],
  ),
  0,
);
/** A hundred seconds on a thousand pixels, from a number of seconds on. */
const view = (from: number) => ({ start: NOW + from * 1_000, end: NOW + (from + 100) * 1_000 });

describe('the mark of the keys', () => {
  test('frames a running turn up to now, on its lane', () => {
    if (turn === undefined) throw new Error('no turn');
    const box = focusBox(turn, 2, view(0), 1_000, NOW + 50_000);
    expect(box).toMatchObject({ left: 97, width: 406 });
    expect(box?.top).toBeGreaterThan(2 * LANE.height);
  });

  test('of a turn that reaches over an edge, the part in sight', () => {
    if (turn === undefined) throw new Error('no turn');
    expect(focusBox(turn, 0, view(20), 1_000, NOW + 50_000)).toMatchObject({ left: 0, width: 303 });
    expect(focusBox(turn, 0, view(0), 1_000, NOW + 500_000)).toMatchObject({ left: 97, width: 903 });
  });

  test('what is out of sight has none', () => {
    if (turn === undefined || tool === undefined) throw new Error('no things');
    expect(focusBox(turn, 0, view(60), 1_000, NOW + 50_000)).toBeNull();
    expect(focusBox(tool, 0, view(60), 1_000, NOW + 50_000)).toBeNull();
    expect(focusBox(tool, 0, view(0), 1_000, NOW + 50_000)).toMatchObject({ left: 196, width: 8 });
  });
});
