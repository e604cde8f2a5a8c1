import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimelineItem, TimelineKind } from '../../../contract/timeline.ts';
import { NOW } from '../../testing/fixtures.ts';
import { buildTimeline, itemAt, type TimelineModel } from './timelineModel.ts';
import { firstSpot, type Spot, type Step, stepFrom, thingAt, thingsOn } from './walkChart.ts';

function item(id: number, agent: string, kind: TimelineKind, seconds: number, more: Partial<TimelineItem> = {}) {
  const made: TimelineItem = {
    id,
    at: new Date(NOW + seconds * 1_000).toISOString(),
    runId: 'run-1',
    agent,
    kind,
    summary: `event ${id}`,
    to: null,
    toolName: null,
    level: 'info',
    durationMs: null,
    state: null,
    ...more,
  };
  return made;
}

/** Three lanes, the middle one empty. */
const ITEMS = [
  item(1, 'lead', 'turnStart', 0),
  item(2, 'lead', 'tool', 2),
  item(3, 'builder', 'turnStart', 3),
  item(4, 'builder', 'tool', 5),
  item(5, 'lead', 'mail', 6, { to: 'builder' }),
  item(6, 'builder', 'merge', 6),
  item(7, 'lead', 'turnEnd', 10),
];
const MODEL = buildTimeline(ITEMS, ['lead', 'idle', 'builder']);

const spotOf = (lane: string, id: number, at: number): Spot => ({ lane, item: id, at: NOW + at * 1_000 });
const idsOn = (model: TimelineModel, lane: number) => thingsOn(model, lane).map((thing) => thing.item.id);

describe('what stands on a lane', () => {
  test('turns, tools, mail at both ends and marks, in the order of time', () => {
    expect(idsOn(MODEL, 0)).toEqual([1, 2, 5]);
    expect(idsOn(MODEL, 1)).toEqual([]);
    expect(idsOn(MODEL, 2)).toEqual([3, 4, 5, 6]);
  });

  test('whatever a pointer finds, keys reach', () => {
    const kinds = fc.constantFrom<TimelineKind>(
      'turnStart',
      'turnEnd',
      'tool',
      'toolEnd',
      'mail',
      'merge',
      'state',
      'note',
    );
    const made = fc.array(fc.tuple(fc.constantFrom('a', 'b'), kinds, fc.nat(20)), { maxLength: 30 });
    fc.assert(
      fc.property(made, fc.constantFrom(0, 1), fc.integer({ min: -2, max: 25 }), (rows, lane, seconds) => {
        const items = rows.map(([agent, kind, at], index) =>
          item(index + 1, agent, kind, at, kind === 'mail' ? { to: agent === 'a' ? 'b' : 'a' } : {}),
        );
        const model = buildTimeline(items, ['a', 'b']);
        const found = itemAt(model, lane, NOW + seconds * 1_000, 500);
        if (found !== null) expect(idsOn(model, lane)).toContain(found.id);
      }),
    );
  });
});

describe('walking', () => {
  test.each<[Spot, Step, Spot]>([
    [spotOf('lead', 1, 0), 'later', spotOf('lead', 2, 2)],
    [spotOf('lead', 2, 2), 'earlier', spotOf('lead', 1, 0)],
    // At an end it stays.
    [spotOf('lead', 1, 0), 'earlier', spotOf('lead', 1, 0)],
    [spotOf('lead', 5, 6), 'later', spotOf('lead', 5, 6)],
    [spotOf('lead', 2, 2), 'up', spotOf('lead', 2, 2)],
    [spotOf('builder', 3, 3), 'down', spotOf('builder', 3, 3)],
    // Over the empty lane to the nearest in time, which is remembered.
    [spotOf('lead', 2, 2), 'down', spotOf('builder', 3, 2)],
    [spotOf('builder', 3, 2), 'up', spotOf('lead', 2, 2)],
    // Along the arrow of a mail, although a merge stands at the same moment.
    [spotOf('lead', 5, 6), 'down', spotOf('builder', 5, 6)],
    [spotOf('builder', 5, 6), 'up', spotOf('lead', 5, 6)],
  ])('from %o %s', (from, step, to) => {
    expect(stepFrom(MODEL, from, step)).toEqual(to);
  });

  test('what is not on the chart any more leads nowhere', () => {
    expect(stepFrom(MODEL, spotOf('gone', 1, 0), 'later')).toBeNull();
    expect(stepFrom(MODEL, spotOf('lead', 99, 0), 'down')).toBeNull();
    expect(thingAt(MODEL, spotOf('lead', 99, 0))).toBeNull();
  });

  test('every thing of a lane is reached, once, from its first to its last', () => {
    const reached = [3];
    let spot = spotOf('builder', 3, 3);
    for (
      let next = stepFrom(MODEL, spot, 'later');
      next !== null && next !== spot;
      next = stepFrom(MODEL, spot, 'later')
    ) {
      reached.push(next.item);
      spot = next;
    }
    expect(reached).toEqual(idsOn(MODEL, 2));
  });
});

describe('where keys begin', () => {
  const chosen = (id: number) => ITEMS.find((made) => made.id === id) ?? null;
  const view = (from: number, until: number) => ({ start: NOW + from * 1_000, end: NOW + until * 1_000 });

  test('at the chosen event when it is drawn', () => {
    expect(firstSpot(MODEL, chosen(4), view(0, 1))).toEqual(spotOf('builder', 4, 5));
  });

  test('else at the last thing in sight, on the first lane that has one', () => {
    expect(firstSpot(MODEL, null, view(0, 3))).toEqual(spotOf('lead', 2, 2));
    expect(firstSpot(MODEL, null, view(3, 5))).toEqual(spotOf('builder', 4, 5));
  });

  test('else at the last one before, else at the first there is', () => {
    expect(firstSpot(MODEL, chosen(7), view(60, 90))).toEqual(spotOf('lead', 5, 6));
    expect(firstSpot(MODEL, null, view(-90, -60))).toEqual(spotOf('lead', 1, 0));
  });

  test('nowhere on an empty chart', () => {
    expect(firstSpot(buildTimeline([], ['lead']), null, view(0, 60))).toBeNull();
  });
});
