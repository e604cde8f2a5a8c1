import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TerminalView } from '../../../contract/terminals.ts';
import { callEngine } from '../../actions/calls.ts';
import { openTerminal } from '../../actions/navigation.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import { frontTab, neighbour, selectTabs, type TabRow } from './tabs.ts';

/** The two places a terminal can be shown in; `side` exists while the screen is split. */
export type PaneName = 'front' | 'side';

/** What the Terminals screen remembers while the page lives; the open tabs themselves are preferences. */
export interface TabState {
  /** Agents' tabs the person closed while the agent is alive. */
  readonly closed: ReadonlySet<string>;
  /** Terminal in the second pane; null while the screen is not split. */
  readonly side: string | null;
  readonly active: PaneName;
  /** Pane with an open search bar. */
  readonly searching: PaneName | null;
  /** Terminal that takes the keyboard as soon as it is shown. */
  readonly focus: string | null;
  /** Unsent words of the composers, by agent. */
  readonly drafts: Readonly<Record<string, string>>;
}

const stores = new WeakMap<Room, StoreApi<TabState>>();

export function tabStore(room: Room): StoreApi<TabState> {
  const held = stores.get(room);
  if (held !== undefined) return held;
  const made = createStore<TabState>(() => ({
    closed: new Set<string>(),
    side: null,
    active: 'front',
    searching: null,
    focus: null,
    drafts: {},
  }));
  stores.set(room, made);
  return made;
}

export function useTabs<Selected>(select: (state: TabState) => Selected): Selected {
  return useStore(tabStore(useRoom()), select);
}

/** The tabs as they stand now. */
export function currentTabs(room: Room): readonly TabRow[] {
  return selectTabs(
    room.topics.agents.getState().state.byId,
    room.topics.terminals.getState().state.byId,
    room.ui.getState().terminalTabs,
    tabStore(room).getState().closed,
  );
}

/** Which terminal is in which pane now. One terminal is never in both. */
export function panesOf(
  rows: readonly TabRow[],
  wanted: string | null,
  selectedAgent: string | null,
  side: string | null,
): { readonly front: string | null; readonly side: string | null } {
  const front = frontTab(rows, wanted, selectedAgent);
  const shown = side !== null && side !== front && rows.some((row) => row.id === side) ? side : null;
  return { front, side: shown };
}

export function currentPanes(room: Room): { readonly front: string | null; readonly side: string | null } {
  const { terminalFront, selectedAgent } = room.ui.getState();
  return panesOf(currentTabs(room), terminalFront, selectedAgent, tabStore(room).getState().side);
}

/** Brings a tab into the active pane; its agent becomes the selected one. */
export function selectTab(room: Room, id: string, focus = false): void {
  const store = tabStore(room);
  const row = currentTabs(room).find((tab) => tab.id === id);
  if (row === undefined) return;
  const panes = currentPanes(room);
  const { active } = store.getState();
  if (panes.side !== null && id === panes.side) store.setState({ active: 'side' });
  else if (panes.side !== null && active === 'side' && id !== panes.front) store.setState({ side: id });
  else {
    store.setState({ active: 'front' });
    room.ui.setState({ terminalFront: id });
  }
  if (row.agent !== null) room.ui.setState({ selectedAgent: row.agent });
  if (focus) store.setState({ focus: id });
}

/** The keyboard went into a pane; its agent becomes the selected one. */
export function activatePane(room: Room, pane: PaneName, row: TabRow): void {
  const store = tabStore(room);
  if (store.getState().active !== pane) store.setState({ active: pane });
  if (row.agent !== null && room.ui.getState().selectedAgent !== row.agent)
    room.ui.setState({ selectedAgent: row.agent });
}

/** Takes a tab away. A shell is closed with it; an agent goes on. */
export function closeTab(room: Room, id: string): void {
  const rows = currentTabs(room);
  const row = rows.find((tab) => tab.id === id);
  if (row === undefined) return;
  const panes = currentPanes(room);
  const store = tabStore(room);
  const rest = rows.filter((tab) => tab.id !== panes.side || tab.id === id);
  const { terminalFront } = room.ui.getState();
  // A shell that was just opened is wanted in front and is no tab before the engine's news of it: its place is kept.
  const coming =
    terminalFront !== null &&
    terminalFront === store.getState().focus &&
    !rows.some((other) => other.id === terminalFront);
  if (!coming && panes.front === id) room.ui.setState({ terminalFront: neighbour(rest, id) ?? panes.side });
  else if (!coming && panes.front !== null) room.ui.setState({ terminalFront: panes.front });
  room.ui.setState(({ terminalTabs }) => ({ terminalTabs: terminalTabs.filter((open) => open !== id) }));
  store.setState(({ closed, side, active }) => ({
    closed: row.kind === 'agent' ? new Set(closed).add(id) : closed,
    side: side === id ? null : side,
    active: side === id ? 'front' : active,
  }));
  if (row.kind === 'shell') void callEngine(room, 'terminals.close', { terminalId: id });
}

/** Moves by so many tabs in the active pane, around the ends. */
export function stepTab(room: Room, step: 1 | -1): void {
  const panes = currentPanes(room);
  const { active } = tabStore(room).getState();
  const other = active === 'side' ? panes.front : panes.side;
  const here = active === 'side' && panes.side !== null ? panes.side : panes.front;
  const rows = currentTabs(room).filter((row) => row.id !== other);
  const at = rows.findIndex((row) => row.id === here);
  const next = rows[(at + step + rows.length) % rows.length];
  if (next !== undefined) selectTab(room, next.id);
}

/** Shows two terminals side by side, the second being the next tab; or one again. */
export function toggleSplit(room: Room): void {
  const store = tabStore(room);
  const panes = currentPanes(room);
  if (panes.side !== null || panes.front === null) {
    store.setState({ side: null, active: 'front', searching: null });
    return;
  }
  const rows = currentTabs(room);
  const side = neighbour(rows, panes.front);
  if (side === null) {
    room.notices.say('info', 'There is no second terminal to show beside this one.');
    return;
  }
  room.ui.setState({ terminalFront: panes.front });
  store.setState({ side });
  selectTab(room, side);
}

/** Size of a new shell until its view measures itself: the usual terminal. */
const SHELL_SIZE = { cols: 80, rows: 24 } as const;

/** Opens a shell in an agent's worktree or in the project, and types into it. */
export async function openShell(room: Room, agentName: string | null): Promise<TerminalView | null> {
  const opened = await callEngine(room, 'terminals.openShell', {
    size: SHELL_SIZE,
    ...(agentName === null ? {} : { agentName }),
  });
  if (!opened.ok) return null;
  tabStore(room).setState({ focus: opened.value.id });
  openTerminal(room, opened.value.id, agentName);
  return opened.value;
}
