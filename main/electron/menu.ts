import type { KeyboardEvent, MenuItemConstructorOptions } from 'electron';
import { ACTION_GROUPS, type ActionGroup, type PublishedAction } from '../../contract/shellActions.ts';
import { acceleratorOf } from './accelerators.ts';

export interface MenuActions {
  openProject(): void;
  /** Has the page run one of the actions it published. */
  act(actionId: string): void;
  quit(): void;
}

/** The page's action that the shell's own first entry does already, with a key of the system. */
const OPEN_PROJECT = 'project.open';
/** Groups whose entries stand in a submenu that the system's entries share. */
const SHARED: ReadonlySet<ActionGroup> = new Set(['Project', 'View']);

/** Id of an action's entry, by which it is found again. */
export function entryId(actionId: string): string {
  return `action:${actionId}`;
}

/** A title as a menu's label: an ampersand would underline the letter after it. */
function labelOf(title: string): string {
  return title.replaceAll('&', '&&');
}

/** The entry of an action. The page hears its key itself, here it is only shown, so that it never fires twice. */
function actionEntry(action: PublishedAction, actions: MenuActions, platform: string): MenuItemConstructorOptions {
  const accelerator = action.keys === null ? null : acceleratorOf(action.keys, platform);
  const words = action.keys?.replace('Mod', platform === 'darwin' ? 'Cmd' : 'Ctrl');
  return {
    id: entryId(action.id),
    label: labelOf(accelerator !== null || words === undefined ? action.title : `${action.title} (${words})`),
    enabled: action.enabled,
    ...(accelerator === null ? {} : { accelerator, registerAccelerator: false }),
    // A Mac registers what it shows all the same: then the page has had the key already.
    click: (_item, _window, event?: KeyboardEvent) => {
      if (event?.triggeredByAccelerator !== true) actions.act(action.id);
    },
  };
}

/**
 * The application menu: the system's standard entries, and what the page published as its actions, under their groups.
 * Before the page has spoken there are the former only.
 */
export function menuTemplate(
  published: readonly PublishedAction[],
  actions: MenuActions,
  platform: string,
  packaged: boolean,
): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const entries = (group: ActionGroup): readonly MenuItemConstructorOptions[] =>
    published
      .filter((action) => action.group === group && (action.id !== OPEN_PROJECT || action.keys !== null))
      .map((action) => actionEntry(action, actions, platform));
  const shared = (group: ActionGroup): readonly MenuItemConstructorOptions[] => {
    const own = entries(group);
    return own.length === 0 ? [] : [...own, { type: 'separator' }];
  };
  const quit: MenuItemConstructorOptions = { label: 'Quit', accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
  const project: MenuItemConstructorOptions[] = [
    { label: 'Open Project…', accelerator: 'CmdOrCtrl+O', click: () => actions.openProject() },
    ...shared('Project'),
    { role: 'close' },
    ...(mac ? [] : [quit]),
  ];
  const view: MenuItemConstructorOptions[] = [
    ...shared('View'),
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
    ...(packaged ? [] : ([{ type: 'separator' }, { role: 'toggleDevTools' }] as MenuItemConstructorOptions[])),
  ];
  const groups = ACTION_GROUPS.filter((group) => !SHARED.has(group)).flatMap((group): MenuItemConstructorOptions[] => {
    const submenu = entries(group);
    return submenu.length === 0 ? [] : [{ label: group, submenu: [...submenu] }];
  });
  const application: MenuItemConstructorOptions[] = mac
    ? [
        {
          role: 'appMenu',
          submenu: [
            { role: 'about' },
            { type: 'separator' },
            { role: 'services' },
            { type: 'separator' },
            { role: 'hide' },
            { role: 'hideOthers' },
            { role: 'unhide' },
            { type: 'separator' },
            quit,
          ],
        },
      ]
    : [];
  return [
    ...application,
    { label: mac ? 'Project' : '&Project', submenu: project },
    { role: 'editMenu' },
    { label: mac ? 'View' : '&View', submenu: view },
    ...groups,
    { role: 'windowMenu' },
  ];
}
