import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Room } from '../stores/room.ts';
import { cleanPaste, pasteAsks } from './paste.ts';
import type { Pooled } from './terminalPool.ts';
import { createTerminalSession, type SessionState, type TerminalSession } from './terminalSession.ts';
import { createXtermScreen } from './xtermScreen.ts';

/** How a view wants the terminal to behave while it shows it. */
export interface ViewWishes {
  readonly kind: 'agent' | 'shell';
  /** True while a process runs that reads what is typed. */
  readonly takesInput: boolean;
  /** True while something still draws: the cursor is shown only then. */
  readonly active: boolean;
  /** A person began to type into a terminal that takes no input. */
  readonly onTyping: () => void;
  readonly onFocus: () => void;
  /** Asks about text of several lines before it goes to a shell. */
  readonly onAskPaste: (text: string, paste: () => void) => void;
  readonly onLink: (address: string) => void;
  /** Moves the keyboard out of the terminal (F6): a shell takes every other key. */
  readonly onLeave: () => void;
}

export interface SearchResults {
  /** From 0; -1 when no match is current, or there are too many to number them. */
  readonly index: number;
  readonly count: number;
}

/** One terminal with its xterm, to be put into whatever place shows it. */
export interface LiveTerminal extends Pooled {
  readonly state: StoreApi<SessionState>;
  readonly results: StoreApi<SearchResults>;
  /** Puts it into a place and starts the stream. */
  mount(place: HTMLElement, wishes: ViewWishes): void;
  /** Changes what the present view wants. */
  wish(wishes: ViewWishes): void;
  unmount(): void;
  focus(): void;
  retry(): void;
  find(words: string, direction: 'next' | 'previous', typing: boolean): void;
  endSearch(): void;
}

/** CSI, OSC and DCS sequences: what a terminal itself says to a program. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an answer begins with ESC.
const DEVICE_ANSWER = /^\x1b[[\]P]/;
const isMac = /Mac/.test(navigator.platform);
/** Keys by which a terminal that takes no input is scrolled. */
const SCROLL_KEYS: Readonly<Record<string, 'line-up' | 'line-down' | 'page-up' | 'page-down' | 'top' | 'bottom'>> = {
  ArrowUp: 'line-up',
  ArrowDown: 'line-down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'top',
  End: 'bottom',
};

