import type { App, Menu, MenuItemConstructorOptions, NativeImage, Tray } from 'electron';
import type { ShellTarget } from '../../contract/shell.ts';
import type { TrayModel } from './trayRules.ts';

export interface TrayDependencies {
  readonly app: Pick<App, 'setBadgeCount'>;
  readonly Tray: typeof Tray;
  readonly Menu: Pick<typeof Menu, 'buildFromTemplate'>;
  icon(badge: boolean): NativeImage;
  open(target: ShellTarget | null): void;
  setPaused(paused: boolean): void;
  quit(): void;
}

export interface RoomTray {
  update(model: TrayModel): void;
  destroy(): void;
}

/** The menu's entries for what the tray shows. */
export function trayTemplate(
  model: TrayModel,
  actions: Pick<TrayDependencies, 'open' | 'setPaused' | 'quit'>,
): MenuItemConstructorOptions[] {
  const zones = model.zones.flatMap((zone): MenuItemConstructorOptions[] => [
    { label: zone.title, enabled: false },
    ...zone.agents.map((agent) => ({
      label: agent.label,
      click: () => actions.open({ screen: 'terminals', agent: agent.name }),
    })),
    ...(zone.more > 0 ? [{ label: `and ${zone.more} more`, click: () => actions.open({ screen: 'fleet' }) }] : []),
    { type: 'separator' },
  ]);
  const attention: MenuItemConstructorOptions[] =
    model.attention > 0
      ? [
          { label: `Attention: ${model.attention}`, click: () => actions.open({ screen: 'fleet' }) },
          { type: 'separator' },
        ]
      : [];
  return [
    ...attention,
    ...zones,
    { label: 'Open the room', click: () => actions.open(null) },
    { label: 'Pause fleet', type: 'checkbox', checked: model.paused, click: (item) => actions.setPaused(item.checked) },
    { type: 'separator' },
    { label: 'Quit', click: () => actions.quit() },
  ];
}

/**
 * Puts the room into the system's tray. Null where there is none: then the window must not hide, because nothing could
 * bring it back.
 */
export function createRoomTray(dependencies: TrayDependencies): RoomTray | null {
  let tray: Tray;
  try {
    tray = new dependencies.Tray(dependencies.icon(false));
  } catch (error) {
    process.stderr.write(`No tray icon on this system: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
  tray.on('click', () => dependencies.open(null));
  let shown = '';
  return {
    update(model) {
      // A rebuilt menu closes the open one on some systems, so it is rebuilt only when it says something else.
      const next = JSON.stringify(model);
      if (next === shown) return;
      shown = next;
      tray.setImage(dependencies.icon(model.attention > 0));
      tray.setToolTip(model.tooltip);
      tray.setContextMenu(dependencies.Menu.buildFromTemplate(trayTemplate(model, dependencies)));
      if (process.platform === 'darwin') tray.setTitle(model.attention > 0 ? String(model.attention) : '');
      dependencies.app.setBadgeCount(model.attention);
    },
    destroy: () => tray.destroy(),
  };
}
