import type { ITheme } from '@xterm/xterm';

/** The sixteen colours: xterm's name and our token. */
export const TERMINAL_COLOURS = [
  { name: 'black', token: 'terminal-black' },
  { name: 'red', token: 'terminal-red' },
  { name: 'green', token: 'terminal-green' },
  { name: 'yellow', token: 'terminal-yellow' },
  { name: 'blue', token: 'terminal-blue' },
  { name: 'magenta', token: 'terminal-magenta' },
  { name: 'cyan', token: 'terminal-cyan' },
  { name: 'white', token: 'terminal-white' },
  { name: 'brightBlack', token: 'terminal-bright-black' },
  { name: 'brightRed', token: 'terminal-bright-red' },
  { name: 'brightGreen', token: 'terminal-bright-green' },
  { name: 'brightYellow', token: 'terminal-bright-yellow' },
  { name: 'brightBlue', token: 'terminal-bright-blue' },
  { name: 'brightMagenta', token: 'terminal-bright-magenta' },
  { name: 'brightCyan', token: 'terminal-bright-cyan' },
  { name: 'brightWhite', token: 'terminal-bright-white' },
] as const;

/** Reads a design token of the theme in use, such as `surface-base`. */
export type ReadToken = (token: string) => string;

/** The tokens as the page has them now. */
export function pageTokens(page: Document): ReadToken {
  const style = getComputedStyle(page.documentElement);
  return (token) => style.getPropertyValue(`--${token}`).trim();
}

/** The terminal's theme out of the room's tokens. */
export function terminalTheme(read: ReadToken): ITheme {
  return {
    ...Object.fromEntries(TERMINAL_COLOURS.map(({ name, token }) => [name, read(token)])),
    background: read('surface-base'),
    foreground: read('text'),
    cursor: read('text'),
    cursorAccent: read('surface-base'),
    selectionBackground: read('terminal-selection'),
    selectionInactiveBackground: read('terminal-selection'),
    scrollbarSliderBackground: `${read('line-strong')}99`,
    scrollbarSliderHoverBackground: read('line-strong'),
    scrollbarSliderActiveBackground: read('text-faint'),
  };
}
