import { DRILL_KINDS } from '../../../contract/drills.ts';
import { callEngine } from '../../actions/calls.ts';
import type { Action } from '../../actions/registry.ts';
import { HEALTH_TABS, type HealthTab } from '../../stores/preferences.ts';
import type { Room } from '../../stores/room.ts';
import { DRILL_TITLES } from './healthWords.ts';

const TAB_ACTIONS: Readonly<Record<HealthTab, { readonly title: string; readonly keywords: string }>> = {
  watchdog: { title: 'Health: watchdog', keywords: 'policy rules shadow live off thresholds limits verdicts' },
  engine: { title: 'Health: engine', keywords: 'memory loop delay stores lease pty host' },
  logs: { title: 'Health: logs', keywords: 'errors warnings search follow' },
  doctor: { title: 'Health: doctor', keywords: 'look project check fix repair' },
  drills: { title: 'Health: fire drills', keywords: 'rehearse crash quota recovery' },
};

function showTab(room: Room, healthTab: HealthTab): void {
  room.ui.setState({ screen: 'health', healthTab });
}

function drillRuns(room: Room): boolean {
  return room.topics.drills.getState().state.value?.current != null;
}

/** What can be done about health from everywhere. */
export const healthActions: readonly Action[] = [
  ...HEALTH_TABS.map(
    (tab): Action => ({
      id: `health.${tab}`,
      group: 'Health',
      title: () => TAB_ACTIONS[tab].title,
      keywords: TAB_ACTIONS[tab].keywords,
      run: ({ room }) => showTab(room, tab),
    }),
  ),
  ...DRILL_KINDS.map(
    (kind): Action => ({
      id: `drill.${kind}`,
      live: true,
      group: 'Health',
      title: () => `Fire drill: ${DRILL_TITLES[kind].title.toLowerCase()}`,
      keywords: 'rehearse sandbox recovery',
      when: ({ room }) => !drillRuns(room),
      run: async ({ room }) => {
        const started = await callEngine(room, 'drills.start', { kind });
        if (started.ok) showTab(room, 'drills');
      },
    }),
  ),
  {
    id: 'drill.cancel',
    live: true,
    group: 'Health',
    title: () => 'Cancel the fire drill',
    when: ({ room }) => drillRuns(room),
    run: async ({ room }) => {
      await callEngine(room, 'drills.cancel', {});
    },
  },
];
