import { z } from 'zod';
import type { Topic } from '../wire/definition.ts';

/** A single value, null until the server has one. */
export interface Value<Content> {
  readonly value: Content | null;
}
export interface ValueDelta<Content> {
  readonly value: Content;
}

/** A topic of one value that is replaced as a whole. */
export function valueTopic<Content>(schema: z.ZodType<Content>): Topic<Value<Content>, ValueDelta<Content>> {
  return {
    initial: { value: null },
    state: z.object({ value: schema.nullable() }),
    delta: z.object({ value: schema }) as unknown as z.ZodType<ValueDelta<Content>>,
    reduce(state, delta) {
      return state.value === delta.value ? state : { value: delta.value };
    },
    squash(_earlier, later) {
      return later;
    },
  };
}
