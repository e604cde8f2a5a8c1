import type { MenuItemConstructorOptions } from 'electron';
import type { Screen, ShellAction, ShellTarget } from '../../contract/shell.ts';

export interface MenuActions {
  openProject(): void;
  navigate(target: ShellTarget): void;
  act(action: ShellAction): void;
  quit(): void;
}

/** Screens with their names, in the order of the left rail: Ctrl/Cmd+1 to 9 (ui.md "Frame"). */
const SCREEN_TITLES: readonly (readonly [Screen, string])[] = [
  ['fleet', 'Fleet'],
  ['terminals', 'Terminals'],
  ['mail', 'Mail'],
  ['board', 'Board'],
  ['timeline', 'Timeline'],
  ['merge', 'Merge'],
  ['costs', 'Costs'],
  ['health', 'Health'],
  ['settings', 'Settings'],
];

/**
 * The application menu: the system's standard entries and ours. Shortcuts that the page handles itself are shown but not
 * registered, so that they work alike in a browser and never fire twice.
 */
export function menuTemplate(actions: MenuActions, platform: string, packaged: boolean): MenuItemConstructorOptions[] {
  const shown = (accelerator: string): Pick<MenuItemConstructorOptions, 'accelerator' | 'registerAccelerator'> => ({
    accelerator,
    registerAccelerator: false,
  });
  const mac = platform === 'darwin';
  const quit: MenuItemConstructorOptions = { label: 'Quit', accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
  const project: MenuItemConstructorOptions[] = [
    { label: 'Open Project…', accelerator: 'CmdOrCtrl+O', click: () => actions.openProject() },
    { label: 'Switch Project…', click: () => actions.act('project.switch') },
    { label: 'Run the Rehearsal Demo', click: () => actions.act('demo.start') },
    { type: 'separator' },
    { label: 'Start a Coordinator…', click: () => actions.act('coordinator.start') },
    { label: 'New Task…', click: () => actions.act('task.create') },
    { label: 'New Shell', click: () => actions.act('terminal.openShell') },
    { type: 'separator' },
    { role: 'close' },
    ...(mac ? [] : [quit]),
  ];
  const view: MenuItemConstructorOptions[] = [
    { label: 'Command Palette…', ...shown('CmdOrCtrl+K'), click: () => actions.act('palette.open') },
    { type: 'separator' },
    ...SCREEN_TITLES.map(([screen, label], index) => ({
      label,
      ...shown(`CmdOrCtrl+${index + 1}`),
      click: () => actions.navigate({ screen }),
    })),
    { type: 'separator' },
    { label: 'Open Wallboard', click: () => actions.act('wallboard.open') },
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
    ...(packaged ? [] : ([{ type: 'separator' }, { role: 'toggleDevTools' }] as MenuItemConstructorOptions[])),
  ];
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
    { role: 'windowMenu' },
  ];
}
