import type { BrowserWindow } from 'electron';
import { APP_ORIGIN, WALLBOARD_VIEW } from '../../contract/shell.ts';
import { FIRST_WINDOW, windowOptions } from './windowRules.ts';

export interface WallboardDependencies {
  readonly BrowserWindow: typeof BrowserWindow;
  readonly preload: string;
  readonly packaged: boolean;
  readonly theme: 'dark' | 'light';
  /** Called before the page loads: its ports may only watch. */
  onContents(id: number): void;
  onClosed(id: number): void;
}

/** Size of a new wallboard, in pixels: half a television, to be made full screen where it hangs. */
const SIZE = { width: 1280, height: 720 };

/** Opens the wallboard: the same page by another address, without any way in. */
export function openWallboard(dependencies: WallboardDependencies): BrowserWindow {
  const { preload, packaged, theme } = dependencies;
  const window = new dependencies.BrowserWindow({
    ...windowOptions({ state: { ...FIRST_WINDOW, theme }, workAreas: [], preload, packaged }),
    ...SIZE,
    title: 'Wallboard · Overstory Control Room',
  });
  const { id } = window.webContents;
  dependencies.onContents(id);
  window.once('closed', () => dependencies.onClosed(id));
  window.on('page-title-updated', (event) => event.preventDefault());
  window.webContents.on('render-process-gone', (_event, details) => {
    // A wall has nobody to press a button: it loads again until it is closed, half a second apart.
    if (details.reason === 'clean-exit') return;
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload();
    }, RELOAD_AFTER_MS);
  });
  window.loadURL(`${APP_ORIGIN}/?view=${WALLBOARD_VIEW}`).catch((error: Error) => {
    if (!window.isDestroyed()) process.stderr.write(`The wallboard could not be loaded: ${error.message}\n`);
  });
  return window;
}

/** Milliseconds before a crashed page is loaded again. */
const RELOAD_AFTER_MS = 500;
