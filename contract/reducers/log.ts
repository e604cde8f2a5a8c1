import { z } from 'zod';
import type { Topic } from '../wire/definition.ts';

/** The newest rows of something append-only, oldest first. */
export interface Log<Row> {
  readonly items: readonly Row[];
}
export interface LogDelta<Row> {
  readonly append: readonly Row[];
}

/** A topic of rows that only grow in number; it holds the newest `window` of them, older ones are paged by a procedure. */
export function logTopic<Row>(schema: z.ZodType<Row>, window: number): Topic<Log<Row>, LogDelta<Row>> {
  return {
    initial: { items: [] },
    state: z.object({ items: z.array(schema) }),
    delta: z.object({ append: z.array(schema) }),
    reduce(state, delta) {
      if (delta.append.length === 0) return state;
      return { items: [...state.items, ...delta.append].slice(-window) };
    },
    squash(earlier, later) {
      return { append: [...earlier.append, ...later.append].slice(-window) };
    },
  };
}
