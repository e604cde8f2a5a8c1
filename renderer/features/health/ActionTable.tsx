import { useCallback, useState } from 'react';
import type { WatchdogAction } from '../../../contract/evidence.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { Age } from '../../components/Age.tsx';
import { Badge } from '../../components/Badge.tsx';
import { cx } from '../../components/cx.ts';
import { type DataColumn, DataTable } from '../../components/DataTable.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom } from '../../stores/hooks.ts';
import styles from './Health.module.css';
import { MODE_TITLES } from './healthWords.ts';

const ACTION_COLUMNS: readonly DataColumn<WatchdogAction>[] = [
  { id: 'at', title: 'Ago', width: '52px', numeric: true, quiet: true, cell: (row) => <Age at={row.at} /> },
  {
    id: 'agent',
    title: 'Agent',
    width: 'minmax(90px, 150px)',
    cell: (row) => <Line text={row.agentName} title />,
  },
  {
    id: 'mode',
    title: 'Mode',
    width: '64px',
    cell: (row) => <Badge tone={row.mode === 'live' ? 'info' : 'plain'}>{MODE_TITLES[row.mode].toLowerCase()}</Badge>,
  },
  {
    id: 'what',
    title: 'Did, or would have done',
    width: 'minmax(150px, 1.6fr)',
    cell: (row) => (
      <>
        {row.mode === 'shadow' ? <span className={styles.shadowed}>would have </span> : null}
        <Line text={row.action} title />
      </>
    ),
  },
  {
    id: 'why',
    title: 'Because',
    width: 'minmax(120px, 2fr)',
    quiet: true,
    cell: (row) => <Line text={row.reason} title />,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    width: 'minmax(64px, 1fr)',
    quiet: true,
    cell: (row) => <Line text={row.mode === 'shadow' ? 'nothing was done' : (row.outcome ?? 'under way')} title />,
  },
];
const keyOfAction = (row: WatchdogAction): string => String(row.id);

/** What the watchdog did, or would have done; a row opens the why of its agent. */
export function ActionTable({ actions }: { readonly actions: readonly WatchdogAction[] }) {
  const room = useRoom();
  const [chosen, setChosen] = useState<string | null>(null);
  const onSelect = useCallback(
    (key: string) => {
      setChosen(key);
      const action = actions.find((row) => keyOfAction(row) === key);
      if (action !== undefined && room.topics.agents.getState().state.byId[action.agentName] !== undefined)
        inspectAgent(room, action.agentName);
    },
    [room, actions],
  );
  return (
    <section
      className={cx(styles.lower, actions.length === 0 && styles.lowerEmpty)}
      aria-label="What the watchdog did lately"
    >
      <h2 className={styles.lowerTitle}>
        Lately{' '}
        <span className={cx(styles.faint, styles.lowerNote)}>
          the last day, or the newest few · a row opens the agent's why
        </span>
      </h2>
      <DataTable
        label="What the watchdog did"
        rows={actions}
        columns={ACTION_COLUMNS}
        keyOf={keyOfAction}
        selected={chosen}
        onSelect={onSelect}
        empty={<p className={styles.nothing}>Nothing yet: the watchdog has neither acted nor recorded anything.</p>}
      />
    </section>
  );
}
