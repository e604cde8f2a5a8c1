import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TIMELINE_KINDS, type TimelineItem } from '../../../contract/timeline.ts';
import { agentView, NOW } from '../../testing/fixtures.ts';
import { filterItems, HELD_ITEMS, withNews, withOlder } from './timelineItems.ts';
import { buildTimeline, itemAt, LANE, laneAt, laneMiddle, laneNames, lanesInSight } from './timelineModel.ts';

function item(id: number, more: Partial<TimelineItem> = {}): TimelineItem {
  return {
    id,
    at: new Date(NOW + id * 1_000).toISOString(),
    runId: 'run-1',
    agent: 'mailer',
    kind: 'tool',
    summary: `event ${id}`,
    to: null,
    toolName: null,
    level: 'info',
    durationMs: null,
    state: null,
    ...more,
  };
}

const AGENTS = Object.fromEntries(
  [
    agentView('coordinator', { capability: 'coordinator' }),
    agentView('mailer', { parent: 'coordinator' }),
    agentView('idle', { parent: 'coordinator' }),
  ].map((agent) => [agent.name, agent]),
);

describe('lanes', () => {
  test('the person when mail concerns them, agents as in the tree, then whoever is gone', () => {
    const items = [
      item(1, { agent: 'gone-agent' }),
      item(2),
      item(3, { kind: 'mail', to: 'operator' }),
      item(4, { kind: 'mail', to: '@builders' }),
      item(5, { agent: 'coordinator' }),
    ];
    expect(laneNames(items, AGENTS, null)).toEqual(['operator', 'coordinator', 'mailer', 'gone-agent']);
    expect(laneNames([item(1)], AGENTS, 'run-1')).toEqual(['coordinator', 'idle', 'mailer']);
  });

  test('a height and its lane', () => {
    expect(laneAt(laneMiddle(3), 5)).toBe(3);
    expect([laneAt(-1, 5), laneAt(5 * LANE.height, 5)]).toEqual([null, null]);
    expect(lanesInSight(45, 100, 50)).toEqual([1, 5]);
    expect(lanesInSight(0, 4_000, 3)).toEqual([0, 3]);
  });
});

