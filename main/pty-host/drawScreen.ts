import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { restoreScreen, sizeOfScreen } from '../platform/screenState.ts';

/** A headless terminal and what draws it. */
export interface DrawableTerminal {
  readonly terminal: headless.Terminal;
  /** Escape sequences that redraw screen and scrollback. */
  draw(): string;
}

/** Makes a terminal of a size. @param scrollback lines kept above the screen, and drawn. */
export function drawableTerminal(
  size: { readonly cols: number; readonly rows: number },
  scrollback: number,
): DrawableTerminal {
  const terminal = new headless.Terminal({
    cols: size.cols,
    rows: size.rows,
    scrollback,
    allowProposedApi: true,
    logLevel: 'off',
  });
  const serializer = new SerializeAddon();
  // The add-on is typed for the browser's terminal and uses only what the headless one has too.
  terminal.loadAddon(serializer as unknown as headless.ITerminalAddon);
  return { terminal, draw: () => serializer.serialize({ scrollback }) };
}

/** Draws a kept state (main/platform/screenState.ts): the same text that the terminal it was taken from would have drawn. */
export function drawScreen(state: Uint8Array, scrollback: number): string {
  const { terminal, draw } = drawableTerminal(sizeOfScreen(state), scrollback);
  try {
    restoreScreen(terminal, state);
    return draw();
  } finally {
    terminal.dispose();
  }
}
