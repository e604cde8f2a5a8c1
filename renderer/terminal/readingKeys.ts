import type { Terminal } from '@xterm/xterm';

/** Keys by which a terminal that takes no input is scrolled. */
const SCROLLS: Readonly<Record<string, (terminal: Terminal) => void>> = {
  ArrowUp: (terminal) => terminal.scrollLines(-1),
  ArrowDown: (terminal) => terminal.scrollLines(1),
  PageUp: (terminal) => terminal.scrollPages(-1),
  PageDown: (terminal) => terminal.scrollPages(1),
  Home: (terminal) => terminal.scrollToTop(),
  End: (terminal) => terminal.scrollToBottom(),
};

/** Scrolls by a key; false when it is none that scrolls. */
export function scrollByKey(terminal: Terminal, key: string): boolean {
  const scroll = SCROLLS[key];
  scroll?.(terminal);
  return scroll !== undefined;
}
