import type { Action, ActionContext } from '../../actions/registry.ts';
import { TERMINAL_FONT_SIZE } from '../../stores/preferences.ts';
import { roomTerminals } from '../../terminal/roomTerminals.ts';
import { askBroadcast, endBroadcast } from './broadcast.tsx';
import {
  closePane,
  currentPanes,
  currentTerminal,
  endSplit,
  splitTerminal,
  stepPane,
  stepTab,
  tabStore,
} from './tabStore.ts';

const onScreen = ({ room }: ActionContext) => room.ui.getState().screen === 'terminals';
const withTerminal = (context: ActionContext) => onScreen(context) && currentTerminal(context.room) !== null;
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
    when: withTerminal,
    run: ({ room }) => tabStore(room).setState({ searching: currentTerminal(room) }),
  },
  {
    id: 'terminal.copyMode',
    group: 'Terminal',
    title: () => 'Copy mode: select by keyboard',
    keywords: 'mark selection vi',
    shortcut: 'Mod+Shift+M',
    when: withTerminal,
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
