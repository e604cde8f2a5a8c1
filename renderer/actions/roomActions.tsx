import type { ReactNode } from 'react';
import { SCREENS, type ScreenId, THEMES } from '../stores/preferences.ts';
import type { Room } from '../stores/room.ts';
import { inspectorShown, treeShown, withInspector } from '../stores/uiStore.ts';
import { callEngine } from './calls.ts';
import { ConfirmDialog, StartCoordinatorDialog } from './dialogs.tsx';
import { selectAgent, showScreen } from './navigation.ts';
import type { Action } from './registry.ts';

export const SCREEN_TITLES: Readonly<Record<ScreenId, string>> = {
  fleet: 'Fleet',
  terminals: 'Terminals',
  mail: 'Mail',
  board: 'Board',
  timeline: 'Timeline',
  merge: 'Merge',
  costs: 'Costs',
  health: 'Health',
  settings: 'Settings',
};

/** Shows a dialogue on top of the room. */
export function openDialog(room: Room, content: (close: () => void) => ReactNode): void {
  room.slots.dialog.setState({ content });
}

function isPaused(room: Room): boolean {
  return room.topics.status.getState().state.value?.paused ?? false;
}

const goTo: readonly Action[] = SCREENS.map((screen, index) => ({
  id: `go.${screen}`,
  group: 'Go to',
  title: () => SCREEN_TITLES[screen],
  shortcut: `Mod+${index + 1}`,
  run: ({ room }) => showScreen(room, screen),
}));

/** Actions of the room as a whole. */
export const roomActions: readonly Action[] = [
  ...goTo,
  {
    id: 'palette.open',
    group: 'View',
    title: () => 'Command palette',
    shortcut: 'Mod+K',
    when: ({ room }) => !room.ui.getState().paletteOpen,
    run: ({ room }) => room.ui.setState({ paletteOpen: true }),
  },
  {
    id: 'fleet.pause',
    live: true,
    group: 'Fleet',
    title: ({ room }) => (isPaused(room) ? 'Resume fleet' : 'Pause fleet'),
    keywords: 'stop hold continue turns',
    when: ({ room }) => room.topics.status.getState().state.value !== null,
    run: async ({ room }) => {
      const paused = !isPaused(room);
      const done = await callEngine(room, 'fleet.pause', { paused });
      if (done.ok)
        room.notices.say('info', paused ? 'Fleet paused: running turns end, no new one starts.' : 'Fleet resumed.');
    },
  },
  {
    id: 'coordinator.start',
    live: true,
    group: 'Fleet',
    title: () => 'Start a coordinator…',
    run: ({ room }) => openDialog(room, (close) => <StartCoordinatorDialog close={close} />),
  },
  {
    id: 'run.complete',
    live: true,
    group: 'Fleet',
    title: () => 'Complete the run…',
    when: ({ room }) => (room.topics.status.getState().state.value?.runId ?? null) !== null,
    run: ({ room }) =>
      openDialog(room, (close) => (
        <ConfirmDialog
          title="Complete the run?"
          text="The run is closed. Its agents, branches and mail stay as they are; the next sling opens a new run."
          confirm="Complete run"
          close={close}
          onConfirm={() => void callEngine(room, 'runs.complete', {})}
        />
      )),
  },
  {
    id: 'browser.link',
    live: true,
    group: 'Fleet',
    title: () => 'Copy a link for the browser',
    keywords: 'open ticket url',
    run: async ({ room }) => {
      const made = await callEngine(room, 'engine.browserLink', {});
      if (!made.ok) return;
      try {
        await navigator.clipboard.writeText(made.value.url);
        room.notices.say('info', 'Copied a one-time link for the browser.');
      } catch {
        // Without permission for the clipboard the person copies it by hand.
        room.notices.say('info', made.value.url);
      }
    },
  },
  {
    id: 'view.tree',
    group: 'View',
    title: ({ room }) => (treeShown(room.ui.getState()) ? 'Hide agents' : 'Show agents'),
    shortcut: 'Mod+B',
    inTerminal: false,
    run: ({ room }) => room.ui.setState((state) => ({ treeOpen: !treeShown(state), treeAway: false })),
  },
  {
    id: 'view.inspector',
    group: 'View',
    title: ({ room }) => {
      const state = room.ui.getState();
      return inspectorShown(state, state.screen) ? 'Hide inspector' : 'Show inspector';
    },
    shortcut: 'Mod+I',
    inTerminal: false,
    run: ({ room }) =>
      room.ui.setState((state) => ({
        inspectorFolded: withInspector(state.inspectorFolded, state.screen, !inspectorShown(state, state.screen)),
        inspectorAway: false,
      })),
  },
  {
    id: 'view.theme',
    group: 'View',
    title: ({ room }) => `Theme: ${room.ui.getState().theme} (change)`,
    keywords: 'dark light system colours appearance',
    run: ({ room }) =>
      room.ui.setState(({ theme }) => ({ theme: THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system' })),
  },
  {
    id: 'view.gallery',
    group: 'View',
    title: ({ room }) => (room.ui.getState().galleryOpen ? 'Close the component gallery' : 'Component gallery'),
    keywords: 'design system components tokens colours',
    run: ({ room }) => room.ui.setState(({ galleryOpen }) => ({ galleryOpen: !galleryOpen })),
  },
  {
    id: 'view.clearSelection',
    group: 'View',
    title: () => 'Select no agent',
    when: ({ room }) => room.ui.getState().selectedAgent !== null,
    run: ({ room }) => selectAgent(room, null),
  },
];
