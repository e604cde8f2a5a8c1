import type { ShellMessage, ShellTarget } from '../../contract/shell.ts';
import type { Channel, Scheduler } from '../../contract/wire/channel.ts';
import { pipeWhenReady } from './channelPipe.ts';
import type { EngineHost } from './engineHost.ts';
import type { WatchedRoom } from './notificationRules.ts';
import type { ShellPort } from './portBridge.ts';
import { projectReference } from './recentProjects.ts';
import { type RoomWatch, watchRoom } from './roomWatch.ts';

export interface DesktopDependencies {
  createHost(projectRoot: string): EngineHost;
  readonly scheduler: Scheduler;
  /** Called after every change of what tray, notifications and title show; `room` is null until it is known. */
  onRoom(room: WatchedRoom | null, paused: boolean): void;
  /** Called when another project, or none, is open. */
  onProject(projectRoot: string | null): void;
  /** Ends the project that is being left, with the same care as quitting; false keeps it. */
  leave(host: EngineHost): Promise<boolean>;
}

/** The desktop's state: which project is open, and the page's two ports. */
export interface Desktop {
  readonly host: EngineHost | null;
  readonly watch: RoomWatch | null;
  readonly room: WatchedRoom | null;
  open(projectRoot: string): Promise<void>;
  setRecent(recent: readonly string[]): void;
  /** Joins a page to the engine of the open project. */
  servePage(channel: Channel): void;
  /** Adopts the page's shell port and tells it what is open. */
  adoptPort(port: ShellPort): void;
  /** Tells the page, now or as soon as it is there. */
  tell(message: ShellMessage): void;
  navigate(target: ShellTarget): void;
  closeWatch(): void;
}

/** Messages kept for a page that is still loading; only the newest matter. */
const WAITING_MESSAGES = 8;

/** Builds the desktop without a project. */
export function createDesktop(dependencies: DesktopDependencies): Desktop {
  let host: EngineHost | null = null;
  let watch: RoomWatch | null = null;
  let recent: readonly string[] = [];
  let port: ShellPort | null = null;
  let waiting: ShellMessage[] = [];
  let problem: string | null = null;
  let pages: readonly Channel[] = [];

  const projectMessage = (): ShellMessage => ({
    type: 'project',
    project: host === null ? null : projectReference(host.projectRoot),
    recent: recent.map(projectReference),
    problem,
  });
  const tell = (message: ShellMessage): void => {
    if (port !== null) port.send(message);
    else waiting = [...waiting, message].slice(-WAITING_MESSAGES);
  };
  const setProblem = (next: string | null): void => {
    if (next === problem) return;
    problem = next;
    tell(projectMessage());
  };

  function watchProject(project: EngineHost): void {
    const opened = watchRoom({
      open: async () => {
        const channel = await project.open();
        if (host === project) setProblem(channel.ok ? null : channel.error.message);
        return channel;
      },
      scheduler: dependencies.scheduler,
      onChange: () => {
        if (watch === opened) dependencies.onRoom(opened.room, opened.paused);
      },
    });
    watch = opened;
  }

  return {
    get host() {
      return host;
    },
    get watch() {
      return watch;
    },
    get room() {
      return watch?.room ?? null;
    },
    async open(projectRoot) {
      if (host?.projectRoot === projectRoot) return;
      if (host !== null && !(await dependencies.leave(host))) return;
      watch?.close();
      for (const page of pages) page.close('another project was opened');
      pages = [];
      host = dependencies.createHost(projectRoot);
      problem = null;
      dependencies.onProject(projectRoot);
      dependencies.onRoom(null, false);
      watchProject(host);
      tell(projectMessage());
    },
    setRecent(next) {
      recent = next;
      tell(projectMessage());
    },
    servePage(channel) {
      if (host === null) return channel.close('no project is open');
      pages = [...pages, channel];
      channel.onClose(() => {
        pages = pages.filter((page) => page !== channel);
      });
      pipeWhenReady(channel, host.open());
    },
    adoptPort(next) {
      port = next;
      port.send(projectMessage());
      for (const message of waiting) if (message.type !== 'project') port.send(message);
      waiting = [];
    },
    tell,
    navigate: (target) => tell({ type: 'navigate', target }),
    closeWatch() {
      watch?.close();
      watch = null;
    },
  };
}
