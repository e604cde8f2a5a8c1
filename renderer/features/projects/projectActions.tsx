import { callEngine } from '../../actions/calls.ts';
import type { Action } from '../../actions/registry.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { enterProject } from '../../client/browserProject.ts';
import type { Room } from '../../stores/room.ts';
import { OpenFolderDialog } from './OpenFolderDialog.tsx';
import { ProjectSwitcher } from './ProjectSwitcher.tsx';

/** Opens a folder: by the desktop's own dialogue, in a browser by its path. */
function openFolder(room: Room): void {
  if (room.desktop !== null) room.desktop.post({ type: 'openProject' });
  else openDialog(room, (close) => <OpenFolderDialog close={close} />);
}

/** Makes a rehearsal project, starts its run and brings it to the front. */
async function runDemo(room: Room): Promise<void> {
  if (room.desktop !== null) {
    room.desktop.post({ type: 'openDemo' });
    return;
  }
  room.notices.say('info', 'Making the rehearsal project…');
  const made = await callEngine(room, 'projects.createDemo', {});
  if (made.ok) enterProject(window, made.value.id);
}

/** True while the page may do everything: projects are opened with every right. */
function mayOpen(room: Room): boolean {
  const state = room.link.state.getState();
  return room.desktop !== null || (state.kind === 'online' && state.scope === 'admin');
}

/** Actions about projects as wholes. */
export const projectActions: readonly Action[] = [
  {
    id: 'project.switch',
    group: 'Project',
    title: () => 'Switch project…',
    shortcut: 'Mod+Shift+P',
    keywords: 'recent open another repository',
    when: ({ room }) => mayOpen(room),
    run: ({ room }) => openDialog(room, (close) => <ProjectSwitcher close={close} />),
  },
  {
    id: 'project.open',
    group: 'Project',
    title: () => 'Open a project…',
    keywords: 'folder repository path',
    when: ({ room }) => mayOpen(room),
    run: ({ room }) => openFolder(room),
  },
  {
    id: 'project.close',
    group: 'Project',
    title: () => 'Close project',
    keywords: 'leave let go engine',
    // A browser's engine is somebody else's to end.
    when: ({ room }) => room.desktop !== null && room.desktop.project.getState().said?.project != null,
    run: ({ room }) => room.desktop?.post({ type: 'closeProject' }),
  },
  {
    id: 'demo.start',
    group: 'Project',
    title: () => 'Run the rehearsal demo',
    keywords: 'sample try example without ai',
    when: ({ room }) => mayOpen(room),
    run: ({ room }) => runDemo(room),
  },
  {
    id: 'wallboard.open',
    group: 'Project',
    title: () => 'Open wallboard',
    keywords: 'screen wall television read-only big',
    run: ({ room }) => {
      if (room.desktop !== null) room.desktop.post({ type: 'openWallboard' });
      // Of this page's own making: the new tab takes over its sign-in, and asks for no more than watching.
      else window.open('?view=wallboard', '_blank');
    },
  },
  {
    id: 'wallboard.link',
    live: true,
    group: 'Project',
    title: () => 'Copy a read-only link to the wallboard',
    keywords: 'screen wall television share',
    when: ({ room }) => mayOpen(room),
    run: async ({ room }) => {
      const made = await callEngine(room, 'engine.browserLink', { scope: 'read', view: 'wallboard' });
      if (!made.ok) return;
      try {
        await navigator.clipboard.writeText(made.value.url);
        room.notices.say('info', 'Copied a one-time link that only watches.');
      } catch {
        // Without permission for the clipboard the person copies it by hand.
        room.notices.say('info', made.value.url);
      }
    },
  },
];
