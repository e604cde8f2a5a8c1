import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useRoom } from '../stores/hooks.ts';
import type { LiveTerminal, ViewWishes } from './liveTerminal.ts';
import { roomTerminals } from './roomTerminals.ts';
import type { TerminalPool } from './terminalPool.ts';

/** Shows the live terminal of an id in `place` while the component is mounted; null until xterm is loaded. */
export function useLiveTerminal(
  id: string,
  place: RefObject<HTMLElement | null>,
  wishes: ViewWishes,
): LiveTerminal | null {
  const room = useRoom();
  const [pool, setPool] = useState<TerminalPool<LiveTerminal> | null>(null);
  const [live, setLive] = useState<LiveTerminal | null>(null);
  const latest = useRef(wishes);

  useEffect(() => {
    let over = false;
    void roomTerminals(room).then((loaded) => {
      if (!over) setPool(loaded);
    });
    return () => {
      over = true;
    };
  }, [room]);

  useLayoutEffect(() => {
    latest.current = wishes;
    live?.wish(wishes);
  });

  // Before the paint, so that a terminal that is still live is in the very first frame.
  useLayoutEffect(() => {
    const element = place.current;
    if (pool === null || element === null) return;
    const shown = pool.acquire(id);
    shown.mount(element, latest.current);
    setLive(shown);
    return () => {
      shown.unmount();
      setLive(null);
      pool.release(id);
    };
  }, [pool, id, place]);

  return live;
}
