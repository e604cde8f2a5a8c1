import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, memo } from 'react';
import { inspectAgent, selectAgent } from '../../actions/navigation.ts';
import { Age } from '../../components/Age.tsx';
import { cx } from '../../components/cx.ts';
import { ContextMenu } from '../../components/Menu.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line, Name } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { dollars } from '../../stores/format.ts';
import { useAgent, useAgentKnown, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { AgentMenu } from '../frame/AgentMenu.tsx';
import styles from './FleetTable.module.css';
import { FLEET_COLUMNS, NUMBER_COLUMNS, nextSort, selectFleet } from './fleetColumns.ts';

const ROW_HEIGHT = 30;
const rowId = (name: string) => `fleet-row-${name}`;

/** What a row says of its agent: its news render this and not the row, whose menu costs far more. */
const FleetCells = memo(function FleetCells({ name }: { readonly name: string }) {
  const agent = useAgent(name);
  if (agent === undefined) return null;
  return (
    <>
      <span role="gridcell" className={styles.state}>
        <StatusMark status={agent.status} word />
      </span>
      <span role="gridcell" className={styles.agent}>
        <Name text={agent.name} />
      </span>
      <span role="gridcell" className={styles.role}>
        {agent.capability}
      </span>
      <span role="gridcell" className={styles.task}>
        <Line text={agent.taskId} title />
      </span>
      <span role="gridcell" className={styles.activity}>
        <Line text={agent.activity} title />
      </span>
      <span role="gridcell" className={styles.turns}>
        {agent.turnCount}
      </span>
      <span role="gridcell" className={styles.unread}>
        {agent.unreadMail === 0 ? '' : agent.unreadMail}
      </span>
      <span role="gridcell" className={styles.cost}>
        {dollars(agent.costUsd)}
      </span>
      <span role="gridcell" className={styles.age}>
        <Age at={agent.lastEvidenceAt} />
      </span>
    </>
  );
});

const FleetRow = memo(function FleetRow({ name, index }: { readonly name: string; readonly index: number }) {
  const room = useRoom();
  const known = useAgentKnown(name);
  const selected = useUi((state) => state.selectedAgent === name);
  if (!known) return null;
  return (
    <ContextMenu
      target={
        <div
          id={rowId(name)}
          role="row"
          aria-rowindex={index + 2}
          aria-selected={selected}
          data-drop-agent={name}
          className={cx(styles.row, selected && styles.selected)}
          onClick={() => inspectAgent(room, name)}
          onDoubleClick={() => room.actions.run('agent.openTerminal', room, name)}
        >
          <FleetCells name={name} />
        </div>
      }
    >
      <AgentMenu agent={name} />
    </ContextMenu>
  );
});

function Headings() {
  const { ui } = useRoom();
  const sort = useUi((state) => state.fleetSort);
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  return (
    <div role="row" className={cx(styles.row, styles.headings)} aria-rowindex={1}>
      {FLEET_COLUMNS.map((column) => {
        const sorted = sort.column === column;
        return (
          <span
            key={column}
            role="columnheader"
            aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
            className={cx(styles[column], NUMBER_COLUMNS.has(column) && styles.numeric)}
          >
            <button
              type="button"
              className={styles.sort}
              onClick={() => ui.setState({ fleetSort: nextSort(sort, column) })}
            >
              {column === 'cost' ? 'cost $' : column}
              {sorted ? <Arrow size={11} aria-hidden="true" /> : null}
            </button>
          </span>
        );
      })}
    </div>
  );
}

/** Every agent as a row; a click sorts by a column, arrows walk, Enter opens the terminal. */
export function FleetTable() {
  const room = useRoom();
  const sort = useUi((state) => state.fleetSort);
  const names = useTopic('agents', ({ byId }) => selectFleet(byId, sort));
  const selected = useUi((state) => state.selectedAgent);
  const current = selected === null ? -1 : names.indexOf(selected);
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const goTo = (index: number) => {
      const name = names[Math.max(0, Math.min(names.length - 1, index))];
      if (name !== undefined) selectAgent(room, name);
    };
    if (event.key === 'ArrowDown') goTo(current + 1);
    else if (event.key === 'ArrowUp') goTo(current < 0 ? 0 : current - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(names.length - 1);
    else if (event.key === 'PageDown') goTo(current + 10);
    else if (event.key === 'PageUp') goTo(current - 10);
    else if (event.key === 'Enter' && selected !== null) room.actions.run('agent.openTerminal', room, selected);
    else return;
    event.preventDefault();
  };
  return (
    <div
      role="grid"
      aria-label="Fleet"
      aria-rowcount={names.length + 1}
      aria-colcount={FLEET_COLUMNS.length}
      tabIndex={0}
      className={styles.table}
      {...(current >= 0 && selected !== null ? { 'aria-activedescendant': rowId(selected) } : {})}
      onKeyDown={onKey}
    >
      <Headings />
      <VirtualList
        className={styles.rows}
        role="rowgroup"
        count={names.length}
        rowHeight={ROW_HEIGHT}
        current={current}
        keyOf={(index) => names[index] ?? String(index)}
        row={(index) => {
          const name = names[index];
          return name === undefined ? null : <FleetRow name={name} index={index} />;
        }}
      />
    </div>
  );
}