describe('blocks, ticks, arrows', () => {
  const at = (id: number) => NOW + id * 1_000;
  const build = (...items: TimelineItem[]) => buildTimeline(items, ['coordinator', 'mailer']);
  const turns = (...items: TimelineItem[]) =>
    build(...items).lanes[1]?.turns.map(({ start, end, failed }) => ({ start, end, failed }));

  test.each([
    [
      'a turn',
      [item(1, { kind: 'turnStart' }), item(5, { kind: 'turnEnd' })],
      [{ start: at(1), end: at(5), failed: false }],
    ],
    ['a running turn is open', [item(1, { kind: 'turnStart' })], [{ start: at(1), end: null, failed: false }]],
    [
      'a turn whose end is missing ends with the next one',
      [item(1, { kind: 'turnStart' }), item(4, { kind: 'turnStart' })],
      [
        { start: at(1), end: at(4), failed: false },
        { start: at(4), end: null, failed: false },
      ],
    ],
    [
      'a turn whose start is not here lasts as its end says',
      [item(9, { kind: 'turnEnd', durationMs: 3_000 })],
      [{ start: at(6), end: at(9), failed: false }],
    ],
    [
      'a failed turn',
      [item(1, { kind: 'turnStart' }), item(2, { kind: 'turnEnd', level: 'error' })],
      [{ start: at(1), end: at(2), failed: true }],
    ],
  ])('%s', (_, items, wanted) => expect(turns(...items)).toEqual(wanted));

  test('tools are ticks, failures and merges marks, states follow each other', () => {
    const lane = build(
      item(1, { kind: 'state', state: 'booting' }),
      item(2),
      item(3, { kind: 'toolEnd' }),
      item(4, { kind: 'toolEnd', level: 'error' }),
      item(5, { kind: 'merge' }),
      item(6, { kind: 'state', state: 'completed' }),
      item(7, { kind: 'text' }),
    ).lanes[1];
    expect(lane?.tools.map((tick) => tick.at)).toEqual([at(2)]);
    expect(lane?.marks.map((mark) => mark.kind)).toEqual(['state', 'error', 'merge', 'state']);
    expect(lane?.states).toEqual([
      { start: at(1), end: at(6), state: 'booting' },
      { start: at(6), end: null, state: 'completed' },
    ]);
  });

  test('mail is an arrow between two lanes, and none to a group or to oneself', () => {
    const { mails } = build(
      item(1, { kind: 'mail', to: 'coordinator' }),
      item(2, { kind: 'mail', to: '@all' }),
      item(3, { kind: 'mail', to: 'mailer' }),
    );
    expect(mails.map(({ from, to }) => [from, to])).toEqual([[1, 0]]);
  });

  test('what is under the pointer: marks before ticks before turns, the nearest first', () => {
    const model = build(
      item(0, { kind: 'turnStart' }),
      item(10),
      item(12),
      item(20, { kind: 'merge' }),
      item(30, { kind: 'turnEnd' }),
    );
    const hit = (seconds: number) => itemAt(model, 1, at(seconds), 1_500)?.id ?? null;
    expect([hit(5), hit(10.4), hit(11.8), hit(19), hit(40)]).toEqual([0, 10, 12, 20, null]);
    expect(itemAt(model, 9, at(10), 1_500)).toBeNull();
  });

  test('whatever comes, nothing lasts a negative time, nothing is lost or drawn twice', () => {
    const kinds = fc.constantFrom(...TIMELINE_KINDS);
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, fc.boolean(), fc.nat(5_000))), (steps) => {
        const items = steps.map(([kind, wrong, durationMs], id) =>
          item(id + 1, {
            kind,
            level: wrong ? 'error' : 'info',
            durationMs,
            state: kind === 'state' ? 'working' : null,
          }),
        );
        const lane = buildTimeline(items, ['mailer']).lanes[0];
        const starts = items.filter(({ kind }) => kind === 'turnStart').length;
        expect(lane?.turns.filter((turn) => turn.item.kind === 'turnStart')).toHaveLength(starts);
        expect(lane?.tools).toHaveLength(items.filter(({ kind }) => kind === 'tool').length);
        for (const turn of lane?.turns ?? []) expect(turn.end ?? turn.start).toBeGreaterThanOrEqual(turn.start);
        expect((lane?.turns ?? []).filter((turn) => turn.end === null).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('items', () => {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => item(from + index));
  const ids = (items: readonly TimelineItem[]) => items.map(({ id }) => id);

  test.each([
    ['the first window', [], [3, 5], [3, 4, 5]],
    ['news after what is held', [1, 4], [3, 6], [1, 2, 3, 4, 5, 6]],
    ['a window that just continues', [1, 2], [3, 4], [1, 2, 3, 4]],
    ['a window after a gap replaces', [1, 2], [8, 9], [8, 9]],
    ['a window of another history replaces', [7, 9], [1, 2], [1, 2]],
  ] as const)('%s', (_, held, window, wanted) => {
    const before = held.length === 0 ? [] : range(held[0], held[1]);
    expect(ids(withNews(before, range(window[0], window[1])))).toEqual(wanted);
  });

  test('nothing new is the very same list', () => {
    const held = range(1, 5);
    expect(withNews(held, range(3, 5))).toBe(held);
    expect(withNews(held, [])).toBe(held);
    expect(withOlder(held, range(2, 4))).toBe(held);
  });

  test('older pages come before, whatever their order, each item once', () => {
    expect(ids(withOlder(range(5, 6), [item(4), item(3), item(5)]))).toEqual([3, 4, 5, 6]);
  });

  test('what is held is bounded', () => {
    const held = range(1, HELD_ITEMS);
    const next = withNews(held, [item(HELD_ITEMS), item(HELD_ITEMS + 1)]);
    expect([next.length, next[0]?.id]).toEqual([HELD_ITEMS, 2]);
  });

  test('run and stretch of time filter', () => {
    const items = [item(1), item(2, { runId: 'run-2' }), item(3)];
    expect(ids(filterItems(items, 'run-1', null))).toEqual([1, 3]);
    expect(ids(filterItems(items, null, { start: NOW + 1_500, end: NOW + 3_000 }))).toEqual([2, 3]);
    expect(filterItems(items, null, null)).toBe(items);
  });
});
