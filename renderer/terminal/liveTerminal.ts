import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Room } from '../stores/room.ts';
import { type CopyMode, createCopyMode } from './copyMode.ts';
import type { GraphicsLeases } from './graphics.ts';
import { cleanPaste, pasteAsks } from './paste.ts';
import { scrollByKey } from './readingKeys.ts';
import type { Pooled } from './terminalPool.ts';
import { createTerminalSession, type SessionState, type TerminalSession } from './terminalSession.ts';
import type { FrameBudget } from './writeCoalescer.ts';
import { createXtermScreen, type TerminalLooks } from './xtermScreen.ts';

/** Where else typed keys go while several terminals are typed into at once. */
export interface Broadcast {
  send(data: string): void;
  end(): void;
}

/** How a view wants the terminal to behave while it shows it. */
export interface ViewWishes {
  readonly kind: 'agent' | 'shell';
  /** True while a process runs that reads what is typed. */
  readonly takesInput: boolean;
  /** True while its program is about to run: what is typed waits for it. */
  readonly starting: boolean;
  /** True while something still draws: the cursor is shown only then. */
  readonly active: boolean;
  /** What is typed here goes to other terminals as well; null while it does not. */
  readonly broadcast: Broadcast | null;
  /** A person began to type into a terminal that takes no input. */
  readonly onTyping: () => void;
  readonly onFocus: () => void;
  /** Asks about text of several lines before it goes to a shell. */
  readonly onAskPaste: (text: string, paste: () => void) => void;
  readonly onLink: (address: string) => void;
  /** A program wants text on the clipboard. */
  readonly onClipboard: (text: string) => void;
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
  readonly copyStatus: CopyMode['status'];
  /** Puts it into a place and starts the stream. */
  mount(place: HTMLElement, wishes: ViewWishes): void;
  /** Changes what the present view wants. */
  wish(wishes: ViewWishes): void;
  unmount(): void;
  focus(): void;
  retry(): void;
  find(words: string, direction: 'next' | 'previous', typing: boolean): void;
  endSearch(): void;
  /** Begins to select by keyboard. */
  startCopy(): void;
  endCopy(): void;
}

/** CSI, OSC and DCS sequences: what a terminal itself says to a program. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an answer begins with ESC.
const DEVICE_ANSWER = /^\x1b[[\]P]/;
/** Among them, what keys send: cursor and function keys (CSI), which a person typed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a key's sequence begins with ESC.
const TYPED_SEQUENCE = /^\x1b\[(?:[0-9;]*[A-HSPQZ~]|20[01]~)/;
/** Characters typed before a program runs that are kept for it. */
const TYPED_EARLY = 4_096;
const isMac = /Mac/.test(navigator.platform);

/** Builds the terminal of one id. Its stream runs only while it is mounted in a visible window. */
export function createLiveTerminal(
  room: Room,
  id: string,
  graphics: GraphicsLeases,
  frames: FrameBudget,
): LiveTerminal {
  const results = createStore<SearchResults>(() => ({ index: -1, count: 0 }));
  const host = document.createElement('div');
  host.dataset.keys = 'terminal';
  host.style.height = '100%';
  let wishes: ViewWishes | null = null;
  let opened = false;
  let releaseGraphics: (() => void) | null = null;
  /** Typed before the program ran. */
  let early = '';

  const screen = createXtermScreen({
    looks: room.ui.getState(),
    onData,
    onLink: (address) => wishes?.onLink(address),
    onClipboard: (text) => wishes?.onClipboard(text),
    onKey,
  });
  const { terminal } = screen;
  const copyMode = createCopyMode(terminal, copy);
  const session: TerminalSession = createTerminalSession({
    id,
    link: room.link,
    screen: {
      size: () => ({ cols: terminal.cols, rows: terminal.rows }),
      write: (data, parsed) => terminal.write(data, parsed),
      resize: ({ cols, rows }) => terminal.resize(cols, rows),
    },
    frames,
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
    const typed = !DEVICE_ANSWER.test(data) || TYPED_SEQUENCE.test(data);
    if (wishes.starting) {
      if (typed) early = `${early}${data}`.slice(0, TYPED_EARLY);
      return;
    }
    // Where a person may not type, the screen still answers device queries of a running program.
    if (wishes.takesInput || (wishes.active && !typed)) session.input(data, typed);
    // Each screen answers its own program; only what a person typed goes to the others.
    if (wishes.takesInput && typed) wishes.broadcast?.send(data);
  }

  function onKey(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (event.type !== 'keydown') return true;
    if (event.key === 'F6') {
      event.preventDefault();
      copyMode.stop();
      wishes?.onLeave();
      return false;
    }
    if (copyMode.key(event)) {
      event.preventDefault();
      return false;
    }
    const command = isMac ? event.metaKey : event.ctrlKey && event.shiftKey;
    if (command && key === 'c' && terminal.hasSelection()) {
      copy(terminal.getSelection());
      event.preventDefault();
      return false;
    }
    // Left to the browser, which then fires the paste event that is cleaned below.
    if (command && key === 'v') return false;
    if (event.key === 'Escape' && wishes?.broadcast != null) {
      event.preventDefault();
      wishes.broadcast.end();
      return false;
    }
    return wishes === null || wishes.takesInput || onReadingKey(event);
  }

  /** Keys in a terminal that takes no input: they scroll it, copy from it, or go to the composer. */
  function onReadingKey(event: KeyboardEvent): boolean {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (event.ctrlKey && event.key.toLowerCase() === 'c' && terminal.hasSelection()) copy(terminal.getSelection());
    else if (!held && scrollByKey(terminal, event.key)) event.preventDefault();
    // The focus moves before the browser inserts the character, so the composer gets it.
    else if (!held && event.key.length === 1) wishes?.onTyping();
    return false;
  }

  function copy(text: string): void {
    if (text === '') return;
    navigator.clipboard.writeText(text).catch(() => {
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
    if (room.ui.getState().terminalPasteWarning && pasteAsks(text, wishes.kind)) wishes.onAskPaste(text, paste);
    else paste();
  }
  host.addEventListener('paste', onPaste, true);
  host.addEventListener('focusin', () => wishes?.onFocus());
  host.addEventListener('pointerdown', () => copyMode.stop());

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
    if (LOOKS.every((key) => state[key] === before[key])) return;
    screen.look(state);
    refit();
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
    copyStatus: copyMode.status,
    mount(place, next) {
      wishes = next;
      place.append(host);
      if (!opened) {
        opened = true;
        screen.open(host);
      }
      releaseGraphics = graphics.lease(terminal, screen.onDom);
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
      if (next.starting || early === '') return;
      const typed = early;
      early = '';
      if (next.takesInput) session.input(typed, true);
    },
    unmount() {
      wishes = null;
      early = '';
      observer.disconnect();
      session.hide();
      copyMode.stop();
      screen.search.clearDecorations();
      releaseGraphics?.();
      releaseGraphics = null;
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
    startCopy() {
      terminal.focus();
      copyMode.start();
    },
    endCopy: () => copyMode.stop(),
    dispose() {
      stopPreferences();
      document.removeEventListener('visibilitychange', onVisibility);
      observer.disconnect();
      themes.disconnect();
      resultsListener.dispose();
      session.dispose();
      copyMode.dispose();
      releaseGraphics?.();
      screen.dispose();
      host.remove();
    },
  };
}

const LOOKS = [
  'terminalFont',
  'terminalFontSize',
  'terminalLigatures',
  'terminalScrollback',
  'screenReaderTerminal',
] as const satisfies readonly (keyof TerminalLooks)[];
