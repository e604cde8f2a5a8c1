import type { BrowserWindowConstructorOptions, Rectangle } from 'electron';

/** Background of a window before its page draws, by theme: `--surface-base` of renderer/styles/tokens.css. */
export const BACKGROUND = { dark: '#0b0f12', light: '#f4f5f6' } as const;
export type Theme = keyof typeof BACKGROUND;

/** What is remembered of the window between starts. */
export interface WindowState {
  readonly bounds: Rectangle | null;
  readonly maximized: boolean;
  readonly theme: Theme;
}

export const FIRST_WINDOW: WindowState = { bounds: null, maximized: false, theme: 'dark' };

/** Size of a first window and the least a window can have, in pixels; 1280x800 is the smaller of the sizes we design for. */
const FIRST_SIZE = { width: 1280, height: 800 };
const LEAST_SIZE = { width: 880, height: 560 };

/** Pixels of the title bar that must stay reachable for bounds to count as on a display. */
const REACHABLE = { width: 160, height: 32 };

/** Saved bounds if enough of the window's top edge is still on some display to grab it, else null. */
export function restoreBounds(bounds: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle | null {
  if (bounds === null || bounds.width < LEAST_SIZE.width || bounds.height < LEAST_SIZE.height) return null;
  const reachable = workAreas.some((area) => {
    const width = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
    return width >= REACHABLE.width && bounds.y >= area.y && bounds.y + REACHABLE.height <= area.y + area.height;
  });
  return reachable ? bounds : null;
}

/** Reads a saved state; anything unexpected falls back to that of a first start. */
export function parseWindowState(content: unknown): WindowState {
  if (typeof content !== 'object' || content === null) return FIRST_WINDOW;
  const { bounds, maximized, theme } = content as Record<string, unknown>;
  return {
    bounds: isRectangle(bounds) ? bounds : null,
    maximized: maximized === true,
    theme: theme === 'light' ? 'light' : 'dark',
  };
}

function isRectangle(value: unknown): value is Rectangle {
  if (typeof value !== 'object' || value === null) return false;
  const rectangle = value as Record<string, unknown>;
  return ['x', 'y', 'width', 'height'].every((key) => Number.isSafeInteger(rectangle[key]));
}

/** Every option of a room window; the preferences are engineering.md 3.1 #1 to #6, to the letter. */
export function windowOptions(input: {
  readonly state: WindowState;
  readonly workAreas: readonly Rectangle[];
  readonly preload: string;
  readonly packaged: boolean;
}): BrowserWindowConstructorOptions {
  const bounds = restoreBounds(input.state.bounds, input.workAreas);
  return {
    ...(bounds ?? FIRST_SIZE),
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    title: 'Overstory Control Room',
    backgroundColor: BACKGROUND[input.state.theme],
    show: true,
    // The room has its own strip at the top; Alt shows the menu.
    autoHideMenuBar: true,
    webPreferences: {
      preload: input.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
      disableDialogs: true,
      navigateOnDragDrop: false,
      autoplayPolicy: 'user-gesture-required',
      devTools: !input.packaged,
    },
  };
}

/** Milliseconds before a crashed page is loaded again, and how often within which time (engineering.md 3.1 #23). */
export const CRASH = { reloadAfterMs: 500, most: 3, withinMs: 60_000 } as const;

/** True when a page that crashed now may be loaded again. @param crashes times of earlier reloads, milliseconds. */
export function mayReload(crashes: readonly number[], now: number): boolean {
  return crashes.filter((at) => now - at < CRASH.withinMs).length < CRASH.most;
}
