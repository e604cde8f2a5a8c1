import { useEffect } from 'react';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import { markAgentRow, PANEL_OF, wireAgentDropTargets } from './agentDropTargets.ts';
import { openSling } from './boardDialogs.tsx';
import type { DropPlace } from './boardRules.ts';
import { boardStore, moveTask, tasksOf } from './boardStore.ts';
import { placeData, watchDrags } from './dragTasks.ts';
import { PreflightPanel } from './PreflightPanel.tsx';
import { slingRequest, slingTarget } from './slingTarget.ts';

/**
 * Milliseconds the pointer rests on an agent before its preflight opens under it: the rows below move down then, which
 * must not happen under a pointer that is only passing.
 */
const REST_MS = 160;

function samePlace(left: DropPlace | null, right: DropPlace | null): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function openPreflight(room: Room, taskId: string, name: string): void {
  const agents = room.topics.agents.getState().state.byId;
  const task = tasksOf(room)[taskId];
  if (task === undefined || agents[name] === undefined) return;
  const target = slingTarget({ kind: 'agent', name }, agents);
  const request = slingRequest({ ...target, taskId, name: '', files: task.files }, agents);
  room.slots.underAgent.setState({
    agent: name,
    content: (
      <div {...{ [PANEL_OF]: name }}>
        <PreflightPanel request={request} />
      </div>
    ),
  });
}

/** Carries out drags of cards while the board is mounted: marks targets, opens preflights, moves or slings at the drop. */
export function useTaskDrag(): void {
  const room = useRoom();
  useEffect(() => {
    // Cards of the past cannot be taken.
    if (room.replay !== null) return;
    const store = boardStore(room);
    let unwire = () => {};
    let rest: ReturnType<typeof setTimeout> | null = null;
    let resting: string | null = null;
    const stopRest = () => {
      if (rest !== null) clearTimeout(rest);
      rest = null;
      resting = null;
    };
    const end = () => {
      stopRest();
      unwire();
      unwire = () => {};
      store.setState({ dragging: null, over: null });
      room.slots.underAgent.setState({ agent: null, content: null });
    };
    const over = (place: DropPlace | null) => {
      if (samePlace(store.getState().over, place)) return;
      store.setState({ over: place });
      const agent = place?.kind === 'agent' ? place.name : null;
      markAgentRow(document, agent);
      if (agent === resting) return;
      stopRest();
      const { dragging } = store.getState();
      if (agent === null) {
        // Outside of every list of agents nothing is under the panel any more.
        room.slots.underAgent.setState({ agent: null, content: null });
      } else if (dragging !== null && room.slots.underAgent.getState().agent !== agent) {
        resting = agent;
        rest = setTimeout(() => {
          rest = null;
          resting = null;
          openPreflight(room, dragging, agent);
        }, REST_MS);
      }
    };
    const stopWatching = watchDrags({
      start(id) {
        store.setState({ dragging: id, current: id });
        unwire = wireAgentDropTargets(document, (name) => placeData(name === null ? null : { kind: 'agent', name }));
      },
      over,
      drop(id, place) {
        end();
        if (place === null) return;
        if (place.kind === 'column') {
          void moveTask(room, id, place);
          store.setState({ focus: id });
        } else {
          // The card first, so that the sheet gives the focus back to it.
          document.querySelector<HTMLElement>(`[data-task="${CSS.escape(id)}"]`)?.focus();
          openSling(room, id, place);
        }
      },
    });
    return () => {
      stopWatching();
      end();
    };
  }, [room]);
}
