import type { Action, ActionContext } from '../../actions/registry.ts';
import { TERMINAL_FONT_SIZE } from '../../stores/preferences.ts';
import { currentPanes, stepTab, tabStore, toggleSplit } from './tabStore.ts';

const onScreen = ({ room }: ActionContext) => room.ui.getState().screen === 'terminals';

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
    when: (context) => onScreen(context) && currentPanes(context.room).front !== null,
    run: ({ room }) => {
      const store = tabStore(room);
      store.setState(({ active }) => ({ searching: active }));
    },
  },
  {
    id: 'terminal.split',
    group: 'Terminal',
    title: ({ room }) => (currentPanes(room).side === null ? 'Split: two terminals side by side' : 'End the split'),
    shortcut: 'Mod+\\',
    when: (context) => onScreen(context) && currentPanes(context.room).front !== null,
    run: ({ room }) => toggleSplit(room),
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
