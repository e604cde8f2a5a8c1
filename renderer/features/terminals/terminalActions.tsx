import type { Action, ActionContext } from '../../actions/registry.ts';
import { AGENT_VIEWS, TERMINAL_FONT_SIZE } from '../../stores/preferences.ts';
import type { Room } from '../../stores/room.ts';
import { roomTerminals } from '../../terminal/roomTerminals.ts';
import { askBroadcast, endBroadcast, takesTyping } from './broadcast.tsx';
import {
  closePane,
  currentPanes,
  currentTabs,
  currentTerminal,
  endSplit,
  splitTerminal,
  stepPane,
  stepTab,
  tabStore,
} from './tabStore.ts';
import type { TabRow } from './tabs.ts';
import { popOut } from './terminalWindows.ts';

const onScreen = ({ room }: ActionContext) => room.ui.getState().screen === 'terminals';
const withTerminal = (context: ActionContext) => onScreen(context) && currentTerminal(context.room) !== null;
/** The terminal in use, while it is drawn and not only told as a transcript. */
const drawnTerminal = (context: ActionContext): string | null => {
  const id = onScreen(context) ? currentTerminal(context.room) : null;
  const row = currentTabs(context.room).find((tab) => tab.id === id);
  if (row === undefined || (context.room.ui.getState().agentView === 'transcript' && !takesFingers(context.room, row)))
    return null;
  return id;
};
/** A shell, or a conversation in a person's hands, is always drawn. */
const takesFingers = (room: Room, row: TabRow) => row.kind === 'shell' || takesTyping(room, row);
const isSplit = (context: ActionContext) => {
  const { layout } = currentPanes(context.room);
  return onScreen(context) && layout !== null && !('pane' in layout);
};

function withFont(id: string, title: string, step: number): Action {
  return {
    id,
    group: 'Terminal',
    title: () => title,
    keywords: 'zoom size text',
    when: ({ room }) => {
      const size = room.ui.getState().terminalFontSize + step;
      return size >= TERMINAL_FONT_SIZE.min && size <= TERMINAL_FONT_SIZE.max;
    },
    run: ({ room }) => room.ui.setState(({ terminalFontSize }) => ({ terminalFontSize: terminalFontSize + step })),
  };
}

/** What can be done on the Terminals screen. */
export const terminalActions: readonly Action[] = [
  {
    id: 'terminal.search',
    group: 'Terminal',
    title: () => 'Search in the terminal',
    shortcut: 'Mod+F',
    when: (context) => drawnTerminal(context) !== null,
    run: ({ room }) => tabStore(room).setState({ searching: currentTerminal(room) }),
  },
  {
    id: 'terminal.copyMode',
    group: 'Terminal',
    title: () => 'Copy mode: select by keyboard',
    keywords: 'mark selection vi',
    shortcut: 'Mod+Shift+M',
    when: (context) => drawnTerminal(context) !== null,
    run: async ({ room }) => {
      const id = currentTerminal(room);
      if (id !== null) (await roomTerminals(room)).peek(id)?.startCopy();
    },
  },
  {
    id: 'terminal.broadcast',
    group: 'Terminal',
    title: ({ room }) =>
      tabStore(room).getState().broadcast === null
        ? 'Type into several terminals…'
        : 'End typing into several terminals',
    keywords: 'broadcast synchronise input',
    when: onScreen,
    run: ({ room }) => (tabStore(room).getState().broadcast === null ? askBroadcast(room) : endBroadcast(room)),
  },
  {
    id: 'terminal.split',
    group: 'Terminal',
    title: () => 'Split to the right',
    keywords: 'pane beside',
    shortcut: 'Mod+\\',
    when: withTerminal,
    run: ({ room }) => splitTerminal(room, 'right'),
  },
  {
    id: 'terminal.splitDown',
    group: 'Terminal',
    title: () => 'Split downwards',
    keywords: 'pane below',
    shortcut: 'Mod+Alt+\\',
    when: withTerminal,
    run: ({ room }) => splitTerminal(room, 'down'),
  },
  {
    id: 'terminal.closePane',
    group: 'Terminal',
    title: () => 'Close this pane',
    shortcut: 'Mod+Alt+W',
    when: isSplit,
    run: ({ room }) => closePane(room),
  },
  {
    id: 'terminal.endSplit',
    group: 'Terminal',
    title: () => 'End the split',
    keywords: 'one pane only',
    when: isSplit,
    run: ({ room }) => endSplit(room),
  },
  {
    id: 'terminal.nextPane',
    group: 'Terminal',
    title: () => 'Next pane',
    shortcut: 'Mod+Alt+ArrowDown',
    when: isSplit,
    run: ({ room }) => stepPane(room, 1),
  },
  {
    id: 'terminal.previousPane',
    group: 'Terminal',
    title: () => 'Previous pane',
    shortcut: 'Mod+Alt+ArrowUp',
    when: isSplit,
    run: ({ room }) => stepPane(room, -1),
  },
  {
    id: 'terminal.popOut',
    group: 'Terminal',
    title: () => 'Open in a window of its own',
    keywords: 'pop out detach monitor',
    shortcut: 'Mod+Alt+N',
    when: withTerminal,
    run: ({ room }) => {
      const id = currentTerminal(room);
      if (id !== null) popOut(room, id);
    },
  },
  {
    id: 'terminal.next',
    group: 'Terminal',
    title: () => 'Next terminal',
    shortcut: 'Mod+Alt+ArrowRight',
    when: onScreen,
    run: ({ room }) => stepTab(room, 1),
  },
  {
    id: 'terminal.previous',
    group: 'Terminal',
    title: () => 'Previous terminal',
    shortcut: 'Mod+Alt+ArrowLeft',
    when: onScreen,
    run: ({ room }) => stepTab(room, -1),
  },
  {
    id: 'terminal.agentView',
    group: 'Terminal',
    title: ({ room }) => `Show agents as: ${room.ui.getState().agentView} (change)`,
    keywords: 'transcript read fold both drawn',
    shortcut: 'Mod+Alt+R',
    when: onScreen,
    run: ({ room }) =>
      room.ui.setState(({ agentView }) => ({
        agentView: AGENT_VIEWS[(AGENT_VIEWS.indexOf(agentView) + 1) % AGENT_VIEWS.length] ?? 'terminal',
      })),
  },
  {
    id: 'terminal.screenReader',
    group: 'Terminal',
    title: ({ room }) =>
      room.ui.getState().screenReaderTerminal ? 'Screen-reader mode: off' : 'Screen-reader mode: on',
    keywords: 'accessibility speech voice',
    run: ({ room }) =>
      room.ui.setState(({ screenReaderTerminal }) => ({ screenReaderTerminal: !screenReaderTerminal })),
  },
  withFont('terminal.larger', 'Larger terminal text', 1),
  withFont('terminal.smaller', 'Smaller terminal text', -1),
];

/** Of these, what can be done in a window of one terminal. */
export const windowActions: readonly Action[] = terminalActions.filter(({ id }) =>
  [
    'terminal.search',
    'terminal.copyMode',
    'terminal.agentView',
    'terminal.screenReader',
    'terminal.larger',
    'terminal.smaller',
  ].includes(id),
);
