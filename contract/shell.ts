import { z } from 'zod';
import { ActionId, PublishedActions } from './shellActions.ts';

/**
 * What the page and the desktop shell say to each other besides the room contract. The preload puts exactly
 * `window.shell` (a `DesktopShell`) into the page; everything else travels over two MessagePorts:
 *
 * 1. The page posts `{ type: shell.onPort.ask, nonce }` to its own window (origin `location.origin`).
 * 2. The preload answers there with `{ type: shell.onPort.answer, nonce }` and two ports: `ports[0]` carries the room
 *    contract's frames to an engine, `ports[1]` carries the messages below, each as JSON text.
 *
 * The page may ask again at any time, for instance after `ports[0]` closed: new ports replace the old ones.
 * In a browser there is no `window.shell`.
 */
export interface DesktopShell {
  readonly kind: 'desktop';
  /** `darwin`, `linux` or `win32`: decides the modifier key in shortcuts and the side of the window's buttons. */
  readonly platform: string;
  readonly versions: { readonly electron: string; readonly chrome: string; readonly node: string };
  /** Message types of the hand-over: data, so that no function crosses from page to shell (engineering.md 3.1 #17). */
  readonly onPort: typeof PORT_HAND_OVER;
}

/** Message types of the hand-over between page and preload. */
export const PORT_HAND_OVER = { ask: 'connect', answer: 'connected' } as const;

/** IPC channel on which the preload passes the ports to the main process. */
export const PORT_CHANNEL = 'core:connect';

/** Value of the address' `view` that shows the wallboard instead of the room. */
export const WALLBOARD_VIEW = 'wallboard';

/** Name of the address' parameter that holds the id of the one terminal a window shows instead of the room. */
export const TERMINAL_PARAMETER = 'terminal';

/** Origin under which the desktop shell serves the page. */
export const APP_ORIGIN = 'app://control';

/** The screens of the left rail (ui.md "Frame"). */
export const SCREENS = [
  'fleet',
  'terminals',
  'mail',
  'board',
  'timeline',
  'merge',
  'costs',
  'health',
  'settings',
] as const;
export const Screen = z.enum(SCREENS);
export type Screen = z.infer<typeof Screen>;

/** A place to land on: a click on a notification, a tray entry, a menu item or a deep link. */
export const ShellTarget = z.object({
  screen: Screen,
  agent: z.string().max(64).optional(),
  /** Id of an attention item to select. */
  attentionId: z.string().max(300).optional(),
});
export type ShellTarget = z.infer<typeof ShellTarget>;

export const ProjectReference = z.object({ root: z.string(), name: z.string() });
export type ProjectReference = z.infer<typeof ProjectReference>;

/** Shell to page. */
export const ShellMessage = z.discriminatedUnion('type', [
  /** First message of a port, and again when one of the values changes. Without a project the room port stays silent. */
  z.object({
    type: z.literal('project'),
    project: ProjectReference.nullable(),
    recent: z.array(ProjectReference),
    /** One line that says why the project has no engine; null when all is well. */
    problem: z.string().nullable(),
    /** A rehearsal project is being made; it is opened as soon as it is there. */
    makingDemo: z.boolean(),
  }),
  z.object({ type: z.literal('navigate'), target: ShellTarget }),
  /** Runs an action of the page's registry. `live` leaves a replay first: the tray speaks of what goes on now. */
  z.object({ type: z.literal('action'), action: ActionId, live: z.boolean().optional() }),
]);
export type ShellMessage = z.infer<typeof ShellMessage>;

/** Page to shell. */
export const PageMessage = z.discriminatedUnion('type', [
  /** Theme in use, so that the next window opens in its background colour. */
  z.object({ type: z.literal('theme'), theme: z.enum(['dark', 'light']) }),
  /** Asks to open a link outside; one from terminal output is confirmed by the person first (engineering.md 3.1 #12). */
  z.object({ type: z.literal('openExternal'), url: z.string().max(4_096), source: z.enum(['interface', 'terminal']) }),
  /** Shows the folder dialogue, and carries an action out in the project that is opened. */
  z.object({ type: z.literal('openProject'), action: ActionId.optional() }),
  /** Opens a project that was opened on this machine before. */
  z.object({ type: z.literal('openRecent'), root: z.string().max(4_096) }),
  /** Lets go of the project in front; where its agents work, a question comes first. */
  z.object({ type: z.literal('closeProject') }),
  /** Makes a rehearsal project, starts its run and opens it. */
  z.object({ type: z.literal('openDemo') }),
  /** Shows one terminal in a window of its own, or brings that window to the front. */
  z.object({ type: z.literal('popOutTerminal'), terminalId: z.string().min(1).max(200) }),
  /** All actions with their present names and keys, for the application menu: once, and again after every change. */
  z.object({ type: z.literal('actions'), actions: PublishedActions }),
  /** Shows the wallboard in a window of its own. */
  z.object({ type: z.literal('openWallboard') }),
]);
export type PageMessage = z.infer<typeof PageMessage>;
