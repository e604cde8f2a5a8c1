import { useEffect, useState } from 'react';
import type { Preflight, SlingRequest } from '../../../contract/agents.ts';
import { useRoom } from '../../stores/hooks.ts';

/** Milliseconds a choice rests before it is asked about: typing a name must not ask at every key. */
const REST_MS = 120;

export interface PreflightAnswer {
  /** Null until the first answer. */
  readonly preflight: Preflight | null;
  /** One line when the question itself could not be answered. */
  readonly error: string | null;
}

const NOTHING: PreflightAnswer = { preflight: null, error: null };

/** Asks the engine what a sling would meet. The former answer stays until the next one is here. */
export function usePreflight(request: SlingRequest): PreflightAnswer {
  const room = useRoom();
  const [answer, setAnswer] = useState(NOTHING);
  const key = JSON.stringify(request);
  useEffect(() => {
    let over = false;
    const timer = setTimeout(async () => {
      const asked = await room.link.call('agents.preflight', JSON.parse(key) as SlingRequest);
      if (over) return;
      setAnswer(asked.ok ? { preflight: asked.value, error: null } : { preflight: null, error: asked.error.message });
    }, REST_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [key, room]);
  return answer;
}
