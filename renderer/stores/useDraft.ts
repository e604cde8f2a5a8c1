import { useEffect, useState } from 'react';
import type { z } from 'zod';
import type { DraftKind } from './drafts.ts';
import { useRoom, useStatus } from './hooks.ts';
import { sameContent } from './reuse.ts';

/** Words of a form that are not sent yet. */
export interface Draft<Value> {
  readonly value: Value;
  change(more: Partial<Value>): void;
  /** Sent or thrown away: the form is empty again, and nothing of it is kept. */
  drop(): void;
}

/**
 * The content of a form, taken up where the person left it, and kept until it is sent or thrown away. The same as `empty`
 * is not kept, and neither is anything under the name null. The project must be known by when the person writes; before that the words are on the page only.
 */
export function useDraft<Value extends object>(
  kind: DraftKind,
  name: string | null,
  schema: z.ZodType<Value>,
  empty: Value,
): Draft<Value> {
  const room = useRoom();
  const project = useStatus((status) => status.project.root);
  const [value, setValue] = useState(() => (name === null ? null : room.drafts.read(schema, kind, name)) ?? empty);
  // A form that was there before the project was known is filled once it is, unless somebody wrote already.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another project brings another draft.
  useEffect(() => {
    const kept = project === null || name === null ? null : room.drafts.read(schema, kind, name);
    if (kept !== null) setValue((before) => (sameContent(before, empty) ? kept : before));
  }, [room, project, kind, name]);
  return {
    value,
    change(more) {
      const next = { ...value, ...more };
      setValue(next);
      if (name !== null) room.drafts.keep(kind, name, sameContent(next, empty) ? null : next);
    },
    drop() {
      setValue(empty);
      if (name !== null) room.drafts.keep(kind, name, null);
    },
  };
}
