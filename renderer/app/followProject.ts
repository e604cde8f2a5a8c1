import type { Room } from '../stores/room.ts';

/**
 * Loads the page anew when the desktop brings another project to the front, so that nothing of two projects ever meets on
 * it. The first project of a window comes to a page that has none, and needs no such thing.
 */
export function followProject(room: Room, page: { readonly location: Pick<Location, 'reload'> }): void {
  room.desktop?.project.subscribe(({ said }, before) => {
    const shown = before.said?.project?.root;
    const next = said?.project?.root;
    if (shown !== undefined && next !== undefined && shown !== next) page.location.reload();
  });
}
