import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TerminalView } from '../../../contract/terminals.ts';
import { callEngine } from '../../actions/calls.ts';
import { openTerminal } from '../../actions/navigation.ts';
import { useRoom } from '../../stores/hooks.ts';
import {
  type LayoutPane,
  MOST_PANES,
  type PaneLayout,
  panesIn,
  prunePanes,
  putTerminal,
  type SplitDirection,
  splitPane,
} from '../../stores/paneLayout.ts';
import type { Room } from '../../stores/room.ts';
import { frontTab, neighbour, selectTabs, type TabRow } from './tabs.ts';

/** What the Terminals screen remembers while the page lives; open tabs and the division are preferences. */
export interface TabState {
  /** Agents' tabs the person closed while the agent is alive. */
  readonly closed: ReadonlySet<string>;
  /** Pane the keyboard belongs to. */
  readonly active: number;
  /** Terminal with an open search bar. */
  readonly searching: string | null;
  /** Terminals that get what is typed into one of them; null while that mode is off. */
  readonly broadcast: ReadonlySet<string> | null;
  /** Terminals that stand in windows of their own. */
  readonly apart: ReadonlySet<string>;
  /** Terminal that takes the keyboard as soon as it is shown. */
  readonly focus: string | null;
  /** Unsent words of the composers, by agent. */
  readonly drafts: Readonly<Record<string, string>>;
}

/** Number of the only pane of an undivided screen. */
const FIRST_PANE = 0;

const stores = new WeakMap<Room, StoreApi<TabState>>();

