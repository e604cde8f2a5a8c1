import type { App, BrowserWindow, Dialog, Screen } from 'electron';
import { APP_ORIGIN } from '../../contract/shell.ts';
import type { Clock } from '../platform/clock.ts';
import { CRASH, mayReload, type Theme, type WindowState, windowOptions } from './windowRules.ts';

/** Milliseconds that moving or sizing must rest before the bounds are saved. */
const SAVE_AFTER_MS = 400;

export interface WindowDependencies {
  readonly app: Pick<App, 'isPackaged'>;
  readonly BrowserWindow: typeof BrowserWindow;
  readonly screen: Pick<Screen, 'getAllDisplays'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly clock: Clock;
  readonly preload: string;
  /** Keeps the state for the next start; failures are its own business. */
  save(state: WindowState): void;
  /** Asked when a person closes the window: `hide` keeps the app in the tray. */
  onCloseRequest(): 'close' | 'hide';
}

/** The window of the room. */
export interface RoomWindow {
  readonly window: BrowserWindow;
  /** Brings it to the front, out of hiding and out of the dock. */
  focus(): void;
  setTheme(theme: Theme): void;
}

/** Opens the room's window at once in its theme's background colour and loads the page. */
export function openRoomWindow(dependencies: WindowDependencies, initial: WindowState): RoomWindow {
  const { app, screen, clock } = dependencies;
  let state = initial;
  const window = new dependencies.BrowserWindow(
    windowOptions({
      state,
      workAreas: screen.getAllDisplays().map((display) => display.workArea),
      preload: dependencies.preload,
      packaged: app.isPackaged,
    }),
  );
  if (state.maximized) window.maximize();

  let saving: NodeJS.Timeout | undefined;
  const saveSoon = (): void => {
    clearTimeout(saving);
    saving = setTimeout(() => {
      if (window.isDestroyed()) return;
      state = { ...state, bounds: window.getNormalBounds(), maximized: window.isMaximized() };
      dependencies.save(state);
    }, SAVE_AFTER_MS);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('close', (event) => {
    if (dependencies.onCloseRequest() === 'close') return;
    event.preventDefault();
    window.hide();
  });
  window.on('closed', () => clearTimeout(saving));
  // The page's own <title> is that of every face; the shell names the project instead.
  window.on('page-title-updated', (event) => event.preventDefault());
  reloadAfterCrash(dependencies, window, clock);

  const load = (): void => {
    // A load that fails after the window is gone has nobody to tell; any other shows as an empty page, with the reason in the log.
    window.loadURL(`${APP_ORIGIN}/`).catch((error: Error) => {
      if (!window.isDestroyed()) process.stderr.write(`The page could not be loaded: ${error.message}\n`);
    });
  };
  load();

  return {
    window,
    focus() {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    setTheme(theme) {
      if (theme === state.theme || window.isDestroyed()) return;
      state = { ...state, theme };
      dependencies.save(state);
    },
  };
}

/** A crashed page is loaded again after half a second, at most three times a minute; then a person decides (3.1 #23). */
function reloadAfterCrash(dependencies: WindowDependencies, window: BrowserWindow, clock: Clock): void {
  let reloads: readonly number[] = [];
  const reload = (): void => {
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload();
    }, CRASH.reloadAfterMs);
  };
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    const now = clock.now();
    if (mayReload(reloads, now)) {
      reloads = [...reloads.filter((at) => now - at < CRASH.withinMs), now];
      reload();
      return;
    }
    void dependencies.dialog
      .showMessageBox(window, {
        type: 'error',
        message: 'The page of the room keeps crashing.',
        detail: `Reason: ${details.reason}. Agents are not affected. Reload tries once more.`,
        buttons: ['Reload', 'Close the window'],
        defaultId: 0,
        cancelId: 1,
      })
      .then(({ response }) => {
        reloads = [];
        if (response === 0) reload();
        else if (!window.isDestroyed()) window.destroy();
      });
  });
}
