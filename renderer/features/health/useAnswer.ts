import { useCallback, useEffect, useState } from 'react';
import type { RoomContract } from '../../../contract/room.ts';
import type { ProcedureInput, ProcedureOutput } from '../../../contract/wire/definition.ts';
import { useLinkState, useRoom } from '../../stores/hooks.ts';

type ProcedureName = keyof RoomContract['procedures'] & string;

export interface Answer<Value> {
  /** The newest answer; it stays while the next one is on its way. Null before the first. */
  readonly value: Value | null;
  /** One line when the newest question failed. */
  readonly error: string | null;
  readonly asking: boolean;
  /** Asks again now. */
  reload(): void;
}

/**
 * Asks the engine a question and keeps its answer: again when `key` changes, when the connection was made anew, and when
 * told to. For what is looked at and not followed by a topic.
 */
export function useAnswer<N extends ProcedureName>(
  name: N,
  input: ProcedureInput<RoomContract, N>,
  key: string | number | null = null,
  timeoutMs?: number,
): Answer<ProcedureOutput<RoomContract, N>> {
  const room = useRoom();
  const connection = useLinkState((state) => (state.kind === 'online' ? state.connection : null));
  const [round, setRound] = useState(0);
  const [asking, setAsking] = useState(true);
  const [answer, setAnswer] = useState<{
    readonly value: ProcedureOutput<RoomContract, N> | null;
    readonly error: string | null;
  }>({ value: null, error: null });
  const text = JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key`, `connection` and `round` say when to ask again.
  useEffect(() => {
    let over = false;
    setAsking(true);
    const options = timeoutMs === undefined ? undefined : { timeoutMs };
    void room.link.call(name, JSON.parse(text) as ProcedureInput<RoomContract, N>, options).then((asked) => {
      if (over) return;
      setAsking(false);
      setAnswer((former) =>
        asked.ok ? { value: asked.value, error: null } : { value: former.value, error: asked.error.message },
      );
    });
    return () => {
      over = true;
    };
  }, [room, name, text, key, connection, round, timeoutMs]);
  return { ...answer, asking, reload: useCallback(() => setRound((last) => last + 1), []) };
}