/** Builds the terminal of one id. Its stream runs only while it is mounted in a visible window. */
export function createLiveTerminal(room: Room, id: string): LiveTerminal {
  const results = createStore<SearchResults>(() => ({ index: -1, count: 0 }));
  const host = document.createElement('div');
  host.dataset.keys = 'terminal';
  host.style.height = '100%';
  let wishes: ViewWishes | null = null;
  let opened = false;
  const preferences = room.ui.getState();

  const screen = createXtermScreen({
    fontSize: preferences.terminalFontSize,
    screenReader: preferences.screenReaderTerminal,
    onData,
    onLink: (address) => wishes?.onLink(address),
    onKey,
  });
  const { terminal } = screen;
  const session: TerminalSession = createTerminalSession({
    id,
    link: room.link,
    screen: {
      size: () => ({ cols: terminal.cols, rows: terminal.rows }),
      write: (data, parsed) => terminal.write(data, parsed),
      resize: ({ cols, rows }) => terminal.resize(cols, rows),
    },
    requestFrame(run) {
      const frame = requestAnimationFrame(run);
      return () => cancelAnimationFrame(frame);
    },
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    onInputRefused(error) {
      // An answer of the screen that came after the program's end is nobody's concern.
      if (wishes?.takesInput === true) room.notices.say('error', error.message);
    },
  });

  function onData(data: string): void {
    if (wishes === null) return;
    // Where a person may not type, the screen still answers device queries of a running program.
    if (wishes.takesInput || (wishes.active && DEVICE_ANSWER.test(data))) session.input(data);
  }

  function onKey(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (event.type !== 'keydown') return true;
    const command = isMac ? event.metaKey : event.ctrlKey && event.shiftKey;
    if (command && key === 'c' && terminal.hasSelection()) {
      copySelection();
      event.preventDefault();
      return false;
    }
    // Left to the browser, which then fires the paste event that is cleaned below.
    if (command && key === 'v') return false;
    if (event.key === 'F6') {
      event.preventDefault();
      wishes?.onLeave();
      return false;
    }
    return wishes === null || wishes.takesInput || onReadingKey(event);
  }

  /** Keys in a terminal that takes no input: they scroll it, copy from it, or go to the composer. */
  function onReadingKey(event: KeyboardEvent): boolean {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (event.ctrlKey && event.key.toLowerCase() === 'c' && terminal.hasSelection()) copySelection();
    else if (!held && scrollBy(event.key)) event.preventDefault();
    // The focus moves before the browser inserts the character, so the composer gets it.
    else if (!held && event.key.length === 1) wishes?.onTyping();
    return false;
  }

  function scrollBy(key: string): boolean {
    switch (SCROLL_KEYS[key]) {
      case 'line-up':
        terminal.scrollLines(-1);
        return true;
      case 'line-down':
        terminal.scrollLines(1);
        return true;
      case 'page-up':
        terminal.scrollPages(-1);
        return true;
      case 'page-down':
        terminal.scrollPages(1);
        return true;
      case 'top':
        terminal.scrollToTop();
        return true;
      case 'bottom':
        terminal.scrollToBottom();
        return true;
      default:
        return false;
    }
  }

  function copySelection(): void {
    navigator.clipboard.writeText(terminal.getSelection()).catch(() => {
      // Without permission the browser's own copy (context menu, Ctrl+Insert) still works; the person is told.
      room.notices.say('error', 'The browser did not allow copying; use its own menu.');
    });
  }

  function onPaste(event: ClipboardEvent): void {
    // Before xterm's own handler, which would type the text as it is.
    event.preventDefault();
    event.stopPropagation();
    const text = cleanPaste(event.clipboardData?.getData('text/plain') ?? '');
    if (text === '' || wishes === null) return;
    if (!wishes.takesInput) {
      wishes.onTyping();
      return;
    }
    const paste = () => terminal.paste(text);
    if (pasteAsks(text, wishes.kind)) wishes.onAskPaste(text, paste);
    else paste();
  }
  host.addEventListener('paste', onPaste, true);
  host.addEventListener('focusin', () => wishes?.onFocus());

  const refit = () => {
    const size = screen.fit();
    if (size !== null && (size.cols !== terminal.cols || size.rows !== terminal.rows)) session.resize(size);
  };
  const observer = new ResizeObserver(refit);
  const themes = new MutationObserver(() => screen.retheme());
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const onVisibility = () => {
    if (document.hidden) session.hide();
    else if (wishes !== null) session.show();
  };
  document.addEventListener('visibilitychange', onVisibility);
  const stopPreferences = room.ui.subscribe((state, before) => {
    if (state.terminalFontSize !== before.terminalFontSize) {
      terminal.options.fontSize = state.terminalFontSize;
      refit();
    }
    if (state.screenReaderTerminal !== before.screenReaderTerminal)
      terminal.options.screenReaderMode = state.screenReaderTerminal;
  });
  const applyWishes = () => {
    if (wishes === null) return;
    terminal.options.cursorInactiveStyle = wishes.takesInput ? 'outline' : wishes.active ? 'block' : 'none';
    if (terminal.textarea !== undefined) terminal.textarea.readOnly = !wishes.takesInput;
  };
  const resultsListener = screen.search.onDidChangeResults(({ resultIndex, resultCount }) =>
    results.setState({ index: resultIndex, count: resultCount }),
  );

  return {
    state: session.state,
    results,
    mount(place, next) {
      wishes = next;
      place.append(host);
      if (!opened) {
        opened = true;
        screen.open(host);
      }
      applyWishes();
      const size = screen.fit();
      // Before attaching, so that the first snapshot has the right size.
      if (size !== null) terminal.resize(size.cols, size.rows);
      observer.observe(host);
      if (!document.hidden) session.show();
    },
    wish(next) {
      wishes = next;
      applyWishes();
    },
    unmount() {
      wishes = null;
      observer.disconnect();
      session.hide();
      screen.search.clearDecorations();
      host.remove();
    },
    focus: () => terminal.focus(),
    retry: () => session.retry(),
    find(words, direction, typing) {
      if (words === '') {
        screen.search.clearDecorations();
        results.setState({ index: -1, count: 0 });
        return;
      }
      const options = screen.searchOptions(typing);
      if (direction === 'next') screen.search.findNext(words, options);
      else screen.search.findPrevious(words, options);
    },
    endSearch() {
      screen.search.clearDecorations();
      terminal.clearSelection();
      results.setState({ index: -1, count: 0 });
    },
    dispose() {
      stopPreferences();
      document.removeEventListener('visibilitychange', onVisibility);
      observer.disconnect();
      themes.disconnect();
      resultsListener.dispose();
      session.dispose();
      screen.dispose();
      host.remove();
    },
  };
}
