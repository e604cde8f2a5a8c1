import type { ReactNode } from 'react';
import { Button, useInReplay } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { HEALTH_TABS, type HealthTab } from '../../stores/preferences.ts';
import { DoctorTab } from './DoctorTab.tsx';
import { DrillsTab } from './DrillsTab.tsx';
import { EngineTab } from './EngineTab.tsx';
import { LogsTab } from './LogsTab.tsx';
import { WatchdogThen } from './PastWatchdogTab.tsx';
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

/** Why a part says nothing of the past, in one line each. */
const NO_PAST: Readonly<Record<Exclude<HealthTab, 'watchdog'>, string>> = {
  engine: 'The figures of engine, terminal host and stores are not recorded.',
  logs: 'Logs are read as they are now; live they reach back as far as they are kept.',
  doctor: 'The doctor looks at the project as it is now.',
  drills: 'Fire drills run in sandboxes of their own and are not recorded.',
};

/** A part at a moment of the past: the watchdog as it was, of the others a line. */
function Past({ tab }: { readonly tab: HealthTab }) {
  const room = useRoom();
  if (tab === 'watchdog') return <WatchdogThen />;
  return (
    <EmptyState title={`${HEALTH_TITLES[tab]}: no past`} text={NO_PAST[tab]}>
      <Button onClick={() => room.actions.run('replay.goLive', room)}>Go live</Button>
    </EmptyState>
  );
}

/** What watches the agents, how engine and files are, and rehearsals of what may go wrong. */
export function HealthScreen() {
  const room = useRoom();
  const past = useInReplay();
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
      {past ? <Past tab={tab} /> : content(tab)}
    </Tabs>
  );
}
