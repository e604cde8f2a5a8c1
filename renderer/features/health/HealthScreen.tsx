import type { ReactNode } from 'react';
import { Glyph } from '../../components/Glyph.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { HEALTH_TABS, type HealthTab } from '../../stores/preferences.ts';
import { DoctorTab } from './DoctorTab.tsx';
import { DrillsTab } from './DrillsTab.tsx';
import { EngineTab } from './EngineTab.tsx';
import { LogsTab } from './LogsTab.tsx';
import { WatchdogTab } from './WatchdogTab.tsx';

export const HEALTH_TITLES: Readonly<Record<HealthTab, string>> = {
  watchdog: 'Watchdog',
  engine: 'Engine',
  logs: 'Logs',
  doctor: 'Doctor',
  drills: 'Fire drills',
};

/** Beside the tab while a drill plays. */
const RUNNING = (
  <>
    <Glyph shape="running" /> running
  </>
);

function content(tab: HealthTab): ReactNode {
  switch (tab) {
    case 'watchdog':
      return <WatchdogTab />;
    case 'engine':
      return <EngineTab />;
    case 'logs':
      return <LogsTab />;
    case 'doctor':
      return <DoctorTab />;
    case 'drills':
      return <DrillsTab />;
  }
}

/** What watches the agents, how engine and files are, and rehearsals of what may go wrong. */
export function HealthScreen() {
  const room = useRoom();
  const tab = useUi((state) => state.healthTab);
  const running = useTopic('drills', ({ value }) => value?.current != null);
  return (
    <Tabs
      label="Health"
      tabs={HEALTH_TABS.map((id) => ({
        id,
        title: HEALTH_TITLES[id],
        ...(id === 'drills' && running ? { extra: RUNNING } : {}),
      }))}
      value={tab}
      onChange={(chosen) => room.actions.run(`health.${chosen}`, room)}
    >
      {content(tab)}
    </Tabs>
  );
}
