import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { COST_GROUPS, type CostGroup, type CostGrouping, type CostOverview } from '../../../contract/costs.ts';
import { inspectAgent, selectAgent } from '../../actions/navigation.ts';
import { Button } from '../../components/Button.tsx';
import { type DataColumn, type DataSort, DataTable } from '../../components/DataTable.tsx';
import { TextInput } from '../../components/Field.tsx';
import { Section } from '../../components/Section.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom, useUi } from '../../stores/hooks.ts';
import styles from './Costs.module.css';
import { cacheOf, costWords, filterGroups, GROUP_WORDS, missingWords, shortCount, sourceWords } from './costRules.ts';

const GROUP_OPTIONS = COST_GROUPS.map((value) => ({ value, label: GROUP_WORDS[value] }));
/** Pixels; most rows shown before the table scrolls by itself. */
const ROW = 30;
const MOST_ROWS = 16;

const text = (value: string | null) =>
  value === null ? (
    <span className={styles.faint}>several</span>
  ) : value === '' ? (
    <span className={styles.faint}>–</span>
  ) : (
    <Line text={value} title />
  );
const number = (read: (group: CostGroup) => number) => ({
  numeric: true,
  cell: (group: CostGroup) => <span title={read(group).toLocaleString('en')}>{shortCount(read(group))}</span>,
  compare: (one: CostGroup, other: CostGroup) => read(one) - read(other),
});
const words = (read: (group: CostGroup) => string | null) => ({
  quiet: true,
  cell: (group: CostGroup) => text(read(group)),
  compare: (one: CostGroup, other: CostGroup) => (read(one) ?? '').localeCompare(read(other) ?? ''),
});

function columnsOf(by: CostGrouping): readonly DataColumn<CostGroup>[] {
  const columns: (DataColumn<CostGroup> | null)[] = [
    {
      id: 'name',
      title: GROUP_WORDS[by],
      width: 'minmax(96px, 1.4fr)',
      cell: (group) =>
        group.key === '' ? (
          <span className={styles.faint}>not told</span>
        ) : (
          <Line text={group.key} className={styles.strong} title />
        ),
      compare: (one, other) => one.key.localeCompare(other.key),
    },
    by === 'agent' || by === 'task'
      ? { id: 'role', title: 'role', width: 'minmax(52px, 0.7fr)', ...words((group) => group.capability) }
      : null,
    by === 'model'
      ? { id: 'runtime', title: 'runtime', width: 'minmax(52px, 0.7fr)', ...words((group) => group.runtime) }
      : { id: 'model', title: 'model', width: 'minmax(48px, 1fr)', ...words((group) => group.model) },
    by === 'agent'
      ? null
      : { id: 'agents', title: 'agents', width: 'minmax(44px, 50px)', ...number((group) => group.agents) },
    { id: 'turns', title: 'turns', width: '46px', ...number((group) => group.turns) },
    { id: 'input', title: 'input', width: 'minmax(48px, 54px)', ...number((group) => group.inputTokens) },
    { id: 'output', title: 'output', width: 'minmax(48px, 54px)', ...number((group) => group.outputTokens) },
    { id: 'cache', title: 'cache', width: 'minmax(48px, 54px)', ...number(cacheOf) },
    {
      id: 'cost',
      title: 'cost $',
      width: 'minmax(68px, 88px)',
      numeric: true,
      cell: (group) => (
        <span title={[sourceWords(group), missingWords(group)].filter((part) => part !== null).join('; ')}>
          {costWords(group)}
        </span>
      ),
      compare: (one, other) => (one.usd ?? -1) - (other.usd ?? -1),
    },
  ];
  return columns.filter((column) => column !== null);
}
const COLUMNS: Readonly<Record<CostGrouping, readonly DataColumn<CostGroup>[]>> = {
  agent: columnsOf('agent'),
  task: columnsOf('task'),
  capability: columnsOf('capability'),
  model: columnsOf('model'),
  runtime: columnsOf('runtime'),
  run: columnsOf('run'),
};

const keyOf = (group: CostGroup): string => group.key;

/** The turns of the period summed up by what the person chooses; sorted, filtered and copied from here. */
export function CostTable({ overview, by }: { readonly overview: CostOverview; readonly by: CostGrouping }) {
  const room = useRoom();
  const sort = useUi((state) => state.costSort);
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed);
  const [chosen, setChosen] = useState<string | null>(null);
  const groups = useMemo(() => filterGroups(overview.groups, wanted), [overview.groups, wanted]);
  const onSort = useCallback((costSort: DataSort) => room.ui.setState({ costSort }), [room]);
  const onSelect = useCallback(
    (key: string) => {
      setChosen(key);
      if (by === 'agent' && room.topics.agents.getState().state.byId[key] !== undefined) selectAgent(room, key);
    },
    [room, by],
  );
  const onOpen = useCallback(
    (key: string) => {
      if (by === 'agent') inspectAgent(room, key);
      else if (by === 'run' && key !== '') room.ui.setState({ costPeriod: key, costBy: 'agent' });
    },
    [room, by],
  );
  const { moreGroups } = overview;
  return (
    <Section
      title="By"
      className={styles.tablePart}
      actions={
        <>
          <TextInput
            type="search"
            aria-label="Filter rows"
            placeholder="filter"
            className={styles.filter}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button small onClick={() => room.actions.run('costs.copy', room)}>
            Copy as CSV
          </Button>
        </>
      }
      count={
        <Segmented
          label="Sum up by"
          options={GROUP_OPTIONS}
          value={by}
          onChange={(costBy) => {
            setChosen(null);
            room.ui.setState({ costBy });
          }}
        />
      }
    >
      <div
        className={styles.tableFrame}
        style={{ height: `${(Math.min(Math.max(groups.length, 2), MOST_ROWS) + 1) * ROW + 4}px` }}
      >
        <DataTable
          label="Costs"
          rows={groups}
          columns={COLUMNS[by]}
          keyOf={keyOf}
          sort={sort}
          selected={chosen}
          onSort={onSort}
          onSelect={onSelect}
          onOpen={onOpen}
          empty={
            <p className={styles.none}>
              {wanted.trim() === '' ? 'Nothing was used in this period.' : 'No row fits the filter.'}
            </p>
          }
        />
      </div>
      {moreGroups === 0 ? null : (
        <p className={styles.faint}>{counted(moreGroups, 'row')} more, each cheaper than these.</p>
      )}
    </Section>
  );
}
