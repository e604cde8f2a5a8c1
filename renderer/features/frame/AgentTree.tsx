import { ChevronDown, ChevronRight } from 'lucide-react';
import { type KeyboardEvent, memo, useState } from 'react';
import { useStore } from 'zustand';
import { inspectAgent, selectAgent } from '../../actions/navigation.ts';
import { Age } from '../../components/Age.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ContextMenu } from '../../components/Menu.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line, Name } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { selectTreeRows, type TreeRow } from '../../stores/agentTree.ts';
import { useAgent, useAgentKnown, useLoaded, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import { NothingThen } from '../replay/NothingThen.tsx';
import { AgentMenu } from './AgentMenu.tsx';
import styles from './AgentTree.module.css';

/** Pixels a level is indented, and the height of a row. */
const INDENT = 14;
const ROW_HEIGHT = 48;

const rowId = (name: string) => `agent-row-${name}`;

function setFolded(room: Room, name: string, folded: boolean): void {
  const names = new Set(room.ui.getState().foldedAgents);
  if (folded) names.add(name);
  else names.delete(name);
  room.ui.setState({ foldedAgents: names });
}

function UnderAgent({ name }: { readonly name: string }) {
  const content = useStore(useRoom().slots.underAgent, (slot) => (slot.agent === name ? slot.content : null));
  return content === null ? null : <div className={styles.under}>{content}</div>;
}

/** What a row says of its agent: its news render this and not the row, whose menu costs far more. */
const TreeCells = memo(function TreeCells({ name }: { readonly name: string }) {
  const agent = useAgent(name);
  if (agent === undefined) return null;
  return (
    <>
      <span className={styles.glyph}>
        <StatusMark status={agent.status} />
      </span>
      <span className={styles.main}>
        <span className={styles.first}>
          <Name text={agent.name} className={styles.name} />
          <span className={styles.role}>{agent.capability}</span>
          {agent.unreadMail > 0 ? (
            <span className={styles.unread} title={`${agent.unreadMail} unread`}>
              {agent.unreadMail}
              <span className="visually-hidden"> unread</span>
            </span>
          ) : null}
          <Age at={agent.lastEvidenceAt} className={styles.age} />
        </span>
        <Line text={agent.activity} className={styles.activity} title />
      </span>
    </>
  );
});

const AgentRow = memo(function AgentRow({ row }: { readonly row: TreeRow }) {
  const room = useRoom();
  const known = useAgentKnown(row.name);
  const selected = useUi((state) => state.selectedAgent === row.name);
  if (!known) return null;
  const Fold = row.folded ? ChevronRight : ChevronDown;
  return (
    <>
      <ContextMenu
        target={
          <div
            id={rowId(row.name)}
            role="treeitem"
            aria-level={row.depth + 1}
            aria-posinset={row.position}
            aria-setsize={row.siblings}
            aria-selected={selected}
            {...(row.hasChildren ? { 'aria-expanded': !row.folded } : {})}
            data-drop-agent={row.name}
            className={cx(styles.row, selected && styles.selected)}
            style={{ paddingLeft: 18 + row.depth * INDENT }}
            onClick={() => inspectAgent(room, row.name)}
            onDoubleClick={() => room.actions.run('agent.openTerminal', room, row.name)}
          >
            {row.hasChildren ? (
              <button
                type="button"
                tabIndex={-1}
                className={cx(styles.fold, row.folded && styles.folded)}
                style={{ left: 2 + row.depth * INDENT }}
                aria-hidden="true"
                onClick={(event) => {
                  event.stopPropagation();
                  setFolded(room, row.name, !row.folded);
                }}
              >
                <Fold size={12} aria-hidden="true" />
              </button>
            ) : null}
            <TreeCells name={row.name} />
          </div>
        }
      >
        <AgentMenu agent={row.name} />
      </ContextMenu>
      <UnderAgent name={row.name} />
    </>
  );
});

/** Moves the selection through the tree the way a tree is expected to move. */
function onTreeKey(event: KeyboardEvent, room: Room, rows: readonly TreeRow[], current: number): void {
  const row = rows[current];
  const goTo = (index: number) => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (target !== undefined) selectAgent(room, target.name);
  };
  switch (event.key) {
    case 'ArrowDown':
      goTo(current + 1);
      break;
    case 'ArrowUp':
      goTo(current < 0 ? 0 : current - 1);
      break;
    case 'Home':
      goTo(0);
      break;
    case 'End':
      goTo(rows.length - 1);
      break;
    case 'ArrowRight':
      if (row?.hasChildren && row.folded) setFolded(room, row.name, false);
      else goTo(current + 1);
      break;
    case 'ArrowLeft':
      if (row === undefined) break;
      if (row.hasChildren && !row.folded) setFolded(room, row.name, true);
      else goTo(rows.findLastIndex((above, index) => index < current && above.depth < row.depth));
      break;
    case 'Enter':
      if (row !== undefined) room.actions.run('agent.openTerminal', room, row.name);
      break;
    default:
      return;
  }
  event.preventDefault();
}

/** Coordinator, leads and workers, each with what it does now; every row is a drop target for a task. */
export function AgentTree() {
  const room = useRoom();
  const folded = useUi((state) => state.foldedAgents);
  const rows = useTopic('agents', ({ byId }) => selectTreeRows(byId, folded));
  const count = useTopic('agents', ({ byId }) => Object.keys(byId).length);
  const selected = useUi((state) => state.selectedAgent);
  const loaded = useLoaded('agents');
  const [hasFocus, setHasFocus] = useState(false);
  const current = rows.findIndex((row) => row.name === selected);
  return (
    <section className={styles.panel} aria-label="Agents">
      <h2 className={styles.heading}>
        <span>Agents</span>
        <span>{count}</span>
      </h2>
      {loaded && count === 0 ? (
        <NothingThen what="agents">
          <EmptyState
            title="No agents"
            text="Sling a task or start a coordinator; agents appear here under their parent."
          />
        </NothingThen>
      ) : (
        <div
          className={styles.tree}
          role="tree"
          aria-label="Agents"
          tabIndex={0}
          {...(hasFocus && current >= 0 && selected !== null ? { 'aria-activedescendant': rowId(selected) } : {})}
          onFocus={() => setHasFocus(true)}
          onBlur={() => setHasFocus(false)}
          onKeyDown={(event) => onTreeKey(event, room, rows, current)}
        >
          <VirtualList
            className={styles.list}
            count={rows.length}
            rowHeight={ROW_HEIGHT}
            keyOf={(index) => rows[index]?.name ?? String(index)}
            current={current}
            row={(index) => {
              const row = rows[index];
              return row === undefined ? null : <AgentRow row={row} />;
            }}
          />
        </div>
      )}
    </section>
  );
}
