import { useEffect, useState } from 'react';
import type { ProjectView } from '../../../contract/projects.ts';
import { useClock, useLinkState, useRoom } from '../../stores/hooks.ts';

/** Milliseconds between two looks at the other projects; they are small files to the engine, and no process is started. */
const LOOK_MS = 5_000;

function isSame(held: readonly ProjectView[] | null, next: readonly ProjectView[]): boolean {
  return held !== null && JSON.stringify(held) === JSON.stringify(next);
}

/**
 * The projects of this machine as the engine lists them, this one first, looked at again while the page is seen. Null
 * until they are known, and where the page may only watch.
 */
export function useProjectList(): readonly ProjectView[] | null {
  const room = useRoom();
  const [list, setList] = useState<readonly ProjectView[] | null>(null);
  const may = useLinkState((state) => state.kind === 'online' && state.scope !== 'read');
  const look = useClock((now) => Math.floor(now / LOOK_MS));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each look of the clock asks again.
  useEffect(() => {
    if (!may) return;
    let gone = false;
    void room.link
      .call('projects.list', {})
      .then((answer) => {
        if (gone || !answer.ok) return;
        const { projects } = answer.value;
        setList((held) => (isSame(held, projects) ? held : projects));
      })
      .catch(() => {
        // The list is a comfort: a call that breaks off is asked again in a moment, and a lost engine is told elsewhere.
      });
    return () => {
      gone = true;
    };
  }, [room, may, look]);
  return list;
}

/** Things that wait for a person in projects other than this one. */
export function waitingElsewhere(list: readonly ProjectView[] | null): number {
  return (list ?? []).reduce((sum, project) => sum + (project.current ? 0 : (project.attention ?? 0)), 0);
}
