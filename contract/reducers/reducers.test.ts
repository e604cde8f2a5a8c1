import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Topic } from '../wire/definition.ts';
import { type Collection, collectionTopic } from './collection.ts';
import { logTopic } from './log.ts';
import { valueTopic } from './value.ts';

const Row = z.object({ id: z.string(), n: z.number() });
const rows = collectionTopic(Row, (row) => row.id);
const lines = logTopic(z.number(), 5);
const single = valueTopic(z.string());

// Few keys, so that deltas meet each other.
const key = fc.constantFrom('a', 'b', 'c', 'd');
const row = fc.record({ id: key, n: fc.integer() });
const collectionDelta = fc.record({ put: fc.array(row, { maxLength: 4 }), remove: fc.array(key, { maxLength: 4 }) });
const logDelta = fc.record({ append: fc.array(fc.integer(), { maxLength: 9 }) });
const valueDelta = fc.record({ value: fc.constantFrom('x', 'y', 'z') });

function fold<State, Delta>(topic: Topic<State, Delta>, deltas: readonly Delta[]): State {
  return deltas.reduce((state, delta) => topic.reduce(state, delta), topic.initial);
}

function laws<State, Delta>(name: string, topic: Topic<State, Delta>, delta: fc.Arbitrary<Delta>): void {
  describe(`laws of ${name}`, () => {
    it('a squashed pair has the effect of the pair', () => {
      fc.assert(
        fc.property(fc.array(delta), delta, delta, (before, earlier, later) => {
          const start = fold(topic, before);
          const apart = topic.reduce(topic.reduce(start, earlier), later);
          expect(topic.reduce(start, topic.squash(earlier, later))).toEqual(apart);
        }),
      );
    });
    it('any way of joining a sequence folds to the same state', () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(delta, fc.boolean()), { minLength: 1 }), (steps) => {
          const joined: Delta[] = [];
          for (const [next, join] of steps) {
            const last = joined.at(-1);
            if (join && last !== undefined) joined[joined.length - 1] = topic.squash(last, next);
            else joined.push(next);
          }
          const all = steps.map(([next]) => next);
          expect(fold(topic, joined)).toEqual(fold(topic, all));
        }),
      );
    });
    it('deltas and states survive JSON and pass their schemas', () => {
      fc.assert(
        fc.property(fc.array(delta), (deltas) => {
          const travelled = deltas.map((each) => topic.delta.parse(JSON.parse(JSON.stringify(each))));
          const state = fold(topic, travelled);
          expect(state).toEqual(fold(topic, deltas));
          expect(topic.state.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
        }),
      );
    });
    it('never changes the state or the deltas it is given', () => {
      fc.assert(
        fc.property(fc.array(delta), delta, delta, (before, earlier, later) => {
          const start = fold(topic, before);
          const seen = JSON.stringify([start, earlier, later]);
          topic.reduce(topic.reduce(start, earlier), later);
          topic.squash(earlier, later);
          expect(JSON.stringify([start, earlier, later])).toBe(seen);
        }),
      );
    });
  });
}

laws('a collection', rows, collectionDelta);
laws('a log', lines, logDelta);
laws('a value', single, valueDelta);

describe('a collection', () => {
  it('folds to what a map of the same steps holds', () => {
    fc.assert(
      fc.property(fc.array(collectionDelta), (deltas) => {
        const model = new Map<string, { id: string; n: number }>();
        for (const delta of deltas) {
          for (const gone of delta.remove) model.delete(gone);
          for (const put of delta.put) model.set(put.id, put);
        }
        expect(fold(rows, deltas).byId).toEqual(Object.fromEntries(model));
      }),
    );
  });
  it('keeps the reference when nothing changes', () => {
    const state: Collection<z.infer<typeof Row>> = { byId: { a: { id: 'a', n: 1 } } };
    expect(rows.reduce(state, { put: [], remove: [] })).toBe(state);
    expect(rows.reduce(state, { put: [], remove: ['unknown'] })).toBe(state);
  });
  it('keeps the rows it does not touch by reference', () => {
    const start = rows.reduce(rows.initial, { put: [{ id: 'a', n: 1 }], remove: [] });
    const next = rows.reduce(start, { put: [{ id: 'b', n: 2 }], remove: [] });
    expect(next.byId.a).toBe(start.byId.a);
  });
});

describe('a log', () => {
  it('holds the newest rows up to its window', () => {
    fc.assert(
      fc.property(fc.array(logDelta), (deltas) => {
        expect(fold(lines, deltas).items).toEqual(deltas.flatMap((delta) => delta.append).slice(-5));
      }),
    );
  });
  it('keeps the reference when nothing is appended', () => {
    const state = { items: [1, 2] };
    expect(lines.reduce(state, { append: [] })).toBe(state);
  });
});

describe('a value', () => {
  it('is the last one put, null before the first', () => {
    fc.assert(
      fc.property(fc.array(valueDelta), (deltas) => {
        expect(fold(single, deltas).value).toBe(deltas.at(-1)?.value ?? null);
      }),
    );
  });
  it('keeps the reference when the same value comes again', () => {
    const state = { value: 'x' };
    expect(single.reduce(state, { value: 'x' })).toBe(state);
  });
});