export function tabStore(room: Room): StoreApi<TabState> {
  const held = stores.get(room);
  if (held !== undefined) return held;
  const made = createStore<TabState>(() => ({
    closed: new Set<string>(),
    active: FIRST_PANE,
    searching: null,
    broadcast: null,
    apart: new Set<string>(),
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

/** Which terminals are in sight, and which of them is in use. */
export interface ShownPanes {
  /** Null when there is no terminal at all. */
  readonly layout: PaneLayout | null;
  /** The pane the keyboard belongs to. */
  readonly active: LayoutPane | null;
}

/**
 * What the screen shows: the division that is kept, less what is gone, with the terminal that is wanted now in the pane
 * in use unless it has one already.
 */
export function panesOf(
  rows: readonly TabRow[],
  kept: PaneLayout | null,
  activePane: number,
  wanted: string | null,
  selectedAgent: string | null,
): ShownPanes {
  const ids = new Set(rows.map((row) => row.id));
  const layout = prunePanes(kept, (terminal) => ids.has(terminal));
  const panes = panesIn(layout);
  const [first] = panes;
  if (layout === null || first === undefined) {
    const terminal = frontTab(rows, wanted, selectedAgent);
    const only = terminal === null ? null : { pane: FIRST_PANE, terminal };
    return { layout: only, active: only };
  }
  const inUse = panes.find((held) => held.pane === activePane) ?? first;
  if (wanted === null || !ids.has(wanted)) return { layout, active: inUse };
  const standing = panes.find((held) => held.terminal === wanted);
  if (standing !== undefined) return { layout, active: standing };
  return { layout: putTerminal(layout, inUse.pane, wanted), active: { pane: inUse.pane, terminal: wanted } };
}

export function currentPanes(room: Room): ShownPanes {
  const { terminalFront, terminalLayout, selectedAgent } = room.ui.getState();
  return panesOf(currentTabs(room), terminalLayout, tabStore(room).getState().active, terminalFront, selectedAgent);
}

/** Terminal the keyboard belongs to; null when there is none. */
export function currentTerminal(room: Room): string | null {
  return currentPanes(room).active?.terminal ?? null;
}

/** Keeps a division, and which of its panes is in use. One pane alone is no division. */
function keepPanes(room: Room, layout: PaneLayout | null, active: LayoutPane | null): void {
  const { ui } = room;
  const divided = layout === null || 'pane' in layout ? null : layout;
  const terminal = active?.terminal ?? null;
  if (ui.getState().terminalLayout !== divided || ui.getState().terminalFront !== terminal)
    ui.setState({ terminalLayout: divided, terminalFront: terminal });
  const store = tabStore(room);
  if (active !== null && store.getState().active !== active.pane) store.setState({ active: active.pane });
}

function selectAgentOf(room: Room, row: TabRow | undefined): void {
  const agent = row?.agent ?? null;
  if (agent !== null && room.ui.getState().selectedAgent !== agent) room.ui.setState({ selectedAgent: agent });
}

/** Brings a tab into the pane in use, unless another one shows it; its agent becomes the selected one. */
export function selectTab(room: Room, id: string, focus = false): void {
  const row = currentTabs(room).find((tab) => tab.id === id);
  if (row === undefined) return;
  const { layout, active } = currentPanes(room);
  if (layout !== null && active !== null) {
    const standing = panesIn(layout).find((held) => held.terminal === id);
    if (standing !== undefined) keepPanes(room, layout, standing);
    else keepPanes(room, putTerminal(layout, active.pane, id), { pane: active.pane, terminal: id });
  }
  selectAgentOf(room, row);
  if (focus) tabStore(room).setState({ focus: id });
}

/** The keyboard went into a pane; its agent becomes the selected one. */
export function activatePane(room: Room, id: string): void {
  const { layout } = currentPanes(room);
  const standing = panesIn(layout).find((held) => held.terminal === id);
  if (standing === undefined) return;
  keepPanes(room, layout, standing);
  selectAgentOf(
    room,
    currentTabs(room).find((tab) => tab.id === id),
  );
}

/** Takes a tab away. A shell is closed with it; an agent goes on. */
export function closeTab(room: Room, id: string): void {
  const rows = currentTabs(room);
  const row = rows.find((tab) => tab.id === id);
  if (row === undefined) return;
  const store = tabStore(room);
  const { layout, active } = currentPanes(room);
  const { terminalFront } = room.ui.getState();
  // A shell that was just opened is wanted in front and is no tab before the engine's news of it: its place is kept.
  const coming =
    terminalFront !== null &&
    terminalFront === store.getState().focus &&
    !rows.some((other) => other.id === terminalFront);
  const rest = prunePanes(layout, (terminal) => terminal !== id);
  if (coming) room.ui.setState({ terminalLayout: rest === null || 'pane' in rest ? null : rest });
  else if (rest !== null) keepPanes(room, rest, active?.terminal === id ? (panesIn(rest)[0] ?? null) : active);
  else {
    const next = neighbour(rows, id);
    keepPanes(room, null, next === null ? null : { pane: FIRST_PANE, terminal: next });
  }
  room.ui.setState(({ terminalTabs }) => ({ terminalTabs: terminalTabs.filter((open) => open !== id) }));
  if (row.kind === 'agent') store.setState(({ closed }) => ({ closed: new Set(closed).add(id) }));
  else void callEngine(room, 'terminals.close', { terminalId: id });
}

/** Moves by so many tabs in the pane in use, around the ends; tabs that other panes show are passed over. */
export function stepTab(room: Room, step: 1 | -1): void {
  const { layout, active } = currentPanes(room);
  const elsewhere = new Set(panesIn(layout).map(({ terminal }) => terminal));
  const rows = currentTabs(room).filter((row) => row.id === active?.terminal || !elsewhere.has(row.id));
  const at = rows.findIndex((row) => row.id === active?.terminal);
  const next = rows[(at + step + rows.length) % rows.length];
  if (next !== undefined) selectTab(room, next.id);
}

/** Moves the keyboard to the next pane, or the one before, around the ends. */
export function stepPane(room: Room, step: 1 | -1): void {
  const { layout, active } = currentPanes(room);
  const panes = panesIn(layout);
  const at = panes.findIndex((held) => held.pane === active?.pane);
  const next = panes[(at + step + panes.length) % panes.length];
  if (next !== undefined) selectTab(room, next.terminal, true);
}

/** Divides the pane in use; the next tab that is not in sight comes into the new part. */
export function splitTerminal(room: Room, direction: SplitDirection): void {
  const { layout, active } = currentPanes(room);
  if (layout === null || active === null) return;
  const panes = panesIn(layout);
  if (panes.length >= MOST_PANES) {
    room.notices.say('info', `${MOST_PANES} terminals are in sight, which is the most; close a pane first.`);
    return;
  }
  const shown = new Set(panes.map(({ terminal }) => terminal));
  const free = currentTabs(room).filter((row) => row.id === active.terminal || !shown.has(row.id));
  const terminal = neighbour(free, active.terminal);
  if (terminal === null) {
    room.notices.say('info', 'There is no other terminal to show beside this one.');
    return;
  }
  const { layout: divided, added } = splitPane(layout, active.pane, direction, terminal);
  keepPanes(room, divided, { pane: added, terminal });
  selectTab(room, terminal, true);
}

/** Takes the pane in use, or that of a terminal, out of the division; the terminal keeps its tab. */
export function closePane(room: Room, id?: string): void {
  const { layout, active } = currentPanes(room);
  const gone = id ?? active?.terminal;
  const panes = panesIn(layout);
  if (panes.length < 2 || gone === undefined) return;
  const rest = prunePanes(layout, (terminal) => terminal !== gone);
  const at = panes.findIndex((held) => held.terminal === gone);
  const next = active?.terminal === gone ? (panes[at - 1] ?? panes[at + 1] ?? null) : active;
  keepPanes(room, rest, next);
  if (next !== null) selectTab(room, next.terminal, true);
}

/** Shows one terminal again: the one in use. */
export function endSplit(room: Room): void {
  const { active } = currentPanes(room);
  keepPanes(room, active, active);
  if (active !== null) tabStore(room).setState({ focus: active.terminal });
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
