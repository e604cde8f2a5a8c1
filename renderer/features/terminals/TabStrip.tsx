import { AppWindow, BookOpenText, Check, Columns2, Plus, Radio, Rows2, Search, SquareTerminal, X } from 'lucide-react';
import { type KeyboardEvent, memo, useEffect, useRef } from 'react';
import { ConfirmDialog } from '../../actions/dialogs.tsx';
import { openDialog } from '../../actions/roomActions.tsx';
import { IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { ActionItem, Menu, MenuItem, MenuSeparator } from '../../components/Menu.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line, Name } from '../../components/Text.tsx';
import { useAgent, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { type PaneLayout, panesIn } from '../../stores/paneLayout.ts';
import type { AgentViewChoice } from '../../stores/preferences.ts';
import type { Room } from '../../stores/room.ts';
import { showableLine } from '../../stores/showable.ts';
import styles from './TabStrip.module.css';
import { panelId, tabId } from './tabIds.ts';
import { closeTab, openShell, selectTab, useTabs } from './tabStore.ts';
import { type TabRow, tabLabel } from './tabs.ts';

/** Closes a tab; a shell whose program still runs is asked about, because closing ends it. */
export function askClose(room: Room, row: TabRow): void {
  const terminal = room.topics.terminals.getState().state.byId[row.id];
  if (row.kind === 'agent' || terminal?.running !== true) {
    closeTab(room, row.id);
    return;
  }
  openDialog(room, (close) => (
    <ConfirmDialog
      title={`Close ${showableLine(tabLabel(row))}?`}
      text="The shell and whatever runs in it are ended."
      confirm="Close shell"
      close={close}
      onConfirm={() => closeTab(room, row.id)}
    />
  ));
}

const Tab = memo(function Tab({
  row,
  shown,
  active,
}: {
  readonly row: TabRow;
  /** True while one of the panes shows it. */
  readonly shown: boolean;
  /** True in the pane the keyboard belongs to. */
  readonly active: boolean;
}) {
  const room = useRoom();
  const agent = useAgent(row.kind === 'agent' ? row.agent : null);
  const ended = useTopic('terminals', ({ byId }) => row.kind === 'shell' && byId[row.id]?.running === false);
  const typed = useTabs((state) => state.broadcast?.has(row.id) ?? false);
  const label = tabLabel(row);
  return (
    <div
      className={cx(styles.tab, shown && styles.shown, active && styles.active)}
      data-active={active || undefined}
      role="presentation"
    >
      <button
        type="button"
        role="tab"
        id={tabId(row.id)}
        aria-selected={active}
        aria-controls={panelId(row.id)}
        aria-keyshortcuts="Delete"
        tabIndex={active ? 0 : -1}
        className={styles.label}
        onClick={() => selectTab(room, row.id, row.kind === 'shell')}
        onAuxClick={(event) => {
          if (event.button !== 1) return;
          event.preventDefault();
          askClose(room, row);
        }}
        // A middle click would otherwise start the browser's scrolling.
        onMouseDown={(event) => event.button === 1 && event.preventDefault()}
      >
        {agent === undefined ? (
          <SquareTerminal size={13} aria-hidden="true" className={styles.icon} />
        ) : (
          <StatusMark status={agent.status} />
        )}
        <Name text={label} className={styles.name} />
        {ended ? <span className={styles.ended}>ended</span> : null}
        {typed ? (
          <span className={styles.typed} title="Gets what you type into the others">
            <Radio size={12} aria-hidden="true" />
            <span className="visually-hidden">, in the broadcast</span>
          </span>
        ) : null}
      </button>
      <button
        type="button"
        tabIndex={-1}
        className={styles.close}
        // A row of tabs holds nothing but tabs: the keyboard and screen readers close one by Delete.
        aria-hidden="true"
        title={`Close ${showableLine(label)}`}
        onClick={() => askClose(room, row)}
      >
        <X size={12} aria-hidden="true" />
      </button>
    </div>
  );
});

/** Marks the edges of the strip behind which there are more tabs. */
function markEdges(strip: HTMLElement): void {
  strip.toggleAttribute('data-before', strip.scrollLeft > 1);
  strip.toggleAttribute('data-after', strip.scrollLeft + strip.clientWidth < strip.scrollWidth - 1);
}

const VIEWS = [
  { value: 'terminal', label: 'Terminal' },
  { value: 'transcript', label: 'Transcript' },
  { value: 'both', label: 'Terminal and transcript' },
] as const satisfies readonly { readonly value: AgentViewChoice; readonly label: string }[];

function NewShell() {
  const room = useRoom();
  const agents = useTopic('agents', (state) => state.byId);
  const names = Object.values(agents)
    .filter((agent) => agent.worktree !== '')
    .map((agent) => agent.name)
    .sort();
  return (
    <Menu
      trigger={
        <IconButton label="New shell" className={styles.tool}>
          <Plus size={15} aria-hidden="true" />
        </IconButton>
      }
    >
      <ActionItem id="terminal.openShell" />
      {names.length === 0 ? null : <MenuSeparator />}
      {names.map((name) => (
        <MenuItem key={name} onSelect={() => void openShell(room, name)}>
          <span className={styles.where}>
            Worktree of <Line text={name} />
          </span>
        </MenuItem>
      ))}
    </Menu>
  );
}

/** The terminals that are open: arrows choose, Delete closes, Enter goes into the terminal. */
export function TabStrip({
  rows,
  layout,
  active,
}: {
  readonly rows: readonly TabRow[];
  /** The panes in sight. */
  readonly layout: PaneLayout | null;
  /** The tab the keyboard belongs to. */
  readonly active: string | null;
}) {
  const room = useRoom();
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = strip.current;
    if (element === null || active === null) return;
    const reveal = () => {
      element.querySelector('[data-active]')?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
      markEdges(element);
    };
    reveal();
    // The strip narrows when the inspector opens beside it.
    const observer = new ResizeObserver(reveal);
    observer.observe(element);
    return () => observer.disconnect();
  }, [active]);
  // After every drawing: the observer tells of the strip's own width only, not of tabs that come and go.
  useEffect(() => {
    if (strip.current !== null) markEdges(strip.current);
  });
  const onKey = (event: KeyboardEvent) => {
    const at = rows.findIndex((row) => row.id === active);
    const goTo = (index: number) => {
      const row = rows[(index + rows.length) % rows.length];
      if (row === undefined) return;
      selectTab(room, row.id);
      document.getElementById(tabId(row.id))?.focus();
    };
    const row = rows[at];
    if (event.key === 'ArrowRight') goTo(at + 1);
    else if (event.key === 'ArrowLeft') goTo(at - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(rows.length - 1);
    else if (event.key === 'Delete' && row !== undefined) askClose(room, row);
    else if ((event.key === 'Enter' || event.key === 'ArrowDown') && row !== undefined) selectTab(room, row.id, true);
    else return;
    event.preventDefault();
  };
  const view = useUi((state) => state.agentView);
  const agentInUse = rows.some((row) => row.id === active && row.kind === 'agent');
  const shown = new Set(panesIn(layout).map(({ terminal }) => terminal));
  return (
    <div className={styles.strip}>
      <div
        ref={strip}
        role="tablist"
        aria-label="Terminals"
        className={styles.tabs}
        onKeyDown={onKey}
        onScroll={(event) => markEdges(event.currentTarget)}
        onWheel={(event) => {
          // A plain wheel turns sideways: the strip has only one direction.
          if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY;
        }}
      >
        {rows.map((row) => (
          <Tab key={row.id} row={row} shown={shown.has(row.id)} active={row.id === active} />
        ))}
      </div>
      <NewShell />
      <span className={styles.gap} />
      {agentInUse ? (
        <Menu
          trigger={
            <IconButton label="Show agents as" className={styles.tool}>
              <BookOpenText size={14} aria-hidden="true" />
            </IconButton>
          }
        >
          {VIEWS.map(({ value, label }) => (
            <MenuItem key={value} onSelect={() => room.ui.setState({ agentView: value })}>
              <span className={styles.chosen}>{value === view ? <Check size={13} aria-label="chosen" /> : null}</span>
              {label}
            </MenuItem>
          ))}
        </Menu>
      ) : null}
      <IconButton
        label="Search"
        action="terminal.search"
        className={styles.tool}
        disabled={active === null}
        onClick={() => room.actions.run('terminal.search', room)}
      >
        <Search size={14} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Split to the right"
        action="terminal.split"
        className={styles.tool}
        disabled={active === null}
        onClick={() => room.actions.run('terminal.split', room)}
      >
        <Columns2 size={14} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Split downwards"
        action="terminal.splitDown"
        className={styles.tool}
        disabled={active === null}
        onClick={() => room.actions.run('terminal.splitDown', room)}
      >
        <Rows2 size={14} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Open in a window of its own"
        shortcut="Mod+Alt+N"
        className={styles.tool}
        disabled={active === null}
        onClick={() => room.actions.run('terminal.popOut', room)}
      >
        <AppWindow size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
