import type { Menu } from 'electron';
import type { PublishedAction } from '../../contract/shellActions.ts';
import { entryId, type MenuActions, menuTemplate } from './menu.ts';

export interface RoomMenuDependencies extends Omit<MenuActions, 'act'> {
  /** Has the page run an action; `live` leaves a replay first. */
  act(actionId: string, live: boolean): void;
  readonly Menu: Pick<typeof Menu, 'buildFromTemplate' | 'setApplicationMenu'>;
  readonly platform: string;
  readonly packaged: boolean;
}

/** The application menu as it follows the page. */
export interface RoomMenu {
  /** Shows these actions from now on; none leaves the system's own entries. */
  publish(actions: readonly PublishedAction[]): void;
  /** Has the page run an action; false when the page does not offer it now. */
  act(actionId: string, live: boolean): boolean;
}

/** What decides whether the menu is built anew: everything but what can be done this moment. */
function structure(actions: readonly PublishedAction[]): string {
  return JSON.stringify(actions.map(({ id, group, title, keys }) => [id, group, title, keys]));
}

/** Sets the menu with the system's own entries, and keeps it as the page says. */
export function createRoomMenu(dependencies: RoomMenuDependencies): RoomMenu {
  const { Menu, platform, packaged } = dependencies;
  let published: readonly PublishedAction[] = [];
  const act = (actionId: string, live: boolean): boolean => {
    const offered = published.find(({ id }) => id === actionId)?.enabled === true;
    if (offered) dependencies.act(actionId, live);
    return offered;
  };
  const build = (): Menu => {
    const { openProject, quit } = dependencies;
    const menu = Menu.buildFromTemplate(
      menuTemplate(published, { openProject, quit, act: (id) => void act(id, false) }, platform, packaged),
    );
    Menu.setApplicationMenu(menu);
    return menu;
  };
  let menu = build();
  return {
    publish(actions) {
      const same = structure(actions) === structure(published);
      published = actions;
      if (!same) {
        menu = build();
        return;
      }
      // Entries change in place where they can: a menu built anew closes the open one.
      for (const { id, enabled } of actions) {
        const entry = menu.getMenuItemById(entryId(id));
        if (entry !== null && entry.enabled !== enabled) entry.enabled = enabled;
      }
    },
    act,
  };
}
