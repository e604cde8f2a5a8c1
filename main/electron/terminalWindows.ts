import type { BrowserWindow } from 'electron';
import { APP_ORIGIN, TERMINAL_PARAMETER } from '../../contract/shell.ts';
import { FIRST_WINDOW, type Theme, windowOptions } from './windowRules.ts';

export interface TerminalWindowDependencies {
  readonly BrowserWindow: typeof BrowserWindow;
  readonly preload: string;
  readonly packaged: boolean;
  theme(): Theme;
  /** Called before a page loads: its ports are ours. */
  onContents(id: number): void;
  onClosed(id: number): void;
}

/** Windows that show one terminal each. */
export interface TerminalWindows {
  /** Opens the window of a terminal, or brings it to the front. */
  show(terminalId: string): void;
  /** True for the contents of one of these windows. */
  has(contentsId: number): boolean;
  closeAll(): void;
}

/** Size of a new one, in pixels: 100 columns and 30 lines with room for the composer. */
const SIZE = { width: 900, height: 640, minWidth: 480, minHeight: 300 };
/** Milliseconds before a crashed page is loaded again (engineering.md 3.1 #23). */
const RELOAD_AFTER_MS = 500;
/** Windows at once. Each is a process; a page that asks for more is not ours in spirit. */
const MOST = 24;

/** Builds the windows' keeper; a window is the room's page by another address, with the same rights. */
export function createTerminalWindows(dependencies: TerminalWindowDependencies): TerminalWindows {
  const windows = new Map<string, BrowserWindow>();
  const contents = new Set<number>();

  function open(terminalId: string): BrowserWindow {
    const { preload, packaged } = dependencies;
    const state = { ...FIRST_WINDOW, theme: dependencies.theme() };
    const window = new dependencies.BrowserWindow({
      ...windowOptions({ state, workAreas: [], preload, packaged }),
      ...SIZE,
    });
    const { id } = window.webContents;
    contents.add(id);
    dependencies.onContents(id);
    window.once('closed', () => {
      windows.delete(terminalId);
      contents.delete(id);
      dependencies.onClosed(id);
    });
    window.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason === 'clean-exit') return;
      setTimeout(() => {
        if (!window.isDestroyed()) window.webContents.reload();
      }, RELOAD_AFTER_MS);
    });
    const query = new URLSearchParams({ [TERMINAL_PARAMETER]: terminalId });
    window.loadURL(`${APP_ORIGIN}/?${query}`).catch((error: Error) => {
      // A load that fails after the window is gone has nobody to tell.
      if (!window.isDestroyed()) process.stderr.write(`A terminal's window could not be loaded: ${error.message}\n`);
    });
    return window;
  }

  return {
    show(terminalId) {
      const held = windows.get(terminalId);
      if (held !== undefined) {
        if (held.isMinimized()) held.restore();
        held.focus();
      } else if (windows.size < MOST) windows.set(terminalId, open(terminalId));
    },
    has: (contentsId) => contents.has(contentsId),
    closeAll() {
      for (const window of windows.values()) window.close();
    },
  };
}
