import { callEngine } from '../../actions/calls.ts';
import type { Action } from '../../actions/registry.ts';
import { counted } from '../../stores/format.ts';
import type { Room } from '../../stores/room.ts';
import { toCsv } from './costRules.ts';
import { periodInput } from './periods.ts';

function currentRun(room: Room): string | null {
  return room.topics.status.getState().state.value?.runId ?? null;
}

async function copyCsv(room: Room): Promise<void> {
  const { costBy, costPeriod } = room.ui.getState();
  const isRun = room.topics.runs.getState().state.byId[costPeriod] !== undefined;
  const { question } = periodInput(
    isRun ? { run: costPeriod } : { period: costPeriod },
    currentRun(room),
    new Date(room.clock.store.getState().now),
  );
  const answer = await callEngine(room, 'costs.overview', { ...question, by: costBy });
  if (!answer.ok) return;
  const { groups } = answer.value;
  try {
    await navigator.clipboard.writeText(toCsv(costBy, groups));
    room.notices.say('info', `Copied ${counted(groups.length, 'row')} as CSV.`);
  } catch (error) {
    room.notices.say(
      'error',
      `The clipboard cannot be written (${String(error)}): "ov costs --json" has the same figures.`,
    );
  }
}

/** Actions of the Costs screen. */
export const costsActions: readonly Action[] = [
  {
    id: 'costs.copy',
    group: 'Fleet',
    title: () => 'Copy costs as CSV',
    keywords: 'spend money tokens export spreadsheet',
    run: ({ room }) => copyCsv(room),
  },
  {
    id: 'run.pause',
    live: true,
    group: 'Fleet',
    title: () => 'Pause run',
    keywords: 'hold stop turns cap',
    when: ({ room }) => currentRun(room) !== null,
    run: async ({ room }) => {
      const done = await callEngine(room, 'governor.pause', { scope: 'run', paused: true });
      if (done.ok) room.notices.say('info', 'The run is paused: running turns end, no new one starts.');
    },
  },
  {
    id: 'agent.pause',
    live: true,
    group: 'Agent',
    title: ({ agent }) => (agent?.hold?.kind === 'paused' ? 'Resume agent' : 'Pause agent'),
    keywords: 'hold stop turns budget',
    when: ({ agent }) => agent !== null && agent.status !== 'done' && agent.status !== 'dead',
    run: async ({ room, agent }) => {
      if (agent === null) return;
      const paused = agent.hold?.kind !== 'paused';
      const done = await callEngine(room, 'governor.pause', { scope: 'agent', id: agent.name, paused });
      if (done.ok)
        room.notices.say(
          'info',
          paused ? `${agent.name} gets no further turn until it is resumed.` : `${agent.name} goes on.`,
        );
    },
  },
];
