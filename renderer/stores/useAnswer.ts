import { useCallback, useEffect, useState } from 'react';
import type { CallError } from '../../contract/result.ts';
import type { RoomContract } from '../../contract/room.ts';
import type { ProcedureInput, ProcedureOutput } from '../../contract/wire/definition.ts';
import { useLinkState, useRoom } from './hooks.ts';
import { sameContent } from './reuse.ts';

type ProcedureName = keyof RoomContract['procedures'] & string;

/** What the engine answered to a question that a screen asks again and again. */
export interface Answer<Value> {
  /** Null until the first answer. The same object as long as the content is the same. */
  readonly value: Value | null;
  /** Why the newest question has no answer; the value before it stays. */
  readonly error: CallError | null;
  /** True while the value is that of another question. */
  readonly stale: boolean;
  readonly busy: boolean;
  /** Asks again now. */
  reload(): void;
  /** Puts a value in place that the engine told in another way, such as the reply to a change. */
  put(value: Value): void;
}

/**
 * Asks the engine for something no topic tells, again whenever the question, the connection or `again` changes, and for
 * nothing while the input is null.
 */
export function useAnswer<N extends ProcedureName>(
  name: N,
  input: ProcedureInput<RoomContract, N> | null,
  again: unknown = null,
): Answer<ProcedureOutput<RoomContract, N>> {
  type Value = ProcedureOutput<RoomContract, N>;
  const room = useRoom();
  const connection = useLinkState((state) => (state.kind === 'online' ? state.connection : null));
  const key = input === null ? null : JSON.stringify(input);
  const [held, setHeld] = useState<{ readonly key: string; readonly value: Value } | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the input; `again` and `asked` say when to ask anew.
  useEffect(() => {
    if (input === null || key === null || connection === null) return;
    const stop = new AbortController();
    setBusy(true);
    void room.link.call(name, input, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setBusy(false);
      setError(answer.ok ? null : answer.error);
      if (!answer.ok) return;
      setHeld((before) =>
        before?.key === key && sameContent(before.value, answer.value) ? before : { key, value: answer.value },
      );
    });
    // What nobody waits for any more is cancelled.
    return () => stop.abort();
  }, [room, name, key, connection, again, asked]);

  return {
    value: held?.value ?? null,
    error,
    stale: held !== null && held.key !== key,
    busy,
    reload: useCallback(() => setAsked((count) => count + 1), []),
    put: useCallback((value: Value) => setHeld((before) => ({ key: before?.key ?? key ?? '', value })), [key]),
  };
}

/** An answer to this very question, for a place that shows nothing of another one. */
export interface FreshAnswer<Value> {
  readonly value: Value | null;
  /** One clear line when there is no answer; null while it is asked for. */
  readonly problem: string | null;
  readonly loading: boolean;
  again(): void;
}

/** As `useAnswer`, without what was answered to another question. */
export function useFreshAnswer<N extends ProcedureName>(
  name: N,
  input: ProcedureInput<RoomContract, N> | null,
  version: unknown = null,
): FreshAnswer<ProcedureOutput<RoomContract, N>> {
  const { value, error, stale, busy, reload } = useAnswer(name, input, version);
  return {
    value: stale || input === null ? null : value,
    problem: busy ? null : (error?.message ?? null),
    loading: busy,
    again: reload,
  };
}
