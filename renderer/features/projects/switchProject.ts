import { callEngine } from '../../actions/calls.ts';
import { enterProject } from '../../client/browserProject.ts';
import type { Room } from '../../stores/room.ts';

/** Brings a project of the list to the front. */
export async function switchProject(room: Room, root: string): Promise<void> {
  if (room.desktop !== null) {
    room.desktop.post({ type: 'openRecent', root });
    return;
  }
  const opened = await callEngine(room, 'projects.open', { path: root });
  if (opened.ok) enterProject(window, opened.value.id);
}
