import { z } from 'zod';
import type { Topic } from '../wire/definition.ts';

/** Rows by key. */
export interface Collection<Row> {
  readonly byId: Readonly<Record<string, Row>>;
}
export interface CollectionDelta<Row> {
  readonly put: readonly Row[];
  readonly remove: readonly string[];
}

/** A topic of rows that come, change and go; `keyOf` names a row. Deltas carry whole rows, so applying one twice is harmless. */
export function collectionTopic<Row>(
  schema: z.ZodType<Row>,
  keyOf: (row: Row) => string,
): Topic<Collection<Row>, CollectionDelta<Row>> {
  return {
    initial: { byId: {} },
    state: z.object({ byId: z.record(z.string(), schema) }),
    delta: z.object({ put: z.array(schema), remove: z.array(z.string()) }),
    reduce(state, delta) {
      const removed = delta.remove.filter((key) => Object.hasOwn(state.byId, key));
      if (delta.put.length === 0 && removed.length === 0) return state;
      const byId: Record<string, Row> = { ...state.byId };
      for (const key of removed) delete byId[key];
      for (const row of delta.put) byId[keyOf(row)] = row;
      return { byId };
    },
    squash(earlier, later) {
      const put = new Map(earlier.put.map((row) => [keyOf(row), row] as const));
      const remove = new Set(earlier.remove);
      for (const key of later.remove) {
        put.delete(key);
        remove.add(key);
      }
      // `reduce` removes before it puts, so a key may stay in `remove` when a later delta puts it back.
      for (const row of later.put) put.set(keyOf(row), row);
      return { put: [...put.values()], remove: [...remove] };
    },
  };
}
