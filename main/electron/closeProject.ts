import type { Dialog } from 'electron';
import type { Desktop, OpenProject } from './desktop.ts';
import { askToLeave, leaveRooms, type QuitRoom } from './quit.ts';

export interface ProjectClosingDependencies {
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly desktop: Pick<Desktop, 'projects' | 'detach'>;
  /** How a project is left, but for its connections, which closing ends itself. */
  roomOf(project: OpenProject): Omit<QuitRoom, 'letGo'>;
  /** Called once a project is off the desktop. */
  onClosed(projectRoot: string): void;
}

/** Projects on their way out. */
export interface ProjectClosing {
  /**
   * Closes one project: asks while its agents work, takes it off the desktop, then lets go of its engine as it was
   * answered, and of everything that watched it. False when the person stays, or it is not open.
   */
  close(projectRoot: string): Promise<boolean>;
  /** Resolves once what is being let go of is gone: one project, by default all. */
  settled(projectRoot?: string): Promise<void>;
}

/** Builds the closing of projects; each is asked about once at a time. */
export function createProjectClosing(dependencies: ProjectClosingDependencies): ProjectClosing {
  const { dialog, desktop } = dependencies;
  const asked = new Set<string>();
  const leaving = new Map<string, Promise<void>>();

  async function letGo(project: OpenProject, room: QuitRoom, choice: Parameters<typeof leaveRooms>[1]): Promise<void> {
    try {
      await leaveRooms([room], choice);
    } finally {
      project.watch.close();
      await project.host.close();
    }
  }

  return {
    async close(projectRoot) {
      const project = desktop.projects.get(projectRoot);
      if (project === undefined || asked.has(projectRoot)) return false;
      const room: QuitRoom = {
        ...dependencies.roomOf(project),
        async letGo() {
          // Its watch first: a watch that lost its engine would bring another one.
          project.watch.close();
          await project.host.close();
        },
      };
      asked.add(projectRoot);
      const choice = await askToLeave(dialog, [room]).finally(() => asked.delete(projectRoot));
      // Whoever has gone meanwhile, with its engine, needs no second farewell.
      if (choice === 'cancel' || desktop.projects.get(projectRoot) !== project) return false;
      desktop.detach(projectRoot);
      dependencies.onClosed(projectRoot);
      const gone = letGo(project, room, choice).finally(() => leaving.delete(projectRoot));
      leaving.set(projectRoot, gone);
      await gone;
      return true;
    },
    async settled(projectRoot) {
      await (projectRoot === undefined ? Promise.all(leaving.values()) : leaving.get(projectRoot));
    },
  };
}
